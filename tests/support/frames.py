"""Frames made by hand, for whoever plays the other side."""

from __future__ import annotations

from typing import Any

import msgpack

from wslink_jupyter.wire.chunks import split_message
from wslink_jupyter.wire.codec import pack
from wslink_jupyter.wire.header import ChunkHeader
from wslink_jupyter.wire.message import Message


def chunk(message_id: int, offset: int, total: int, content: bytes) -> bytes:
    """Return one frame that says what it is told to, right or wrong."""
    return ChunkHeader(message_id, offset, total).encode() + content


def cut(message_id: int, message: bytes | Message, max_frame_bytes: int) -> list[bytes]:
    """Return the frames of a message."""
    chunks = split_message(message_id, message, max_frame_bytes)
    return [b"".join(parts) for parts in chunks]


def packed(value: Any, name: str | None = None) -> bytes:
    """Return `value` encoded by the package, in one piece."""
    return bytes(pack(value, name))


def frame(message: Any, message_id: int = 1) -> bytes:
    """Return `message`, whatever it is, encoded as one frame."""
    (only,) = cut(message_id, msgpack.packb(message, use_bin_type=True), 0)
    return only


def nested(levels: int, innermost: Any = 0) -> Any:
    """Return `innermost` in that many lists."""
    for _ in range(levels):
        innermost = [innermost]
    return innermost
