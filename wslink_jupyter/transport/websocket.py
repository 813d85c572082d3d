"""Frames over tornado WebSockets, for both ends."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Awaitable, Callable, Sequence
from typing import NoReturn

from tornado.iostream import IOStream, StreamClosedError
from tornado.websocket import WebSocketClientConnection, WebSocketClosedError, WebSocketHandler

from wslink_jupyter.codes import CloseCode
from wslink_jupyter.errors import ConnectionClosed
from wslink_jupyter.transport.base import FrameTransport, TakeFrame, cut_reason
from wslink_jupyter.transport.lane import Lane
from wslink_jupyter.transport.unsent import LEAST_BYTES, limit_unsent
from wslink_jupyter.transport.websocket_stream import BrowserStream, take_over
from wslink_jupyter.transport.websocket_writer import WebSocketWriter
from wslink_jupyter.wire.arrays import Allocate
from wslink_jupyter.wire.header import Buffer


class ServerWebSocket(FrameTransport):
    """The server's end: a handler that has been opened.

    Parameters
    ----------
    handler : tornado.websocket.WebSocketHandler
        Whose ``open`` makes this. Must return what `arrived` does from its ``on_message``,
        so that no further frame is read meanwhile, and call `lost` in ``on_close``.
    allocate : callable, optional
        Returns memory for large frames that come.
    on_input : callable, optional
        Called when something has come, be it a part of a frame, where that can be seen.
    """

    def __init__(
        self,
        handler: WebSocketHandler,
        allocate: Allocate | None = None,
        on_input: Callable[[], None] | None = None,
    ) -> None:
        self._handler = handler
        self._incoming = Lane(high_water_bytes=1)
        self._take: TakeFrame | None = None
        self._delivering: asyncio.Future[NoReturn] | None = None
        taken = take_over(handler, allocate)
        if taken is not None and on_input is not None:
            taken.on_input = on_input
        self._writer: BrowserStream | WebSocketWriter | None = taken
        stream = self._stream()
        if stream is not None and not stream.closed():
            self._writer = self._writer or WebSocketWriter(stream)
            _send_at_once(stream.socket)

    def arrived(self, frame: Buffer) -> Awaitable[None] | None:
        """Take a binary message; return what to wait for before the next, if anything."""
        if self._incoming.ended is not None:
            return None
        if self._take is None:
            return self._ignoring_the_end(self._incoming.put(frame))
        try:
            pending = self._take(frame)
        except Exception as error:  # of who delivers
            self._fail(error)
            return None
        return None if pending is None else self._taken(pending)

    async def _taken(self, pending: Awaitable[None]) -> None:
        try:
            await pending
        except Exception as error:  # of who delivers
            self._fail(error)

    @staticmethod
    def _ignoring_the_end(pending: Awaitable[None] | None) -> Awaitable[None] | None:
        async def wait(pending: Awaitable[None]) -> None:
            with contextlib.suppress(ConnectionClosed):
                await pending

        return None if pending is None else wait(pending)

    def _fail(self, error: Exception) -> None:
        if self._delivering is not None and not self._delivering.done():
            self._delivering.set_exception(error)

    def _end(self, code: int, reason: str, *, lose: bool) -> None:
        self._incoming.end(code, reason, lose=lose)
        assert self._incoming.ended is not None  # it is now
        self._fail(ConnectionClosed(*self._incoming.ended))

    def lost(self, code: int | None, reason: str | None) -> None:
        """Note that the socket has closed."""
        self._end(code or CloseCode.ABNORMAL, reason or "", lose=False)

    async def read(self) -> Buffer:
        """Wait for the next frame."""
        return await self._incoming.get()

    async def deliver(self, take: TakeFrame) -> NoReturn:
        """Hand every frame to `take` as it comes, within tornado's own reading."""
        while self._incoming.holds_frames:
            pending = take(await self._incoming.get())
            if pending is not None:
                await pending
        if self._incoming.ended is not None:
            raise ConnectionClosed(*self._incoming.ended)
        self._take = take
        self._delivering = asyncio.get_running_loop().create_future()
        try:
            await self._delivering
        finally:
            self._take = self._delivering = None
        raise AssertionError("the end raises")

    def send(self, parts: Sequence[Buffer]) -> Awaitable[None] | None:
        """Write one frame; what is returned waits until the system has taken it."""
        if self._incoming.ended is not None or self._writer is None:
            raise ConnectionClosed(*(self._incoming.ended or ()))
        try:
            pending = self._writer.send_frame(parts)
        except StreamClosedError as error:
            raise self._gone() from error
        return None if pending is None else self._written(pending)

    async def _written(self, pending: Awaitable[None]) -> None:
        try:
            await _sent(pending)
        except (ConnectionClosed, StreamClosedError) as error:
            raise self._gone() from error

    def flush(self) -> bool:
        """Write what waits for company; return whether nothing is left to be written."""
        return self._writer is None or self._writer.flush()

    def _gone(self) -> ConnectionClosed:
        self.lost(None, None)
        return ConnectionClosed(*(self._incoming.ended or ()))

    async def close(self, code: int, reason: str) -> None:
        """Send a close frame behind what was written."""
        reason = cut_reason(reason)
        if self._writer is not None and self._incoming.ended is None:
            self._writer.flush()
        self._end(code, reason, lose=True)
        self._handler.close(_sendable(code), reason)

    def abort(self) -> None:
        """Drop the connection at once."""
        if self._incoming.ended is not None:
            return
        self._end(CloseCode.ABNORMAL, "", lose=True)
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
        Called with every text message; who says any is refused otherwise.
    """

    def __init__(
        self,
        connection: WebSocketClientConnection,
        on_text: Callable[[str], None] | None = None,
    ) -> None:
        self._connection = connection
        protocol = connection.protocol
        if protocol is not None and protocol.stream is not None:
            _send_at_once(protocol.stream.socket)
        self._on_text = on_text
        self._closed: tuple[int, str] | None = None
        self._ended = False

    async def read(self) -> Buffer:
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
            else:
                sentence = "expected binary messages, got text, as of wslink 1.x"
                await self.close(CloseCode.UNSUPPORTED_DATA, sentence)
        raise ConnectionClosed(*self._note_end())

    def send(self, parts: Sequence[Buffer]) -> Awaitable[None] | None:
        """Write one frame; what is returned waits until the system has taken it."""
        if self._closed is not None:
            raise ConnectionClosed(*self._closed)
        try:
            return self._written(self._connection.write_message(b"".join(parts), binary=True))
        except (WebSocketClosedError, StreamClosedError) as error:
            raise ConnectionClosed(*self._note_end()) from error

    async def _written(self, pending: Awaitable[None]) -> None:
        try:
            await _sent(pending)
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
    limit_unsent(sock, LEAST_BYTES)


async def _sent(writing: Awaitable[None]) -> None:
    """Wait for a write; tornado logs an error if the wait is cancelled and takes it along."""
    task = asyncio.ensure_future(writing)
    task.add_done_callback(lambda ended: ended.cancelled() or ended.exception())
    await asyncio.shield(task)


def _sendable(code: int) -> int | None:
    """Return `code` unless it must not be in a close frame (RFC 6455, 7.4.1)."""
    return None if code in (1005, CloseCode.ABNORMAL) else int(code)
