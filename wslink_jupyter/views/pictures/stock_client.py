"""What one client of VTK's own protocol, such as vtk.js, wants to see, and does with the mouse."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from wslink_jupyter.errors import InvalidParams
from wslink_jupyter.views.pictures.events import Event, check_number
from wslink_jupyter.views.pictures.stream import MIN_INTERVAL_S, Frame, Stream

#: Until the client says how large its panel is.
_SIZE_PX = (400, 400)
#: Smaller ones are those of hidden panels.
_MIN_SIDE_PX = 10
DEFAULT_FPS = 30.0
#: Longer than a client that does not read stays: no more frames wait for it meanwhile.
_SENT_TIMEOUT_S = 60.0
_MIN_FPS = 0.1

#: As our own events count them.
_BUTTONS = {"buttonLeft": 1, "buttonRight": 2, "buttonMiddle": 3}
_MODIFIERS = {"shiftKey": "Shift", "ctrlKey": "Control", "altKey": "Alt", "metaKey": "Meta"}
#: Of our own wheel events, for what VTK's call one.
_WHEEL_STEP = 100.0


class StockStream(Stream):
    """A stream whose client says itself how good the frames are, and expects none but JPEGs.

    Attributes
    ----------
    animates : bool
        Whether it gets frames all the time, of what has not changed, too.
    """

    def __init__(self, now_s: float) -> None:
        super().__init__(*_SIZE_PX, 1.0, now_s)
        self.quality = 100
        self.ack_timeout_s = _SENT_TIMEOUT_S
        self.animates = False
        self.fps = DEFAULT_FPS
        self._sides_px: tuple[float, float] = _SIZE_PX
        self._ratio = 1.0

    @property
    def fps(self) -> float:
        """How many frames it gets in a second, at most."""
        return 1 / self.min_interval_s

    @fps.setter
    def fps(self, fps: object) -> None:
        self.min_interval_s = max(1 / max(check_number(fps, "fps"), _MIN_FPS), MIN_INTERVAL_S)

    def set_size(self, width: object, height: object, now_s: float) -> None:
        """Note the size of the panel."""
        sides_px = check_number(width, "width"), check_number(height, "height")
        if min(sides_px) > _MIN_SIDE_PX:
            self._sides_px = sides_px
            self.resize(*sides_px, self._ratio, now_s)

    def set_quality(self, quality: object, ratio: object, now_s: float) -> None:
        """Note how good frames are from now on: of JPEGs, and relative to the panel."""
        self.quality = int(min(max(check_number(quality, "quality"), 1), 100))
        self._ratio = check_number(ratio, "ratio")
        self.resize(*self._sides_px, self._ratio, now_s)

    def next_frame(self, now_s: float, will_change: bool = False) -> Frame | None:
        """Return what the client needs now, if it may have it."""
        frame = super().next_frame(now_s, will_change)
        return None if frame is None else replace(frame, lossless=False)

    def sent(self, version: int, lossless: bool, now_s: float) -> int:
        """Note that a frame leaves that shows `version`; return its number."""
        number = super().sent(version, lossless, now_s)
        if self.animates:
            self.changed(now_s)
        return number

    def _adapt(self, latency_s: float) -> None:
        """Leave it to the client."""


class StockMouse:
    """Makes our events from the states of the mouse that a client tells.

    VTK's clients say "down" for every move while a button is pressed.
    """

    def __init__(self) -> None:
        self._pressed: frozenset[int] = frozenset()
        #: As fractions of the panel, from the bottom left.
        self._place: tuple[float, float] | None = None
        self._modifiers: tuple[str, ...] = ()
        self._spin = 0.0

    def moved(self, event: Mapping[str, Any]) -> list[Event]:
        """Return what happened until a ``viewport.mouse.interaction``."""
        place = check_number(event.get("x"), "x"), check_number(event.get("y"), "y")
        self._modifiers = tuple(name for key, name in _MODIFIERS.items() if event.get(key))
        events = []
        if place != self._place:
            self._place = place
            events.append(self._event("pointer_move"))
        is_up = event.get("action") == "up"
        return events + self._pressed_now(
            frozenset(n for key, n in _BUTTONS.items() if event.get(key) and not is_up)
        )

    def released(self) -> list[Event]:
        """Return the end of what was begun."""
        return self._pressed_now(frozenset())

    def _pressed_now(self, buttons: frozenset[int]) -> list[Event]:
        before, self._pressed = self._pressed, buttons
        return [
            *(self._event("pointer_up", button=button) for button in sorted(before - buttons)),
            *(self._event("pointer_down", button=button) for button in sorted(buttons - before)),
        ]

    def turned(self, event: Mapping[str, Any]) -> list[Event]:
        """Return what happened until a ``viewport.mouse.zoom.wheel``."""
        if "spinY" not in event:  # the end
            self._spin = 0.0
            return []
        self._spin += check_number(event["spinY"], "spinY")
        steps = int(self._spin)  # touch pads tell small parts of one
        self._spin -= steps
        events = self.moved(event) if "x" in event else []
        if steps:
            events.append(self._event("wheel", dy=steps * _WHEEL_STEP))
        return events

    def _event(self, kind: str, *, button: int = 0, dy: float = 0.0) -> Event:
        x, y = self._place or (0.5, 0.5)
        return {
            "event_type": kind,
            "x": x,
            "y": 1 - y,
            "width": 1.0,
            "height": 1.0,
            "button": button,
            "buttons": tuple(sorted(self._pressed)),
            "modifiers": self._modifiers,
            "dx": 0.0,
            "dy": dy,
        }


def check_camera(parameters: object) -> dict[str, Any]:
    """Return parameters of a camera that came from a client, without those that are unknown.

    Raises
    ------
    InvalidParams
        If they are not what vtk.js sends.
    """
    if not isinstance(parameters, dict):
        raise InvalidParams(f"camera: expected a mapping, got {type(parameters).__name__}")
    checked: dict[str, Any] = {}
    for name in ("focalPoint", "viewUp", "position"):
        if name in parameters:
            value = parameters[name]
            if not isinstance(value, list | tuple) or len(value) != 3:
                raise InvalidParams(f"{name}: expected three numbers, got {value!r:.60}")
            checked[name] = [check_number(each, name) for each in value]
    for name in ("viewAngle", "parallelScale"):
        if name in parameters:
            checked[name] = check_number(parameters[name], name)
    if "parallelProjection" in parameters:
        checked["parallelProjection"] = bool(parameters["parallelProjection"])
    return checked
