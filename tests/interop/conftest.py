"""A server and a kernel for stock clients."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest
from interop.command_line_server import StockServer
from interop.javascript import STOCK_CLIENTS, Story, run_npm
from interop.targets import CELL, Target, at, running
from support.jupyter import JupyterServer
from support.kernel import PRELUDE, Kernel

#: What the stock clients of these tests call.
PROCEDURES = """
import hashlib
class Stock:
    def echo(self, *args, **kwargs):
        return [list(args), kwargs]
    def same(self, value):
        return value
    def digest(self, data):
        assert type(data) is bytes, type(data)
        return [len(data), hashlib.sha256(data).hexdigest()]
    def make(self, size):
        return bytes(size)
    def array(self):
        return np.arange(6, dtype="<f4").reshape(2, 3)
    def when(self):
        import datetime
        return datetime.datetime(2024, 2, 29, 12, 30, tzinfo=datetime.UTC)
    def fail(self):
        raise ValueError("no such luck")
    def unsendable(self):
        return {"a": [1, object()]}
    def announce(self, count):
        for n in range(count):
            wl.publish("stock.news", {"n": n})
        return count
    async def announce_later(self):
        await asyncio.sleep(0)
        wl.publish("stock.news", "later")
        return "announced"
_ = wl.expose(Stock(), "stock")
"""


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JupyterServer]:
    started = JupyterServer(tmp_path_factory.mktemp("server"), base_url="/a%20b/")
    started.start()
    yield started
    started.stop()


@pytest.fixture(scope="session")
def kernel(server: JupyterServer) -> Kernel:
    async def start() -> Kernel:
        kernel = await Kernel.start(server)
        async with kernel.console() as console:
            await console.run(PRELUDE + PROCEDURES)
        return kernel

    return asyncio.run(start())


@pytest.fixture(scope="session")
def stock(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StockServer]:
    """A stock server with the same procedures."""
    started = StockServer(tmp_path_factory.mktemp("stock"))
    started.start()
    yield started
    started.stop()


@pytest.fixture(scope="session")
def application_kernel(server: JupyterServer) -> Kernel:
    """A kernel that serves the stock application of ``apps.py``."""

    async def start() -> Kernel:
        kernel = await Kernel.start(server)
        async with kernel.console() as console:
            await console.run(PRELUDE + CELL)
        return kernel

    return asyncio.run(start())


@pytest.fixture(scope="session")
def every_server(application_kernel: Kernel) -> Iterator[tuple[Target, ...]]:
    """The stock application on stock wslink, first, and on each of our servers."""
    with (
        running("stock_server.py", "apps") as stock,
        running("standalone_server.py", "apps") as standalone,
    ):
        yield *stock, *standalone, *at(application_kernel, "default", "application")


Npm = Callable[..., Awaitable[Story]]


@pytest.fixture(params=STOCK_CLIENTS)
def npm(request: pytest.FixtureRequest, kernel: Kernel, server: JupyterServer) -> Npm:
    """Run steps with each stock client in the kernel of these tests."""

    async def run(*steps: list[Any], endpoint: str = "default") -> Story:
        url = server.socket_url(kernel.id, endpoint)
        return await run_npm(f"{url}?token={server.token}", steps, kind=request.param)

    return run
