"""Messages to bytes and back: msgpack under limits.

The only importer of msgpack. Packing refuses what a JavaScript client could
not read, with the path of the value; unpacking refuses what would cost more
than its bytes.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import msgpack

from wslink_jupyter.errors import InvalidMessage, NotSerializable
from wslink_jupyter.limits import Limits
from wslink_jupyter.wire.arrays import (
    NDARRAY,
    TYPE_KEY,
    decode_array,
    encode_array,
    is_array,
    is_scalar,
)
from wslink_jupyter.wire.header import Buffer

_SCALARS = frozenset({type(None), bool, int, float, str, bytes, bytearray, memoryview})
#: JavaScript's msgpack refuses maps with other keys, and the call would hang.
_KEYS = frozenset({str, int, float})
_INT_RANGE = range(-(2**63), 2**64)
#: What our decoders take; deeper ones would lose the reply.
_MAX_PACK_DEPTH = Limits.max_depth
_MAX_PATH_CHARS = 120
#: Enough for the version and the longest id.
_PEEK_BYTES = 2048


class _Fault(Exception):
    """A value that cannot be packed, with its path from the inside out."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what
        self.steps: list[str] = []

    def describe(self) -> str:
        path = "".join(reversed(self.steps))
        if len(path) > _MAX_PATH_CHARS:
            path = f"{path[:_MAX_PATH_CHARS]}..."
        # The message itself is a map whose keys are what the reader knows:
        # "result['a'][3]", not "$['result']['a'][3]".
        top, _, rest = path.removeprefix("['").partition("']")
        return f"{top}{rest}: {self.what}" if path.startswith("['") else f"${path}: {self.what}"


def pack(message: object) -> bytes:
    """Encode `message`.

    Parameters
    ----------
    message : object
        None, bool, int (-2**63 to 2**64 - 1), float, str, bytes-like, aware
        datetime, numpy scalars and arrays, lists, tuples, and dicts with
        keys of str or number, nested at most 64 deep.

    Returns
    -------
    bytes

    Raises
    ------
    NotSerializable
        If a value cannot be encoded; the message names its path, such as
        ``result['a'][3]: <class 'Foo'>`` for the message ``{"result": ...}``.
    """
    try:
        _check(message, _MAX_PACK_DEPTH, closely=False)
        return _pack(message)
    except _Fault as fault:
        raise NotSerializable(fault.describe()) from None
    except NotSerializable:
        raise
    except Exception as error:  # user objects run code when they are looked at
        # Rare, so found by a second, closer look: an integer out of range, a
        # lone surrogate, a naive datetime, an array of objects.
        try:
            _check(message, _MAX_PACK_DEPTH, closely=True)
        except _Fault as fault:
            raise NotSerializable(fault.describe()) from error
        except Exception:  # the same object's, once more
            raise NotSerializable(f"message: {type(error).__name__}: {error}") from error
        raise NotSerializable(f"message: {error}") from error


def _pack(message: object) -> bytes:
    # autoreset copies once; the Packer is not kept, a large message would
    # leave its buffer behind.
    packed: bytes = msgpack.Packer(use_bin_type=True, datetime=True, default=_encode).pack(message)
    return packed


def _encode(value: object) -> object:
    if is_scalar(value):
        return value.item()  # type: ignore[attr-defined]
    if is_array(value):
        return encode_array(value)
    raise TypeError(f"{type(value)}")


def _check(value: Any, depth: int, *, closely: bool) -> None:
    """Raise `_Fault` if `value` holds something that cannot be packed.

    Not `closely`, runs of scalars are judged by their types alone, at the
    speed of ``set(map(type, ...))``.
    """
    kind = type(value)
    if kind in _SCALARS:
        if closely:
            _check_scalar(value)
    elif isinstance(value, datetime):
        if closely and value.tzinfo is None:
            raise _Fault("expected a datetime with a time zone, got a naive one")
    elif depth < _levels(value):
        raise _Fault(f"expected at most {_MAX_PACK_DEPTH} levels of nesting (a cycle?)")
    elif isinstance(value, dict):
        for key in value:
            if type(key) not in _KEYS:
                raise _Fault(f"expected keys of str or number, got {_name(key)}")
            if closely:
                _check_scalar(key)
        _check_all(value.items(), value.values(), depth, closely=closely)
    elif isinstance(value, list | tuple):
        _check_all(enumerate(value), value, depth, closely=closely)
    elif is_array(value) or is_scalar(value):
        if closely:
            try:
                _pack(value)
            except (TypeError, ValueError, OverflowError, BufferError) as error:
                raise _Fault(str(error)) from error
    elif not isinstance(value, int | float | str):
        raise _Fault(f"{kind}")
    elif closely:
        _check_scalar(value)


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
        except _Fault as fault:
            fault.steps.append(f"[{key!r}]")
            raise


def _check_scalar(value: object) -> None:
    if isinstance(value, int) and value not in _INT_RANGE:
        raise _Fault(f"expected an integer of at most 64 bits, got {value.bit_length()} bits")
    if isinstance(value, str):
        try:
            value.encode()
        except UnicodeEncodeError as error:
            raise _Fault(f"expected text that UTF-8 can hold, got {error.reason}") from error
    if isinstance(value, memoryview) and not value.contiguous:
        raise _Fault("expected contiguous memory, got a memoryview with gaps; copy it to bytes")


def _name(key: object) -> str:
    try:
        return f"{key!r:.60}"
    except Exception:  # whatever the user's __repr__ raises
        return f"a {type(key).__name__}"


def unpack(message: Buffer, limits: Limits) -> Any:
    """Decode `message`.

    Parameters
    ----------
    message : bytes-like
        One complete msgpack value.
    limits : Limits
        `max_depth` and `max_elements` are used.

    Returns
    -------
    object
        Arrays are numpy arrays (read-only views where numpy is installed),
        timestamps aware datetimes in UTC.

    Raises
    ------
    InvalidMessage
        If the bytes are not exactly one msgpack value, hold an extension
        type other than the timestamp, or exceed the limits.
    """
    count = 0

    def count_list(value: list[Any]) -> list[Any]:
        nonlocal count
        count += len(value) + 1
        if count > limits.max_elements:
            raise InvalidMessage(f"message: expected at most {limits.max_elements} values")
        return value

    def make_map(value: dict[Any, Any]) -> Any:
        nonlocal count
        count += len(value) + 1
        if count > limits.max_elements:
            raise InvalidMessage(f"message: expected at most {limits.max_elements} values")
        kind = value.get(TYPE_KEY)
        if isinstance(kind, str) and kind == NDARRAY:
            return decode_array(value, InvalidMessage)
        return value

    size = len(message)
    try:
        value = msgpack.unpackb(
            message,
            raw=False,
            strict_map_key=False,
            timestamp=3,
            list_hook=count_list,
            object_hook=make_map,
            ext_hook=_refuse_ext,
            max_array_len=min(size, limits.max_elements),
            max_map_len=min(size, limits.max_elements),
        )
    except InvalidMessage:
        raise
    except msgpack.ExtraData as error:
        raise InvalidMessage(f"message: {len(error.extra)} bytes after its end") from error
    except (ValueError, TypeError, OverflowError, msgpack.UnpackException) as error:
        # TypeError: an unhashable key. OverflowError: a timestamp no date can hold.
        detail = str(error) or type(error).__name__
        raise InvalidMessage(f"message: expected msgpack, got {detail}") from error
    if _is_deeper(value, limits.max_depth):
        raise InvalidMessage(f"message: expected at most {limits.max_depth} levels of nesting")
    return value


def peek_id(message: Buffer) -> str | None:
    """Return the id of a message that `unpack` refused, if it can be read.

    Envelopes say it in their first bytes, in front of what may be at fault.
    """
    unpacker = msgpack.Unpacker(max_buffer_size=_PEEK_BYTES)
    unpacker.feed(bytes(message[:_PEEK_BYTES]))
    try:
        for _ in range(unpacker.read_map_header()):
            key, value = unpacker.unpack(), unpacker.unpack()
            if key == "id":
                return value if isinstance(value, str) else None
    except (ValueError, TypeError, OverflowError, msgpack.UnpackException):
        return None
    return None


def _refuse_ext(code: int, data: bytes) -> Any:
    raise InvalidMessage(f"message: expected no extension types but -1, got {code}")


def _containers(value: Any) -> Iterator[Any]:
    if isinstance(value, list):
        return (item for item in value if type(item) in (list, dict))
    return (item for item in value.values() if type(item) in (list, dict))


def _is_deeper(value: Any, depth: int) -> bool:
    level = [value] if type(value) in (list, dict) else []
    while level and depth:
        level = [inner for outer in level for inner in _containers(outer)]
        depth -= 1
    return bool(level)
