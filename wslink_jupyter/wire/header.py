"""The 12-byte header of a chunk.

Three little-endian uint32: message id, offset of the content in the message,
total size of the message (wslink 2.6.0, ``chunking.py:8-24``).
"""

from __future__ import annotations

import struct
from typing import NamedTuple

from wslink_jupyter.errors import InvalidChunk
from wslink_jupyter.limits import HEADER_BYTES

_HEADER = struct.Struct("<III")

#: First size that the header cannot claim: 4 GiB.
SIZE_END = 2**32

Buffer = bytes | bytearray | memoryview


class ChunkHeader(NamedTuple):
    """Where a chunk's content belongs.

    Attributes
    ----------
    message_id : int
        uint32; unique among the unfinished messages of one direction.
    offset : int
        Byte of the message where the content starts.
    total : int
        Bytes of the whole message.
    """

    message_id: int
    offset: int
    total: int

    def encode(self) -> bytes:
        """Return the 12 bytes."""
        return _HEADER.pack(*self)

    @classmethod
    def decode(cls, frame: Buffer) -> ChunkHeader:
        """Read the header of `frame`.

        Raises
        ------
        InvalidChunk
            If the frame is shorter than 12 bytes.
        """
        if len(frame) < HEADER_BYTES:
            raise InvalidChunk(f"frame: expected at least {HEADER_BYTES} bytes, got {len(frame)}")
        return cls(*_HEADER.unpack_from(frame))
