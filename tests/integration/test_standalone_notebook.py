"""The quickstart in a cell: it returns once it listens, and the kernel stays the kernel."""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.kernel import Kernel
from support.sockets import call, raw_socket
from support.waiting import asynchronous, soon

from wslink_jupyter.client import connect
from wslink_jupyter.errors import CallCancelled, MethodNotFound

#: Everything but its last lines, which are a program's.
CLASSES = (
    (Path(__file__).parents[1] / "support" / "quickstart.py")
    .read_text()
    .partition("async def main")[0]
)

SLOW = """
import threading, time
class Slow(WslinkServerProtocol):
    @Server.expose("slow.where", run="thread")
    def where(self): return threading.current_thread().name
    @Server.expose("slow.spin")
    def spin(self):
        print("spinning", flush=True)
        while True: pass
class SlowHandler(WslinkHandler):
    protocol_class = Slow
"""


@pytest.fixture
def taken() -> Iterator[int]:
    """A port that another program listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


@pytest.fixture
def free() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _cell(port: int, handler: str = "MyHandler") -> str:
    return f"server = await run_wslink(port={port}, host='127.0.0.1', ws={handler}, secret='s')"


def _url(output: str) -> str:
    """Return where it serves, from the one line that says so."""
    found = re.search(r"ws://\S+/ws", output)
    assert found is not None
    assert output.count("\n") == 1
    return found[0]


@asynchronous
async def test_a_cell_returns_a_handle_and_signals_stay_the_kernels(
    mortal: Kernel, free: int
) -> None:
    async with mortal.console() as console:
        await console.run(CLASSES + "import signal\nbefore = signal.getsignal(signal.SIGTERM)")
        url = _url((await console.run(_cell(free))).stdout)
        assert await console.value("server.url") == url == f"ws://127.0.0.1:{free}/ws"
        assert await console.value("signal.getsignal(signal.SIGTERM) == before") is True
        async with raw_socket(url) as client:
            async with connect(url, secret="s") as session:
                assert await session.call("my.hello", "cell") == "Hello, cell!"
            # The cell again: the new server takes the place of the old.
            again = await console.run(f"first = server\n{_cell(free)}")
            assert _url(again.stdout) == url
            assert (await client.closed())[0] == 1001
        assert await console.value("first is server") is False
        async with connect(url, secret="s") as session:
            assert await session.call("my.add", 1, 2) == 3
        async with raw_socket(url) as client:
            await console.run("server.stop()  # not awaited")
            assert await client.closed() == (1001, "the server stops")
        await console.run("await server.stop()")
        assert "stopped" in await console.value("repr(server)")


@asynchronous
async def test_an_interrupt_ends_the_cell_and_not_the_server(mortal: Kernel, free: int) -> None:
    async with mortal.console() as console:
        await console.run(CLASSES + SLOW)
        started = await console.run(_cell(free, "SlowHandler"))
        url = _url(started.stdout)
        async with connect(url, secret="s") as session:
            cell = console.start("print('busy', flush=True)\nwhile True: pass")
            await cell.printed("busy")
            # Threads answer while the cell runs.
            assert (await session.call("slow.where")).startswith("wslink-worker")
            await mortal.interrupt()
            await cell.ended()
            assert cell.error[0] == "KeyboardInterrupt"
            assert (await session.call("slow.where")).startswith("wslink-worker")
            spinning = asyncio.create_task(session.call("slow.spin"))
            await started.printed("spinning")
            await mortal.interrupt()
            with pytest.raises(CallCancelled, match="interrupted"):
                await soon(spinning)
        await console.run("await server.stop()")


@asynchronous
async def test_a_port_that_is_taken_is_no_failure(mortal: Kernel, taken: int) -> None:
    async with mortal.console() as console:
        await console.run(CLASSES)
        url = _url((await console.run(_cell(taken))).stdout)
        assert f":{taken}/" not in url
        async with connect(url, secret="s") as session:
            assert await session.call("my.add", 1, 2) == 3
        cell = await console.run("async with server:\n    print(server.url)")
        assert cell.stdout.strip() == url
        assert "stopped" in await console.value("repr(server)")


@asynchronous
async def test_the_end_of_the_kernel_closes_the_sockets(mortal: Kernel, free: int) -> None:
    async with mortal.console() as console:
        await console.run(CLASSES)
        url = _url((await console.run(_cell(free))).stdout)
    async with raw_socket(url) as client:
        await client.send(call(1, "my.add"))
        await client.receive()
        await mortal.restart()
        assert await client.closed() == (1001, "the server stops")
    async with mortal.console():
        pass  # one that is shut down while it starts complains


EXPOSED = """
class Beside(WslinkServerProtocol):
    @Server.expose("beside.name")
    def name(self): return "beside"
    @Server.expose("my.add")
    def add(self, a, b): return "of the one that was registered"
class Mine(MyProtocol):
    def initialize(self):
        super().initialize()
        self.registerVtkWebProtocol(Beside())
    @Server.expose("my.tell")
    def tell(self, value):
        self.publish("my.news", value)
        return "told"
    @Server.expose("my.thread", run="thread")
    def thread(self):
        import threading
        return threading.current_thread().name
    def not_named(self): pass
"""


@asynchronous
async def test_the_same_class_is_exposed_in_a_notebook(mortal: Kernel) -> None:
    await mortal.load()
    async with mortal.console() as console:
        await console.run(CLASSES + EXPOSED)
        for _ in range(2):  # a cell may be run again
            await console.run("mine = wl.expose(Mine(), 'mine')")
        async with connect(mortal.socket_url, token=mortal.server.token) as session:
            heard: list[object] = []
            session.subscribe("my.news", heard.append)
            assert await session.call("my.hello", "Lab") == "Hello, Lab!"
            assert await session.call("my.add", 1, 2) == 3
            assert await session.call("beside.name") == "beside"
            assert (await session.call("my.thread")).startswith("wslink-worker")
            assert await session.call("my.tell", {"n": 1}) == "told"
            await session.flush()
            assert heard == [{"n": 1}]
            for name in ("mine.not_named", "mine.publish", "mine.registerVtkWebProtocol"):
                with pytest.raises(MethodNotFound):
                    await session.call(name)
            await console.run("wl.unexpose('mine')")
            for name in ("my.hello", "beside.name"):
                with pytest.raises(MethodNotFound):
                    await session.call(name)
