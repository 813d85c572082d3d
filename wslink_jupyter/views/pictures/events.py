"""What the user does in a panel, as it arrives from a client.

The names are those of the rendercanvas event specification (jupyter_rfb,
pygfx): ``event_type``, ``x``, ``y``, ``button``, ``buttons``, ``modifiers``,
``dx``, ``dy``, ``key``; positions are CSS pixels from the top left corner.
Added to it: ``width`` and ``height`` of the panel.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

from wslink_jupyter.errors import InvalidParams

Event = dict[str, Any]

_POINTER = {
    "pointer_down",
    "pointer_move",
    "pointer_up",
    "pointer_enter",
    "pointer_leave",
    "double_click",
    "wheel",
}
_KEY = {"key_down", "key_up"}
#: Of which only the last, or the sum, counts.
_MOVING = ("pointer_move", "wheel")
_MAX_EVENTS = 1000


def check_number(value: object, name: str) -> float:
    """Return a finite number that came from a client, else raise `InvalidParams`."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise InvalidParams(f"{name}: expected a finite number, got {value!r:.40}")
    return float(value)


def check_events(events: object) -> list[Event]:
    """Return events that came from a client.

    Raises
    ------
    InvalidParams
        If they are not what is described above.
    """
    if not isinstance(events, list) or len(events) > _MAX_EVENTS:
        raise InvalidParams(f"events: expected a list of at most {_MAX_EVENTS} events")
    return [_check_event(event, f"events[{index}]") for index, event in enumerate(events)]


def _check_event(event: object, place: str) -> Event:
    kind = event.get("event_type") if isinstance(event, dict) else None
    if not isinstance(event, dict) or not isinstance(kind, str) or kind not in _POINTER | _KEY:
        raise InvalidParams(f"{place}: expected an event with a known event_type, got {kind!r:.40}")
    checked = dict(event)
    if kind in _KEY:
        if not isinstance(event.get("key"), str):
            raise InvalidParams(f"{place}.key: expected text")
    else:
        for name in ("x", "y", "width", "height"):
            checked[name] = check_number(event.get(name), f"{place}.{name}")
        for name in ("dx", "dy"):
            checked[name] = check_number(event.get(name, 0), f"{place}.{name}")
    for name in ("button", "ntouches"):
        checked[name] = int(check_number(event.get(name, 0), f"{place}.{name}"))
    for name, kind_of in (("modifiers", str), ("buttons", int)):
        values = event.get(name, [])
        if not isinstance(values, list | tuple) or not all(isinstance(v, kind_of) for v in values):
            raise InvalidParams(f"{place}.{name}: expected a list of {kind_of.__name__}")
        checked[name] = tuple(values)
    return checked


def coalesced(events: Iterable[Event]) -> list[Event]:
    """Return events with each run of moves, or of wheel steps, made into one."""
    kept: list[Event] = []
    for event in events:
        last = kept[-1] if kept else None
        if last is None or event["event_type"] not in _MOVING or not _is_same(last, event):
            kept.append(event)
        elif event["event_type"] == "wheel":
            sums = {name: last[name] + event[name] for name in ("dx", "dy")}
            kept[-1] = {**event, **sums}
        else:
            kept[-1] = event
    return kept


def _is_same(one: Event, other: Event) -> bool:
    same = ("event_type", "buttons", "modifiers", "width", "height")
    return all(one.get(name) == other.get(name) for name in same)
