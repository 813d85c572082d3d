"""Messages to bytes and back: msgpack under limits.

The only importer of msgpack. Packing keeps large binary data out of the way;
unpacking refuses what would cost more than its bytes.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgpack

from wslink_jupyter.errors import InvalidMessage, NotSerializable
from wslink_jupyter.limits import KIB, MAX_SENT_BYTES, Limits
from wslink_jupyter.wire.arrays import (
    NDARRAY,
    TYPE_KEY,
    Allocate,
    decode_array,
    encode_array,
    is_array,
    is_scalar,
)
from wslink_jupyter.wire.encodable import Fault, check
from wslink_jupyter.wire.header import Buffer
from wslink_jupyter.wire.message import Message

#: Enough for the version and the longest id.
_PEEK_BYTES = 2048
#: From this size on, binary data stays a piece of its own.
_PIECE_BYTES = 32 * KIB
_NIL = b"\xc0"
#: Most messages are short; the buffer grows.
_FIRST_BUFFER_BYTES = 4 * KIB


def pack(message: object, name: str | None = None, allocate: Allocate | None = None) -> Message:
    """Encode `message`.

    Parameters
    ----------
    message : object
        None, bool, int (-2**63 to 2**64 - 1), float, str, bytes-like, aware
        datetime, msgpack's own types, numpy scalars and arrays, lists, tuples, and dicts with
        keys of str or number, nested at most 100 deep.
    name : str, optional
        What errors call it. By default it is an envelope, whose keys are.
    allocate : callable, optional
        Returns memory of a number of bytes for the copy of an array or of large
        bytes, or None.

    Returns
    -------
    Message
        Of what the values are now: what may change is copied, once. Immutable
        bytes and read-only arrays that own their data are not, unless there is
        memory for them.

    Raises
    ------
    NotSerializable
        If a value cannot be encoded; the message names its path, such as
        ``result['a'][3]: <class 'Foo'>`` for the message ``{"result": ...}``.
    """
    try:
        if type(message) is bytes and len(message) >= _PIECE_BYTES:
            # What is published often; msgpack has nothing to say of it.
            packed = Message(_bin_header(len(message)), _placed(message, allocate))
        else:
            check(message, closely=False)
            packed = _Packing(allocate).pack(message)
        if len(packed) > MAX_SENT_BYTES:
            raise Fault(f"expected at most {MAX_SENT_BYTES} bytes, got {len(packed)}")
        return packed
    except Fault as fault:
        raise NotSerializable(fault.describe(name)) from None
    except NotSerializable:
        raise
    except Exception as error:  # user objects run code when they are looked at
        # Rare, so found by a second, closer look: an integer out of range, a
        # lone surrogate, a naive datetime, an array of objects.
        try:
            check(message, closely=True)
        except Fault as fault:
            raise NotSerializable(fault.describe(name)) from error
        except Exception:  # the same object's, once more
            raise NotSerializable(
                f"{name or 'message'}: {type(error).__name__}: {error}"
            ) from error
        raise NotSerializable(f"{name or 'message'}: {error}") from error


def check_packable(message: object, name: str | None = None) -> None:
    """Raise `NotSerializable` where a quick look tells that `pack` would; encode nothing."""
    try:
        check(message, closely=False)
    except Fault as fault:
        raise NotSerializable(fault.describe(name)) from None


def pack_head(fields: dict[str, Any], key: str) -> bytes:
    """Return the start of a map: `fields`, then `key`, whose packed value has to follow."""
    head: bytes = msgpack.packb({**fields, key: None})
    return head.removesuffix(_NIL)


class _Binary:
    """Binary data in a value to be packed, which may stay a piece of its own."""

    __slots__ = ("data",)

    def __init__(self, data: Buffer) -> None:
        self.data = data


class _Packing:
    """One value on its way into a message.

    msgpack asks for what it does not know. At large binary data, it is told
    nil, and the place of that nil noted: there the piece goes in.
    """

    def __init__(self, allocate: Allocate | None) -> None:
        self._allocate = allocate
        # Not kept for the next value: a large message would leave its buffer behind.
        self._packer = msgpack.Packer(
            use_bin_type=True,
            datetime=True,
            default=self._encode,
            autoreset=False,
            buf_size=_FIRST_BUFFER_BYTES,
        )
        self._pieces: list[tuple[int, Buffer]] = []

    def pack(self, value: object) -> Message:
        self._packer.pack(_hold_out(value))
        packed: bytes = self._packer.bytes()
        # It refers to us: what we hold would stay until the next garbage collection.
        del self._packer
        if not self._pieces:
            return Message(packed)
        pieces: list[Buffer] = []
        start = 0
        for place, data in self._pieces:
            pieces += [packed[start:place] + _bin_header(len(data)), data]
            start = place + len(_NIL)
        if start < len(packed):
            pieces.append(packed[start:])
        return Message(*pieces)

    def _encode(self, value: object) -> object:
        if type(value) is _Binary:
            if len(value.data) < _PIECE_BYTES:
                return value.data
            with self._packer.getbuffer() as so_far:
                self._pieces.append((len(so_far), _placed(value.data, self._allocate)))
            return None
        if is_scalar(value):
            return value.item()  # type: ignore[attr-defined]
        if is_array(value):
            encoded = encode_array(value, self._allocate)
            return {**encoded, "data": _Binary(encoded["data"])}
        raise TypeError(f"{type(value)}")


def _placed(data: Buffer, allocate: Allocate | None) -> Buffer:
    """Return `data`, in memory from `allocate` if it has some for bytes."""
    if type(data) is not bytes or allocate is None:
        return data  # of an array, which has been placed
    memory = allocate(len(data))
    if memory is None:
        return data
    memory[:] = data
    return memory


def _hold_out(message: object) -> object:
    """Keep msgpack from copying large bytes that are an entry of the message."""
    if type(message) is dict:
        return {
            key: _Binary(value) if type(value) is bytes and len(value) >= _PIECE_BYTES else value
            for key, value in message.items()
        }
    return message


def _bin_header(size: int) -> bytes:
    """Return what stands before binary data of at least 256 bytes (msgpack, "bin format")."""
    return b"\xc5" + size.to_bytes(2) if size < 2**16 else b"\xc6" + size.to_bytes(4)


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
    count = containers = 0

    def count_list(value: list[Any]) -> list[Any]:
        nonlocal count, containers
        containers += 1
        count += len(value) + 1
        if count > limits.max_elements:
            raise InvalidMessage(f"message: expected at most {limits.max_elements} values")
        return value

    def make_map(value: dict[Any, Any]) -> Any:
        nonlocal count, containers
        containers += 1
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
    if containers > limits.max_depth and _is_deeper(value, limits.max_depth):
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
