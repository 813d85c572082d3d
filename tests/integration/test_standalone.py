"""A server without Jupyter keeps what a kernel's endpoint keeps."""

from __future__ import annotations

import asyncio
import signal
import socket
import threading
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from support.jupyter import split_address
from support.sockets import RawSocket, call, chunk, raw_socket, upgrade_status
from support.waiting import asynchronous, soon, until
from tornado.httpclient import AsyncHTTPClient, HTTPResponse

from wslink_jupyter import Server
from wslink_jupyter.client import connect
from wslink_jupyter.errors import MethodNotFound, RegistrationError, ServeError
from wslink_jupyter.limits import Limits
from wslink_jupyter.protocols import WslinkServerProtocol
from wslink_jupyter.standalone.conversations import HeartbeatTimes
from wslink_jupyter.standalone.server import StandaloneServer
from wslink_jupyter.websocket import WslinkHandler, run_wslink

SECRET = "wslink-secret"


class Other:
    """Another protocol, registered by the first."""

    coreServer: Any = None  # noqa: N815

    def init(self, publish: Any, add_attachment: Any, stop: Any) -> None:
        self.publish = publish

    @Server.expose("other.shared")
    def shared(self) -> Any:
        return self.coreServer.getSharedObject("greeting")

    @Server.expose("my.where")
    def where(self) -> str:
        return "the other's: the protocol itself goes first"


class Protocol(WslinkServerProtocol):
    def initialize(self) -> None:
        self.registerVtkWebProtocol(self)
        self.publish("my.news", "nobody hears this")
        self.setSharedObject("greeting", "hello")
        self.registerVtkWebProtocol(Other())
        self.began, self.gate = threading.Event(), threading.Event()
        self.clients: list[tuple[str, str, str]] = []

    def onConnect(self, request: Any, client_id: str) -> None:  # noqa: N802
        self.clients.append(("connected", client_id, request.user))

    def onClose(self, client_id: str) -> None:  # noqa: N802
        self.clients.append(("closed", client_id, threading.current_thread().name))

    @Server.expose("my.where")
    def where(self) -> str:
        return threading.current_thread().name

    @Server.expose("my.thread", run="thread")
    def thread(self) -> str:
        return threading.current_thread().name

    @Server.expose("my.loop", run="loop")
    async def loop(self) -> str:
        return threading.current_thread().name

    @Server.expose("my.block")
    def block(self) -> bool:
        self.began.set()
        return self.gate.wait(20.0)

    @Server.expose("my.open_gate", run="thread")
    def open_gate(self) -> None:
        self.gate.set()

    @Server.expose("my.tell")
    def tell(self, value: Any, skip: bool = False) -> str:
        self.publish("my.news", value, skip_last_active_client=skip)
        return "told"

    @Server.expose("my.fail")
    def fail(self) -> None:
        raise ValueError("no such luck")

    def not_named(self) -> None:
        raise AssertionError("nobody may call this")


class Handler(WslinkHandler):
    protocol_class = Protocol


@Server.expose("free.function")
def free_function(value: Any) -> Any:
    return [value]


@asynccontextmanager
async def serving(protocol: Any = None, **options: Any) -> AsyncIterator[StandaloneServer]:
    options = {"secret": SECRET, "modules_of": (Handler,), **options}
    async with StandaloneServer(protocol or Protocol(), **options) as server:
        yield server


@asynccontextmanager
async def greeted(server: StandaloneServer) -> AsyncIterator[tuple[RawSocket, str]]:
    async with raw_socket(server.url) as client:
        hello = await client.hello()
        yield client, hello["clientID"]


def no_threads() -> bool:
    return not [each for each in threading.enumerate() if each.name.startswith("wslink-")]


async def fetch(url: str, **headers: str) -> HTTPResponse:
    return await soon(AsyncHTTPClient().fetch(url, headers=headers, raise_error=False))


@asynchronous
async def test_procedures_run_where_they_say() -> None:
    async with serving() as server, connect(server.url, secret=SECRET) as session:
        assert await session.call("my.where") == threading.main_thread().name
        assert (await session.call("my.thread")).startswith("wslink-worker")
        assert await session.call("my.loop") == "wslink-server"
        assert await session.call("free.function", 1) == [1]
        assert await session.call("other.shared") == "hello"
        with pytest.raises(
            MethodNotFound, match="'no_such'; give a method of the server that name"
        ):
            await session.call("no_such")


@asynchronous
async def test_a_procedure_that_blocks_holds_up_neither_threads_nor_the_loop() -> None:
    protocol = Protocol()
    async with serving(protocol) as server, greeted(server) as (client, _):

        async def ask() -> None:
            async with connect(server.url, secret=SECRET) as other:
                assert await other.call("my.loop") == "wslink-server"
                await other.call("my.open_gate")

        def ask_from_elsewhere() -> None:
            assert protocol.began.wait(20.0)
            asyncio.run(ask())

        # The loop of this test is the one that is blocked.
        asking = asyncio.get_running_loop().run_in_executor(None, ask_from_elsewhere)
        assert (await client.ask(call(1, "my.block")))["result"] is True
        await asking


@asynchronous
async def test_one_protocol_serves_all_clients_and_is_told_of_each_once() -> None:
    protocol = Protocol()
    async with serving(protocol) as server:
        async with greeted(server) as (one, first), greeted(server) as (two, second):
            assert (await one.ask(call(1, "my.tell", {"n": 1})))["result"] == "told"
            heard = [await one.receive(), await two.receive()]
            assert [each["result"] for each in heard] == [{"n": 1}, {"n": 1}]
            assert (await one.ask(call(2, "my.tell", "skipped", True)))["result"] == "told"
            assert (await two.receive())["result"] == "skipped"
            assert (await one.ask(call(3, "my.tell", "all")))["result"] == "told"
            assert (await one.receive())["result"] == "all"
            # Also from a thread of nobody's.
            await asyncio.to_thread(protocol.publish, "my.news", "thread", second)
            assert [(await two.receive())["result"] for _ in range(2)] == ["all", "thread"]
        await until(lambda: len(protocol.clients) == 4)
    name = threading.main_thread().name
    # Stock protocols know a client by what is behind the first letter.
    ids = [first[1:], second[1:]]
    assert protocol.clients[:2] == [("connected", each, "127.0.0.1") for each in ids]
    assert set(protocol.clients[2:]) == {("closed", each, name) for each in ids}


@asynchronous
async def test_only_what_has_a_name_is_called() -> None:
    async with serving() as server, greeted(server) as (client, _):
        for name in ("protocol.not_named", "my.not_named", "application.exit", "my.publish"):
            assert (await client.ask(call(1, name)))["error"]["code"] == -32601
        failed = (await client.ask(call(2, "my.fail")))["error"]
        assert failed == {
            "code": -32001,
            "message": "ValueError: no such luck",
            "data": {"type": "ValueError"},
        }


@asynchronous
async def test_limits_are_kept() -> None:
    limits = Limits(max_message_bytes=1_000_000, hello_timeout_s=1.0)
    async with serving(limits=limits) as server:
        async with greeted(server) as (client, _):
            await client.send(chunk(1, 0, 1_000_001, b"x"))
            assert (await client.closed())[0] == 4009
        async with raw_socket(server.url) as silent:
            assert await silent.closed() == (4012, "expected a hello within 1 s")
        async with raw_socket(server.url) as old:
            await old.send('{"wslink": "1.0", "method": "wslink.hello"}')
            code, reason = await old.closed()
            assert code == 1003
            assert reason is not None
            assert reason.startswith("wslink 1.x client")
        async with raw_socket(server.url) as stranger:
            await stranger.send(chunk(1, 0, 5000, b"x"))
            assert (await stranger.closed())[0] == 4009
        async with greeted(server) as (client, _):
            assert (await client.ask(call(1, "my.where")))["result"]


@asynchronous
async def test_a_silent_client_is_closed_and_forgotten() -> None:
    protocol = Protocol()
    times = HeartbeatTimes(interval_s=0.2, timeout_s=0.3)
    async with serving(protocol, heartbeat=times) as server:
        host, port, path = split_address(server.url)
        # One that upgrades and then neither reads nor answers pings.
        reader, writer = await asyncio.open_connection(host, port)
        writer.write(
            f"GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\nUpgrade: websocket\r\n"
            "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n".encode()
        )
        rest = await soon(reader.read())
        assert rest.startswith(b"HTTP/1.1 101")
        assert b"\x0f\xacno sign of life" in rest  # 4012, and why
        writer.close()
        assert protocol.clients == []  # it never said hello
        async with greeted(server) as (client, _):  # one that answers stays
            started_s = time.monotonic()
            while time.monotonic() - started_s < 1.0:
                reply = await client.ask(call(1, "my.loop"))
                assert reply["result"] == "wslink-server"


@asynchronous
async def test_pages_of_elsewhere_may_not_connect() -> None:
    async with serving() as server:
        local = f"http://127.0.0.1:{server.port}"
        for origin in (local, "http://localhost:5173", "http://[::1]:1"):
            assert await upgrade_status(server.url, headers={"Origin": origin}) == 101
        for origin in (
            "https://evil.example",
            "null",
            f"http://127.0.0.1.evil.example:{server.port}",
        ):
            assert await upgrade_status(server.url, headers={"Origin": origin}) == 403
        # A name that was made to point here.
        rebound = {
            "Host": f"evil.example:{server.port}",
            "Origin": f"http://evil.example:{server.port}",
        }
        assert await upgrade_status(server.url, headers=rebound) == 404
    async with serving(host="0.0.0.0") as server:
        url = f"ws://127.0.0.1:{server.port}/ws"
        same = {"Origin": f"http://127.0.0.1:{server.port}"}
        assert await upgrade_status(url, headers=same) == 101
        assert await upgrade_status(url, headers={"Origin": "http://localhost:1"}) == 403


@asynchronous
async def test_it_serves_the_client_and_a_folder(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("<p>here</p>")
    (tmp_path.parent / "secret.txt").write_text("no")
    async with serving() as bare:
        assert b"A wslink server" in (await fetch(bare.page_url)).body
    async with serving(folder=tmp_path) as server:
        page = await fetch(server.page_url)
        assert (page.code, page.body) == (200, b"<p>here</p>")
        client = await fetch(f"{server.page_url}wslink-jupyter/static/client.js")
        assert client.code == 200
        assert client.headers["Content-Type"] == "text/javascript; charset=utf-8"
        assert b"export" in client.body
        assert (await fetch(f"{server.page_url}%2e%2e/secret.txt")).code == 403
        assert (await fetch(f"{server.page_url}none.js")).code == 404
        async with greeted(server) as (client_socket, _):
            assert (await client_socket.ask(call(1, "my.loop")))["result"] == "wslink-server"


@asynchronous
async def test_what_cannot_be_served_says_why() -> None:
    class Nothing(WslinkServerProtocol):
        pass

    with pytest.raises(ServeError, match=r"expected methods named with @Server.expose in Nothing"):
        StandaloneServer(Nothing())
    with pytest.raises(ServeError, match="port: expected a number from 0 to 65535, got 70000"):
        StandaloneServer(Protocol(), port=70000)
    with pytest.raises(ServeError, match="secret: expected a text that is not empty"):
        StandaloneServer(Protocol(), secret="")
    with pytest.raises(ServeError, match=r"cannot listen at no\.such\.host\.invalid:0"):
        StandaloneServer(Protocol(), host="no.such.host.invalid")
    with pytest.raises(ServeError, match="www: expected a folder"):
        StandaloneServer(Protocol(), folder=Path("no/such/folder"))
    with pytest.raises(ServeError, match="expected ws=, a subclass of WslinkHandler"):
        await run_wslink(port=0, ws=WslinkHandler)
    with pytest.raises(RegistrationError, match=r"got 'My\.Hello'"):
        Server.expose("My.Hello")
    with pytest.raises(RegistrationError, match=r"got 'b\.b' for what is 'a\.a'"):
        Server.expose("b.b")(Server.expose("a.a")(lambda: None))
    with pytest.raises(RegistrationError, match=r"register Other\(\)"):
        Protocol().registerVtkWebProtocol(Other)
    await until(no_threads)


@asynchronous
async def test_stopping_closes_every_socket_and_frees_the_port() -> None:
    server = StandaloneServer(Protocol(), secret=SECRET)
    async with greeted(server) as (client, _), raw_socket(server.url) as stranger:
        stopping = server.stop()
        await stopping
        await server.stop()
        assert await client.closed() == (1001, "the server stops")
        assert (await stranger.closed())[0] == 1001
    assert "stopped" in repr(server)
    assert server.secret not in repr(server)
    with socket.socket() as again:
        again.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        again.bind(("127.0.0.1", server.port))
    await until(no_threads)


@asynchronous
async def test_cancelling_the_task_that_serves_ends_it(capsys: pytest.CaptureFixture[str]) -> None:
    handlers = [signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM)]
    serving_task = asyncio.create_task(run_wslink(port=0, ws=Handler, secret=SECRET))
    output: list[str] = []

    def line() -> str:
        output.append(capsys.readouterr().out)
        return "".join(output).partition("\n")[0]

    announced = await until(line, "a line that says where it serves")
    url = announced.removeprefix("wslink-jupyter serves ").partition(";")[0]
    async with raw_socket(url) as client:
        await client.hello()
        serving_task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await serving_task
        assert await client.closed() == (1001, "the server stops")
    assert [signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM)] == handlers
