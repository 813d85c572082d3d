"""Link messages over asyncio streams, and the frame transport made of them."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Sequence
from typing import Any

from wslink_jupyter.codes import CloseCode
from wslink_jupyter.errors import ConnectionClosed, LinkError
from wslink_jupyter.limits import MIB
from wslink_jupyter.transport import link
from wslink_jupyter.transport.base import FrameTransport, cut_reason
from wslink_jupyter.wire.header import Buffer

_STREAM_LIMIT_BYTES = MIB
#: Seconds to let the peer read a CLOSE before the socket goes.
_CLOSE_TIMEOUT_S = 2.0


class LinkStream:
    """A connected socket that carries link messages.

    Parameters
    ----------
    reader, writer : asyncio streams
    """

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @classmethod
    async def over(cls, sock: socket.socket) -> LinkStream:
        """Return a stream over a connected, non-blocking socket."""
        reader, writer = await asyncio.open_connection(sock=sock, limit=_STREAM_LIMIT_BYTES)
        return cls(reader, writer)

    async def read(self, max_bytes: int) -> tuple[link.Kind, bytes]:
        """Wait for the next message.

        Raises
        ------
        LinkError
            If the peer breaks the rules of the link.
        ConnectionClosed
            At end-of-file.
        """
        try:
            header = await self._reader.readexactly(link.HEADER_BYTES)
            kind, size_bytes = link.decode_header(header, max_bytes)
            return kind, await self._reader.readexactly(size_bytes)
        except (asyncio.IncompleteReadError, OSError) as error:
            raise ConnectionClosed(CloseCode.ABNORMAL, "link lost") from error

    async def read_fields(self, max_bytes: int) -> tuple[link.Kind, dict[str, Any]]:
        """Wait for the next message, which holds JSON fields."""
        kind, payload = await self.read(max_bytes)
        return kind, link.decode_fields(kind, payload)

    async def write(self, parts: Sequence[Buffer]) -> None:
        """Write the parts of one message; waits while the peer is behind."""
        try:
            self._writer.writelines(parts)
            await self._writer.drain()
        except OSError as error:
            raise ConnectionClosed(CloseCode.ABNORMAL, "link lost") from error

    async def finish(self) -> None:
        """Write no more, and read to the end, whatever comes.

        A socket that is closed with unread input is reset: the peer would not
        get our last message.
        """
        with contextlib.suppress(OSError):
            self._writer.write_eof()
            while await self._reader.read(_STREAM_LIMIT_BYTES):
                pass

    async def close(self) -> None:
        """Flush and close. Idempotent, never raises."""
        self._writer.close()
        try:
            async with asyncio.timeout(_CLOSE_TIMEOUT_S):
                await self._writer.wait_closed()
        except (OSError, TimeoutError):
            self.abort()

    def abort(self) -> None:
        """Drop the connection at once."""
        self._writer.transport.abort()


class LinkTransport(FrameTransport):
    """Frames over a link connection after its OPEN.

    Parameters
    ----------
    stream : LinkStream
    max_frame_bytes : int
        Largest frame that the peer may send.
    """

    def __init__(self, stream: LinkStream, max_frame_bytes: int) -> None:
        self._stream = stream
        self._max_frame_bytes = max_frame_bytes
        self._closed: ConnectionClosed | None = None
        self._read_lock = asyncio.Lock()

    async def read(self) -> bytes:
        """Wait for the next frame."""
        self._check_open()
        try:
            async with self._read_lock:
                kind, payload = await self._stream.read(self._max_frame_bytes)
            self._check_open()
            if kind is link.Kind.DATA:
                return payload
            if kind is not link.Kind.CLOSE:
                raise LinkError(f"link: expected DATA or CLOSE, got {kind.name}")
            fields = link.decode_fields(kind, payload)
            code, reason = fields.get("code"), str(fields.get("reason", ""))
            closed = ConnectionClosed(code if isinstance(code, int) else 1006, reason)
        except ConnectionClosed as error:
            self._closed = self._closed or error
            self._check_open()
            raise
        except LinkError as error:
            self.abort()
            raise ConnectionClosed(CloseCode.ABNORMAL, str(error)) from error
        self._closed = self._closed or closed
        self._stream.abort()
        raise closed

    async def write(self, parts: Sequence[Buffer]) -> None:
        """Write one frame; waits while the peer is behind."""
        self._check_open()
        header = link.encode_header(link.Kind.DATA, sum(map(len, parts)))
        await self._stream.write((header, *parts))
        self._check_open()  # an abort wakes a waiting writer without an error

    async def close(self, code: int, reason: str) -> None:
        """Send CLOSE, and close when the peer has."""
        if self._closed is not None:
            return
        reason = cut_reason(reason)
        self._closed = ConnectionClosed(code, reason)
        message = link.encode(link.Kind.CLOSE, {"code": int(code), "reason": reason})
        with contextlib.suppress(ConnectionClosed, TimeoutError):
            async with asyncio.timeout(_CLOSE_TIMEOUT_S):
                await self._stream.write((message,))
                async with self._read_lock:
                    await self._stream.finish()
        self._stream.abort()

    def abort(self) -> None:
        """Drop the connection at once."""
        self._closed = self._closed or ConnectionClosed(CloseCode.ABNORMAL, "link lost")
        self._stream.abort()

    def _check_open(self) -> None:
        if self._closed is not None:
            raise ConnectionClosed(self._closed.code, self._closed.reason)
