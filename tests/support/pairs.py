"""Two connected ends of every transport."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path

from support.asynchronous import until
from tornado.httpclient import HTTPRequest
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application
from tornado.websocket import websocket_connect

from wslink_jupyter.errors import ConnectionClosed
from wslink_jupyter.rpc.buffer_pool import BufferPool
from wslink_jupyter.rpc.shared_memory import map_shared
from wslink_jupyter.transport.base import FrameTransport
from wslink_jupyter.transport.inproc import inproc_pair
from wslink_jupyter.transport.link_transport import LinkTransport
from wslink_jupyter.transport.socket_handler import FrameSocket
from wslink_jupyter.transport.stream import LinkStream
from wslink_jupyter.transport.websocket import ClientWebSocket, ServerWebSocket
from wslink_jupyter.wire.header import Buffer

Pair = tuple[FrameTransport, FrameTransport]
MAX_FRAME_BYTES = 16 * 1024 * 1024
#: Of 127.0.0.1, with its key; nobody trusts it but these tests.
_CERTIFICATE = Path(__file__).with_name("localhost.pem")


def socket_pair(family: str) -> tuple[socket.socket, socket.socket]:
    """Return two connected, non-blocking sockets."""
    if family == "unix":
        one, other = socket.socketpair()
    else:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            one = socket.create_connection(listener.getsockname())
            other, _ = listener.accept()
    one.setblocking(False)
    other.setblocking(False)
    return one, other


async def stream_pair(family: str = "unix") -> tuple[LinkStream, LinkStream]:
    """Return both ends of a link connection."""
    one, other = socket_pair(family)
    return LinkStream(one, asyncio.get_running_loop()), LinkStream(
        other, asyncio.get_running_loop()
    )


class LendingTransport(LinkTransport):
    """Both sides of a link in one: places what it sends in memory, as `pack` does, and lends it."""

    def __init__(self, stream: LinkStream, pool: BufferPool, borrows: memoryview | None) -> None:
        super().__init__(stream, MAX_FRAME_BYTES, lends=pool.memory, borrows=borrows)
        self.pool = pool

    def send(self, parts: Sequence[Buffer]) -> Awaitable[None] | None:
        placed: list[Buffer] = []
        for part in parts:
            memory = self.pool.take(len(part))
            if memory is not None:
                memory[:] = part
            placed.append(part if memory is None else memory)
        return super().send(placed)


async def lending_pair() -> tuple[LendingTransport, LendingTransport]:
    """Return both ends of a link connection, each with memory that the other reads."""
    one, other = await stream_pair("unix")
    pool, peer = BufferPool(), BufferPool()
    return LendingTransport(one, pool, mapped(peer)), LendingTransport(other, peer, mapped(pool))


def mapped(pool: BufferPool) -> memoryview:
    """Return the memory of a pool as the peer of its owner sees it."""
    assert pool.memory.descriptor is not None
    return map_shared(pool.memory.descriptor, pool.memory.size_bytes)


def _server_tls() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(_CERTIFICATE)
    return context


class _Accepting(FrameSocket):
    """Hands its end to the test."""

    def initialize(self, opened: asyncio.Queue[ServerWebSocket]) -> None:
        self._opened = opened

    def open(self) -> None:
        self.start_frames(ping_interval_s=60.0, ping_timeout_s=60.0)
        self._opened.put_nowait(self.frames)

    def on_close(self) -> None:
        self.frames.lost(self.close_code, self.close_reason)


async def _stop(server: HTTPServer) -> None:
    server.stop()
    await server.close_all_connections()
    # Both ends notice: tornado's reading tasks end by themselves.
    await until(
        lambda: not any("_receive_frame_loop" in repr(each) for each in asyncio.all_tasks())
    )


async def _read_out(client: ClientWebSocket) -> None:
    """Take what tornado still holds: it waits for a reader, also after the end."""
    with suppress(ConnectionClosed):
        while True:
            await client.read()


class Pairs:
    """Makes connected pairs of one kind; ends them all when it is left."""

    def __init__(self, kind: str, stack: AsyncExitStack) -> None:
        self._kind = kind
        self._stack = stack

    async def connect(self) -> Pair:
        """Return two connected transports."""
        one, other = await self._make()
        for transport in (one, other):
            self._stack.callback(transport.abort)
        return one, other

    async def _make(self) -> Pair:
        if self._kind == "inproc":
            return inproc_pair()
        if self._kind in ("unix", "tcp"):
            one, other = await stream_pair(self._kind)
            return LinkTransport(one, MAX_FRAME_BYTES), LinkTransport(other, MAX_FRAME_BYTES)
        if self._kind == "shared":
            return await lending_pair()
        opened: asyncio.Queue[ServerWebSocket] = asyncio.Queue()
        application = Application(
            [("/", _Accepting, {"opened": opened})], websocket_max_message_size=MAX_FRAME_BYTES
        )
        is_encrypted = self._kind == "encrypted"
        server = HTTPServer(application, ssl_options=_server_tls() if is_encrypted else None)
        (listener,) = bind_sockets(0, "127.0.0.1")
        server.add_socket(listener)
        self._stack.push_async_callback(_stop, server)
        url = f"ws{'s' * is_encrypted}://127.0.0.1:{listener.getsockname()[1]}/"
        request = HTTPRequest(url, ca_certs=str(_CERTIFICATE) if is_encrypted else None)
        connection = await websocket_connect(request, max_message_size=MAX_FRAME_BYTES)
        client = ClientWebSocket(connection)
        self._stack.push_async_callback(_read_out, client)
        return (
            (client, await opened.get()) if self._kind == "client" else (await opened.get(), client)
        )


@asynccontextmanager
async def pairs_of(kind: str) -> AsyncIterator[Pairs]:
    """Return a maker of pairs; `kind` names the end that comes first."""
    async with AsyncExitStack() as stack:
        yield Pairs(kind, stack)
