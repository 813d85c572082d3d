import asyncio
import logging
import socket

import pytest
from support.asynchronous import async_test
from support.pairs import pairs_of
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.simple_httpclient import HTTPStreamClosedError
from tornado.web import Application
from tornado.websocket import WebSocketHandler, websocket_connect

from wslink_jupyter.errors import ConnectionClosed
from wslink_jupyter.transport.websocket import ClientWebSocket, ServerWebSocket


@pytest.mark.parametrize("kind", ["client", "server"])
@async_test
async def test_small_messages_do_not_wait_for_the_acknowledgement_of_others(kind):
    """Nagle's algorithm and the peer's delayed ACK make 40 ms of a call behind another message."""
    async with pairs_of(kind) as pairs:
        end, _ = await pairs.connect()
        if isinstance(end, ClientWebSocket):
            sock = end._connection.protocol.stream.socket
        else:
            sock = end._handler.ws_connection.stream.socket
        assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


@async_test
async def test_socket_is_closed_when_what_reads_it_is_cancelled():
    """As at the end of a loop, which cancels every task."""
    async with pairs_of("server") as pairs:
        server, client = await pairs.connect()
        (reading,) = (
            task for task in asyncio.all_tasks() if "RequestHandler._execute" in repr(task)
        )
        reading.cancel()
        with pytest.raises(ConnectionClosed):
            await client.read()
        with pytest.raises(ConnectionClosed):
            await server.write((b"x" * 100,))


@async_test
async def test_browser_that_leaves_before_its_socket_is_opened_is_no_error(caplog):
    class Late(WebSocketHandler):
        async def get(self):
            # Its connection ends while its login is checked, say.
            self.request.connection.stream.socket.shutdown(socket.SHUT_RDWR)
            await super().get()

        def open(self):
            self.frames = ServerWebSocket(self)
            opened.append(self.frames)

        def on_message(self, message):
            return self.frames.arrived(message)

        def on_close(self):
            self.frames.lost(self.close_code, self.close_reason)

    opened = []
    server = HTTPServer(Application([("/", Late)]))
    (listener,) = bind_sockets(0, "127.0.0.1")
    server.add_socket(listener)
    try:
        with pytest.raises(HTTPStreamClosedError):
            await websocket_connect(f"ws://127.0.0.1:{listener.getsockname()[1]}/")
        with pytest.raises(ConnectionClosed):
            await opened[0].read()
        assert not [each for each in caplog.records if each.levelno >= logging.ERROR]
    finally:
        server.stop()
        await server.close_all_connections()
