import math

import pytest

from wslink_jupyter.errors import InvalidParams
from wslink_jupyter.views.pictures.events import check_events, coalesced


def move(x, kind="pointer_move", **more):
    return {"event_type": kind, "x": x, "y": 0, "width": 9, "height": 9, **more}


def test_a_run_of_moves_is_its_last_and_steps_add_up():
    events = check_events(
        [
            *(move(x) for x in range(3)),
            move(2, "pointer_down", button=1, buttons=[1]),
            *(move(x, buttons=[1]) for x in range(3)),
            *(move(0, "wheel", dy=dy) for dy in (100, 50)),
        ]
    )
    kept = coalesced(events)
    kinds = [(event["event_type"], event["x"]) for event in kept]
    assert kinds == [("pointer_move", 2), ("pointer_down", 2), ("pointer_move", 2), ("wheel", 0)]
    assert kept[-1]["dy"] == 150


@pytest.mark.parametrize(
    "events",
    [
        None,
        [None],
        [{}],
        [{"event_type": "close"}],
        [{"event_type": ["wheel"]}],
        [{"event_type": "key_down"}],
        [{"event_type": "pointer_move"}],
        [move(math.nan)],
        [move("1")],
        [move(1, modifiers="Shift")],
        [move(1, buttons=[None])],
        [move(1)] * 1001,
    ],
)
def test_what_clients_should_not_send_is_refused(events):
    with pytest.raises(InvalidParams):
        check_events(events)
