"""A browser's socket, once tornado has done the handshake.

It stands in for tornado's stream under tornado's WebSocket protocol, which
goes on to write pings, pongs, texts and closes through it; frames do not
pass through tornado.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from tornado.ioloop import IOLoop
from tornado.iostream import IOStream, StreamClosedError
from tornado.websocket import WebSocketHandler, WebSocketProtocol13

from wslink_jupyter.errors import ConnectionClosed
from wslink_jupyter.transport.gathering_writer import GatheringWriter
from wslink_jupyter.transport.unsent import UnsentLimit
from wslink_jupyter.transport.websocket_input import (
    BINARY,
    CLOSE,
    PING,
    PONG,
    TEXT,
    WebSocketInput,
)
from wslink_jupyter.transport.websocket_writer import frame_header
from wslink_jupyter.wire.arrays import Allocate
from wslink_jupyter.wire.header import Buffer

_FINAL = 0x80
_NOT_UTF8 = 1007  # RFC 6455, section 7.4.1
#: What may have come right behind the handshake.
_BEGUN_BYTES = 64 * 1024
#: Of the close code, in front of the reason.
_CODE_BYTES = 2


def take_over(handler: WebSocketHandler, allocate: Allocate | None) -> BrowserStream | None:
    """Take a handler's socket from tornado, in its ``open``; None if tornado has to keep it.

    It keeps encrypted ones, and all on Windows, whose sockets write no parts.
    """
    protocol = handler.ws_connection
    if not isinstance(protocol, WebSocketProtocol13) or type(protocol.stream) is not IOStream:
        return None
    if not hasattr(socket.socket, "sendmsg"):
        return None
    try:
        reading = asyncio.ensure_future(protocol.stream.read_bytes(_BEGUN_BYTES, partial=True))
        begun = reading.result() if reading.done() else b""
    except StreamClosedError:
        return None  # the browser has left already, as tornado will find out
    sock = protocol.stream.socket.dup()
    protocol.stream.close()
    incoming = WebSocketInput(sock, handler.max_message_size, allocate, begun)
    stream = BrowserStream(sock, incoming, handler, protocol)
    protocol.stream = stream  # type: ignore[assignment]
    return stream


class BrowserStream:
    """What tornado's WebSocket protocol and `ServerWebSocket` need of a stream.

    Parameters
    ----------
    sock : socket.socket
        Closed with the stream.
    incoming : WebSocketInput
        Reads from it.
    handler : tornado.websocket.WebSocketHandler
        Its ``on_message`` and ``on_pong`` are called, as by tornado.
    protocol : tornado.websocket.WebSocketProtocol13
    """

    def __init__(
        self,
        sock: socket.socket,
        incoming: WebSocketInput,
        handler: WebSocketHandler,
        protocol: WebSocketProtocol13,
    ) -> None:
        self.socket = sock
        self.io_loop = IOLoop.current()
        self._loop = asyncio.get_running_loop()
        self._handler = handler
        self._protocol = protocol
        self._input = incoming
        self._writer = GatheringWriter(sock, self._loop, UnsentLimit(sock, self._loop.time()))
        #: Called when something has come, be it a part of a frame.
        self.on_input: Callable[[], None] = lambda: None
        self._is_closed = self._is_watching = False
        self._reading: asyncio.Future[bytes] | None = None

    def read_bytes(self, count: int) -> Awaitable[bytes]:
        """Deliver messages from now on; what tornado waits for ends with the stream.

        Raises
        ------
        tornado.iostream.StreamClosedError
            If it has ended; also from the awaitable.
        """
        if self._is_closed:
            raise StreamClosedError
        self._loop.call_soon(self._take_arrived)
        self._reading = self._loop.create_future()
        return self._reading

    def _readable(self) -> None:
        try:
            self._input.fill()
        except ConnectionClosed:
            self.close()
        else:
            self.on_input()
            self._take_arrived()

    def _take_arrived(self) -> None:
        """Hand over what is here, until something has to be waited for; then read on."""
        while not self._is_closed:
            try:
                message = self._input.next_message()
                if message is None:
                    self._watch()
                    return
                pending = self._take(*message)
            except ConnectionClosed as closed:
                self._fail(closed.code, closed.reason)
            except Exception as error:
                self._log(error)
            else:
                if pending is not None:
                    self._is_watching = False
                    self._loop.remove_reader(self.socket)
                    waiting = asyncio.ensure_future(pending)
                    waiting.add_done_callback(self._taken)
                    return

    def _watch(self) -> None:
        if not self._is_watching:
            self._is_watching = True
            self._loop.add_reader(self.socket, self._readable)

    def _taken(self, waiting: asyncio.Future[Any]) -> None:
        error = None if waiting.cancelled() else waiting.exception()
        if error is not None and not isinstance(error, ConnectionClosed):
            self._log(error)
        self._take_arrived()

    def _take(self, opcode: int, content: Buffer) -> Awaitable[Any] | None:
        if self._protocol.client_terminated:
            return None
        if opcode == BINARY:
            return self._handler.on_message(content)  # type: ignore[arg-type]
        if opcode == TEXT:
            try:
                return self._handler.on_message(bytes(content).decode())
            except UnicodeDecodeError as error:
                raise ConnectionClosed(_NOT_UTF8, "expected text in UTF-8") from error
        if opcode == PING:
            # Who pings and does not read is read no further.
            return self._writer.send((bytes((_FINAL | PONG, len(content))), content))
        if opcode == PONG:
            self._handler.on_pong(bytes(content))
        elif opcode == CLOSE:
            self._close_by_peer(bytes(content))
        return None

    def _close_by_peer(self, content: bytes) -> None:
        protocol = self._protocol
        protocol.client_terminated = True
        if len(content) >= _CODE_BYTES:
            protocol.close_code = int.from_bytes(content[:_CODE_BYTES], "big")
            protocol.close_reason = content[_CODE_BYTES:].decode(errors="replace")
        protocol.close(protocol.close_code)

    def _fail(self, code: int, reason: str) -> None:
        """Say why, and read on to the end: unread input would reset the connection."""
        self._protocol.close(code, reason)
        self._input.forget()

    def _log(self, error: BaseException) -> None:
        self._handler.log_exception(type(error), error, error.__traceback__)
        self.close()

    def send_frame(self, parts: Sequence[Buffer]) -> Awaitable[None] | None:
        """Write a binary frame; return what to wait for before the next, if anything.

        The parts must not change before they are written.

        Raises
        ------
        tornado.iostream.StreamClosedError
            If the stream is closed; a `ConnectionClosed` from the awaitable.
        """
        return self._send((frame_header(sum(map(len, parts))), *parts))

    def _send(self, parts: Sequence[Buffer]) -> Awaitable[None] | None:
        try:
            return self._writer.send(parts)
        except ConnectionClosed as error:
            self.close()
            raise StreamClosedError(error) from error

    def flush(self) -> bool:
        """Write what waits for the end of the loop's turn; return whether nothing is left."""
        try:
            return self._writer.flush()
        except ConnectionClosed:
            return True

    def write(self, data: bytes) -> asyncio.Future[None]:
        """Write what tornado's protocol has made: a whole frame."""
        pending = self._send((data,))
        self.flush()  # it may close the stream next
        written = asyncio.ensure_future(_or_stream_closed(pending))
        written.add_done_callback(lambda each: each.cancelled() or each.exception())  # seen
        return written

    def closed(self) -> bool:
        """Return whether the stream is closed."""
        return self._is_closed

    def close(self) -> None:
        """Close the socket at once. Idempotent."""
        if self._is_closed:
            return
        self._is_closed = True
        if self._reading is not None and not self._reading.done():
            self._reading.set_exception(StreamClosedError())
        self._loop.remove_reader(self.socket)
        self._writer.end(ConnectionClosed())
        self.socket.close()

    def set_nodelay(self, value: bool) -> None:
        """Do nothing: small frames are never delayed."""


async def _or_stream_closed(pending: Awaitable[None] | None) -> None:
    try:
        if pending is not None:
            await pending
    except ConnectionClosed as error:
        raise StreamClosedError(error) from error
