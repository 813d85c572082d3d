"""Writes WebSocket frames on a stream of tornado's: an encrypted one, as a rule."""

from __future__ import annotations

import struct
from collections.abc import Awaitable, Sequence

from tornado.iostream import IOStream

from wslink_jupyter.wire.header import Buffer

#: A final frame of binary data (RFC 6455, section 5.2).
_FINAL_BINARY = 0x82
_SHORT = struct.Struct("!BB")
_MEDIUM = struct.Struct("!BBH")
_LONG = struct.Struct("!BBQ")


def frame_header(size: int) -> bytes:
    """Return the header of an unmasked binary frame with `size` bytes of content."""
    if size < 126:
        return _SHORT.pack(_FINAL_BINARY, size)
    if size < 2**16:
        return _MEDIUM.pack(_FINAL_BINARY, 126, size)
    return _LONG.pack(_FINAL_BINARY, 127, size)


class WebSocketWriter:
    """Frames onto the stream of a server's WebSocket.

    Parameters
    ----------
    stream : tornado.iostream.IOStream
    """

    def __init__(self, stream: IOStream) -> None:
        self._stream = stream

    def send_frame(self, parts: Sequence[Buffer]) -> Awaitable[None] | None:
        """Write one frame; return what to wait for before the next, if anything.

        Raises
        ------
        tornado.iostream.StreamClosedError
            If the stream is closed; also from the awaitable.
        """
        # Joined, and so copied: parts may be lent, and whoever lent them may vanish.
        frame = b"".join((frame_header(sum(map(len, parts))), *parts))
        written = self._stream.write(frame)
        return written if self._stream.writing() else None

    def flush(self) -> bool:
        """Return True: frames are copied at once."""
        return True
