"""Writes WebSocket frames on a tornado stream without copying what they carry.

tornado's ``write_message`` joins header and content, a copy of every byte,
and makes a system call for each message. Here a large frame goes to the
socket from where it is, and small frames of one turn of the loop go together.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Awaitable, Sequence

from tornado.iostream import IOStream

from wslink_jupyter.limits import KIB
from wslink_jupyter.wire.header import Buffer

#: A final frame of binary data (RFC 6455, section 5.2).
_FINAL_BINARY = 0x82
_SHORT = struct.Struct("!BB")
_MEDIUM = struct.Struct("!BBH")
_LONG = struct.Struct("!BBQ")
#: Written at once, whatever else is written in this turn of the loop.
_LARGE_BYTES = 16 * KIB


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
        self._gathers = type(stream) is IOStream and hasattr(stream.socket, "sendmsg")
        self._waiting: list[Buffer] = []
        self._waiting_bytes = 0
        self._wrote_this_turn = False

    def write(self, parts: Sequence[Buffer]) -> Awaitable[None] | None:
        """Write one frame; return what to wait for before the next, if anything.

        Large parts may change afterwards.

        Raises
        ------
        tornado.iostream.StreamClosedError
            If the stream is closed; also from the awaitable.
        """
        size = sum(map(len, parts))
        self._waiting += (frame_header(size), *parts)
        self._waiting_bytes += size
        if self._wrote_this_turn and self._waiting_bytes < _LARGE_BYTES:
            return None
        if not self._wrote_this_turn:
            self._wrote_this_turn = True
            asyncio.get_running_loop().call_soon(self._end_turn)
        return self.flush()

    def _end_turn(self) -> None:
        self._wrote_this_turn = False
        if not self._stream.closed():
            self.flush()

    def flush(self) -> Awaitable[None] | None:
        """Write what waits for the end of the turn. Returns and raises as `write`."""
        parts, self._waiting, self._waiting_bytes = self._waiting, [], 0
        if self._gathers and parts and not self._stream.writing() and not self._stream.closed():
            parts = self._send(parts)
        written: Awaitable[None] | None = None
        if len(parts) > 1 and sum(map(len, parts)) < _LARGE_BYTES:
            parts = [b"".join(parts)]
        for part in parts:
            # Copied, for it may be lent, and whoever lent it may vanish.
            written = self._stream.write(bytes(part))
        return written if self._stream.writing() else None

    def _send(self, parts: list[Buffer]) -> list[Buffer]:
        """Send what the system takes now; return the rest."""
        sock: socket.socket = self._stream.socket
        try:
            sent = sock.sendmsg(parts)
        except OSError:
            return parts  # would block, or is gone: tornado sees to it
        rest: list[Buffer] = []
        for part in parts:
            if sent < len(part):
                rest.append(memoryview(part)[sent:])
            sent = max(sent - len(part), 0)
        return rest
