"""Cut a message into chunks, without copying it."""

from __future__ import annotations

from collections.abc import Iterator

from wslink_jupyter.errors import LocalProtocolError
from wslink_jupyter.limits import HEADER_BYTES
from wslink_jupyter.wire.header import SIZE_END, Buffer, ChunkHeader

#: One outgoing WebSocket message in two parts: header and content.
Chunk = tuple[bytes, memoryview]


def split_message(message_id: int, message: Buffer, max_frame_bytes: int) -> Iterator[Chunk]:
    """Cut `message` into chunks of at most `max_frame_bytes`.

    Parameters
    ----------
    message_id : int
        uint32, the same in all chunks.
    message : bytes-like, shape (n,), n >= 1
    max_frame_bytes : int
        Header included; 0 makes one chunk. At least one byte of content
        goes into each chunk (wslink 2.6.0, ``chunking.py:48-60``).

    Yields
    ------
    (bytes, memoryview)
        Header and a view of the content; joined they are one frame.

    Raises
    ------
    LocalProtocolError
        If the message is empty or 4 GiB and more, which no header can tell.
    """
    total = len(message)
    if not 0 < total < SIZE_END:
        raise LocalProtocolError(f"message: expected 1 to {SIZE_END - 1} bytes, got {total}")
    step = max(max_frame_bytes - HEADER_BYTES, 1) if max_frame_bytes else total
    view = memoryview(message)
    for offset in range(0, total, step):
        yield ChunkHeader(message_id, offset, total).encode(), view[offset : offset + step]
