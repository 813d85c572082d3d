"""What can be encoded: found out before it is, with the path of what cannot.

Refuses what msgpack does not know, and what a JavaScript client could not read.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from wslink_jupyter.limits import Limits
from wslink_jupyter.wire.arrays import encode_array, is_array, is_scalar

_SCALARS = frozenset({type(None), bool, int, float, str, bytes, bytearray, memoryview})
#: JavaScript's msgpack refuses maps with other keys, and the call would hang.
_KEYS = frozenset({str, int, float})
_INT_RANGE = range(-(2**63), 2**64)
#: What our decoders take; deeper ones would lose the reply.
_MAX_DEPTH = Limits.max_depth
_MAX_PATH_CHARS = 120
#: That a value takes by itself, at most.
_MOST_LEVELS = 2


class Fault(Exception):
    """A value that cannot be packed, with its path from the inside out."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what
        self.steps: list[str] = []

    def describe(self, name: str | None) -> str:
        """Return the sentence; `name` is what the value is called, None if it is an envelope."""
        path = "".join(reversed(self.steps))
        if len(path) > _MAX_PATH_CHARS:
            path = f"{path[:_MAX_PATH_CHARS]}..."
        if name is not None:
            return f"{name}{path}: {self.what}"
        # An envelope is a map whose keys are what the reader knows:
        # "result['a'][3]", not "$['result']['a'][3]".
        top, _, rest = path.removeprefix("['").partition("']")
        return f"{top}{rest}: {self.what}" if path.startswith("['") else f"${path}: {self.what}"


def check(value: object, *, closely: bool) -> None:
    """Raise `Fault` if `value` holds something that cannot be encoded.

    Not `closely`, runs of scalars are judged by their types alone, at the
    speed of ``set(map(type, ...))``.
    """
    _check(value, _MAX_DEPTH, closely=closely)


def _check(value: Any, depth: int, *, closely: bool) -> None:
    kind = type(value)
    if kind in _SCALARS:
        if closely:
            _check_scalar(value)
    elif isinstance(value, datetime):
        if closely and value.tzinfo is None:
            raise Fault("expected a datetime with a time zone, got a naive one")
    elif depth < _MOST_LEVELS and depth < _levels(value):
        raise Fault(f"expected at most {_MAX_DEPTH} levels of nesting (a cycle?)")
    elif isinstance(value, dict):
        if closely or not _KEYS.issuperset(map(type, value)):
            _check_keys(value)
        _check_all(value.items(), value.values(), depth, closely=closely)
    elif isinstance(value, list | tuple):
        _check_all(enumerate(value), value, depth, closely=closely)
    elif is_array(value) or is_scalar(value):
        if closely:
            _check_numpy(value)
    elif not isinstance(value, int | float | str) and not _is_timestamp(kind):
        raise Fault(f"{kind}")
    elif closely:
        _check_scalar(value)


def _check_keys(value: dict[Any, Any]) -> None:
    for key in value:
        if type(key) not in _KEYS:
            raise Fault(f"expected keys of str or number, got {_name(key)}")
        _check_scalar(key)


def _is_timestamp(kind: type) -> bool:
    """Return whether values of that type are msgpack's own timestamps."""
    return (kind.__module__, kind.__name__) == ("msgpack.ext", "Timestamp")


def _levels(value: object) -> int:
    """Return how many levels of nesting `value` takes by itself."""
    if is_scalar(value):
        return 0
    return 2 if is_array(value) else 1  # an array is a map with a list, its shape


def _check_all(items: Any, values: Any, depth: int, *, closely: bool) -> None:
    if not closely and _SCALARS.issuperset(map(type, values)):
        return
    for key, value in items:
        try:
            _check(value, depth - 1, closely=closely)
        except Fault as fault:
            fault.steps.append(f"[{key!r}]")
            raise


def _check_scalar(value: object) -> None:
    if isinstance(value, int) and value not in _INT_RANGE:
        bits = value.bit_length() + (value < 0)
        raise Fault(f"expected an integer of at most 64 bits, got {bits} bits")
    if isinstance(value, str):
        try:
            value.encode()
        except UnicodeEncodeError as error:
            raise Fault(f"expected text that UTF-8 can hold, got {error.reason}") from error
    if isinstance(value, memoryview) and not value.contiguous:
        raise Fault("expected contiguous memory, got a memoryview with gaps; copy it to bytes")


def _name(key: object) -> str:
    try:
        return f"{key!r:.60}"
    except Exception:  # whatever the user's __repr__ raises
        return f"a {type(key).__name__}"


def _check_numpy(value: Any) -> None:
    try:
        if not is_scalar(value):
            encode_array(value)
            return
        item = value.item()
    except (TypeError, ValueError, OverflowError, BufferError) as error:
        raise Fault(str(error)) from error
    if type(item) is type(value):
        raise Fault(f"{type(value)}")
    _check(item, _MAX_DEPTH, closely=True)
