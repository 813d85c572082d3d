"""What clients of VTK's protocol say, and what becomes of it."""

from __future__ import annotations

import math
from typing import Any

import pytest

from wslink_jupyter.errors import InvalidParams
from wslink_jupyter.views.pictures.stock_client import StockMouse, StockStream, check_camera


def state(x: float, y: float, **more: Any) -> dict[str, Any]:
    pressed = any(name.startswith("button") for name in more)
    return {"action": "down" if pressed else "up", "x": x, "y": y, **more}


def told(events: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    return [(event["event_type"], event["button"], event["buttons"]) for event in events]


def test_states_of_the_mouse_become_presses_moves_and_releases() -> None:
    mouse = StockMouse()
    pressed = mouse.moved(state(0.25, 0.75, buttonLeft=1, ctrlKey=1))
    assert told(pressed) == [("pointer_move", 0, ()), ("pointer_down", 1, (1,))]
    assert [pressed[1][name] for name in ("x", "y", "width", "height")] == [0.25, 0.25, 1, 1]
    assert pressed[1]["modifiers"] == ("Control",)
    moved = mouse.moved(state(0.3, 0.75, buttonLeft=1))
    assert told(moved) == [("pointer_move", 0, (1,))]
    # A second button comes and goes without a move.
    both = mouse.moved(state(0.3, 0.75, buttonLeft=1, buttonMiddle=1))
    assert told(both) == [("pointer_down", 3, (1, 3))]
    assert told(mouse.moved(state(0.3, 0.75))) == [("pointer_up", 1, ()), ("pointer_up", 3, ())]
    assert mouse.released() == []
    mouse.moved(state(0.3, 0.75, buttonRight=1))
    assert told(mouse.released()) == [("pointer_up", 2, ())]


def test_small_turns_of_the_wheel_add_up() -> None:
    mouse = StockMouse()
    turns = [mouse.turned({"type": "MouseWheel", "spinY": 0.25}) for _ in range(8)]
    assert [event["dy"] for events in turns for event in events] == [100, 100]
    (back,) = mouse.turned({"type": "MouseWheel", "spinY": -3})
    assert back["dy"] == -300
    assert mouse.turned({"type": "EndMouseWheel"}) == []


@pytest.mark.parametrize(
    "event",
    [{"x": 0}, {"x": "1", "y": 0}, {"x": math.nan, "y": 0}, {"x": 0, "y": 0, "spinY": None}],
)
def test_what_is_no_event_is_refused(event: dict[str, Any]) -> None:
    with pytest.raises(InvalidParams):
        StockMouse().turned({"spinY": 1, **event})


@pytest.mark.parametrize(
    "camera", [None, {"position": [1, 2]}, {"viewUp": [0, "1", 0]}, {"viewAngle": True}]
)
def test_what_is_no_camera_is_refused(camera: Any) -> None:
    with pytest.raises(InvalidParams):
        check_camera(camera)


def test_frames_are_as_the_client_says() -> None:
    stream = StockStream(0.0)
    stream.set_size(300, 200, 0.0)
    stream.set_quality(40, 0.5, 0.0)
    frame = stream.next_frame(0.0)
    assert frame is not None
    assert (frame.width, frame.height, frame.quality) == (150, 100, 40)
    stream.acknowledged(stream.sent(stream.version, False, 0.0), 3.0)  # late, and no worse for it
    stream.set_size(0, 0, 3.0)  # of a panel that is hidden
    still = stream.next_frame(3.5)
    assert still is not None
    assert (still.width, still.quality, still.still, still.lossless) == (150, 40, True, False)
    with pytest.raises(InvalidParams):
        stream.fps = "fast"
