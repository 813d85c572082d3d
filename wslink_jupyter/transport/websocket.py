"""Frames over tornado WebSockets, for both ends. The only tornado importer here."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable, Sequence

from tornado.iostream import IOStream, StreamClosedError
from tornado.websocket import WebSocketClientConnection, WebSocketClosedError, WebSocketHandler

from wslink_jupyter.codes import CloseCode
from wslink_jupyter.errors import ConnectionClosed
from wslink_jupyter.limits import KIB
from wslink_jupyter.transport.base import FrameTransport, cut_reason
from wslink_jupyter.transport.lane import Lane
from wslink_jupyter.wire.header import Buffer

#: What the system may hold unsent: pings and replies have to wait behind it.
_MAX_UNSENT_BYTES = 128 * KIB


class ServerWebSocket(FrameTransport):
    """The server's end: a handler that has been opened.

    Parameters
    ----------
    handler : tornado.websocket.WebSocketHandler
        Must await `deliver` in its ``on_message``, so that tornado reads no
        further frame while one waits here, and call `lost` in ``on_close``.
    """

    def __init__(self, handler: WebSocketHandler) -> None:
        self._handler = handler
        self._incoming = Lane(high_water_bytes=1)
        stream = self._stream()
        if stream is not None:
            _send_at_once(stream.socket)

    async def deliver(self, frame: bytes) -> None:
        """Take a binary message from the handler; waits until it is wanted."""
        if self._incoming.ended is None:
            await self._incoming.put(frame)

    def lost(self, code: int | None, reason: str | None) -> None:
        """Note that the socket has closed."""
        self._incoming.end(code or CloseCode.ABNORMAL, reason or "", lose=False)

    async def read(self) -> bytes:
        """Wait for the next frame."""
        return await self._incoming.get()

    async def write(self, parts: Sequence[Buffer]) -> None:
        """Write one frame; waits until the operating system has taken it."""
        if self._incoming.ended is None:
            try:
                await _sent(self._handler.write_message(b"".join(parts), binary=True))
                return
            except (WebSocketClosedError, StreamClosedError):
                self.lost(None, None)
        raise ConnectionClosed(*(self._incoming.ended or ()))

    async def close(self, code: int, reason: str) -> None:
        """Send a close frame behind what was written."""
        reason = cut_reason(reason)
        self._incoming.end(code, reason, lose=True)
        self._handler.close(_sendable(code), reason)

    def abort(self) -> None:
        """Drop the connection at once."""
        if self._incoming.ended is not None:
            return
        self._incoming.end(CloseCode.ABNORMAL, "", lose=True)
        self.drop()

    def drop(self) -> None:
        """Close the socket below: after `close`, tornado waits 5 s for an answer."""
        stream = self._stream()
        if stream is not None:
            stream.close()

    def _stream(self) -> IOStream | None:
        connection = self._handler.ws_connection
        return connection.stream if connection is not None else None


class ClientWebSocket(FrameTransport):
    """The client's end: a connection made by ``websocket_connect``.

    Parameters
    ----------
    connection : tornado.websocket.WebSocketClientConnection
    on_text : callable, optional
        Called with every text message: the server's notices.
    """

    def __init__(
        self,
        connection: WebSocketClientConnection,
        on_text: Callable[[str], None] | None = None,
    ) -> None:
        self._connection = connection
        self._on_text = on_text
        self._closed: tuple[int, str] | None = None
        self._ended = False

    async def read(self) -> bytes:
        """Wait for the next frame; after our own close, for the server's answer to it."""
        while not self._ended:
            message = await self._connection.read_message()
            if message is None:
                self._note_end()
            elif self._closed is not None:
                continue  # it was on its way when we closed
            elif isinstance(message, bytes):
                return message
            elif self._on_text is not None:
                self._on_text(message)
        raise ConnectionClosed(*self._note_end())

    async def write(self, parts: Sequence[Buffer]) -> None:
        """Write one frame; waits until the operating system has taken it."""
        if self._closed is not None:
            raise ConnectionClosed(*self._closed)
        try:
            await _sent(self._connection.write_message(b"".join(parts), binary=True))
        except (WebSocketClosedError, StreamClosedError) as error:
            raise ConnectionClosed(*self._note_end()) from error

    async def close(self, code: int, reason: str) -> None:
        """Send a close frame behind what was written."""
        if self._closed is None:
            self._closed = (code, cut_reason(reason))
            self._connection.close(_sendable(code), cut_reason(reason))

    def abort(self) -> None:
        """Drop the connection at once."""
        protocol = self._connection.protocol
        if self._closed is None:
            self._closed = (CloseCode.ABNORMAL, "")
            if protocol is not None and protocol.stream is not None:
                protocol.stream.close()
            self._connection.close()  # tornado warns of connections that nobody closed

    def _note_end(self) -> tuple[int, str]:
        self._ended = True
        connection = self._connection
        connection.close()  # also when the server was first: tornado warns otherwise
        if self._closed is None:
            code = connection.close_code or CloseCode.ABNORMAL
            self._closed = (code, connection.close_reason or "")
        return self._closed


def _send_at_once(sock: socket.socket) -> None:
    """Have the system delay nothing and queue little."""
    if sock.family not in (socket.AF_INET, socket.AF_INET6):
        return  # Jupyter on a Unix socket
    # A publication right behind a result would wait 40 ms for the peer's delayed ACK.
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if hasattr(socket, "TCP_NOTSENT_LOWAT"):
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, _MAX_UNSENT_BYTES)


async def _sent(writing: Awaitable[None]) -> None:
    """Wait for a write; tornado logs an error if the wait is cancelled and takes it along."""
    task = asyncio.ensure_future(writing)
    task.add_done_callback(lambda ended: ended.cancelled() or ended.exception())
    await asyncio.shield(task)


def _sendable(code: int) -> int | None:
    """Return `code` unless it must not be in a close frame (RFC 6455, 7.4.1)."""
    return None if code in (1005, CloseCode.ABNORMAL) else int(code)
