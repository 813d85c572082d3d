"""Cut a message into chunks, without copying it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from wslink_jupyter.errors import LocalProtocolError
from wslink_jupyter.limits import HEADER_BYTES, KIB
from wslink_jupyter.wire.header import SIZE_END, Buffer, ChunkHeader
from wslink_jupyter.wire.message import Message

#: One outgoing WebSocket message in parts to be joined: header and content.
Chunk = tuple[Buffer, ...]
#: Of the largest frame, header included; what can be called is asked before each chunk.
FrameBytes = int | Callable[[], int]
_SHORT_BYTES = 2 * KIB


def only_chunk(message_id: int, message: Message, max_frame_bytes: int) -> Chunk | None:
    """Return the chunk that is all of `message`, or None if it takes several.

    What `split_message` would yield, for short messages in less time.
    """
    total = len(message)
    if not 0 < total <= max_frame_bytes - HEADER_BYTES:
        return None
    header, pieces = ChunkHeader(message_id, 0, total).encode(), message.pieces
    if len(pieces) == 1 and total <= _SHORT_BYTES:
        return (header + pieces[0],)  # quicker to send than two
    return (header, *pieces)


def split_message(
    message_id: int, message: Message | Buffer, max_frame_bytes: FrameBytes
) -> Iterator[Chunk]:
    """Cut `message` into chunks of at most `max_frame_bytes`.

    Parameters
    ----------
    message_id : int
        uint32, the same in all chunks.
    message : Message or bytes-like, shape (n,), n >= 1
    max_frame_bytes : int or callable
        Header included; 0 makes one chunk. At least one byte of content
        goes into each chunk (wslink 2.6.0, ``chunking.py:48-60``). A callable is
        asked before each.

    Yields
    ------
    tuple of bytes-like
        Header and views of the content; joined they are one frame.

    Raises
    ------
    LocalProtocolError
        If the message is empty or 4 GiB and more, which no header can tell.
    """
    total = len(message)
    if not 0 < total < SIZE_END:
        raise LocalProtocolError(f"message: expected 1 to {SIZE_END - 1} bytes, got {total}")

    def step() -> int:
        frame_bytes = max_frame_bytes() if callable(max_frame_bytes) else max_frame_bytes
        return max(frame_bytes - HEADER_BYTES, 1) if frame_bytes else total

    whole = message if isinstance(message, Message) else Message(message)
    offset = 0
    for content in whole.cut(step):
        yield (ChunkHeader(message_id, offset, total).encode(), *content)
        offset += sum(map(len, content))
