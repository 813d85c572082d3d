"""A server and a kernel for stock clients."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgpack
import pytest
from interop.targets import CELL
from support.jupyter import JupyterServer
from support.kernel import PRELUDE, Kernel
from support.waiting import soon

_RUNNER = Path(__file__).parent / "run.mjs"
_LABEXTENSION = Path(__file__).parents[2] / "labextension"

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
def application_kernel(server: JupyterServer) -> Kernel:
    """A kernel that serves the stock application of ``apps.py``."""

    async def start() -> Kernel:
        kernel = await Kernel.start(server)
        async with kernel.console() as console:
            await console.run(PRELUDE + CELL)
        return kernel

    return asyncio.run(start())


@dataclass(frozen=True)
class Story:
    """What a stock client went through.

    Attributes
    ----------
    replies : list of dict
        ``{"result": ...}`` or ``{"error": ...}`` per call.
    heard : dict
        Published values by topic.
    frames : list of (int, bytes)
        Size and first kilobyte of every frame that came.
    """

    replies: list[dict[str, Any]]
    heard: dict[str, list[Any]]
    frames: list[tuple[int, bytes]]

    def envelopes(self) -> list[dict[str, Any]]:
        """Return the envelopes that came in one short frame."""
        return [
            msgpack.unpackb(head[12:], timestamp=3)
            for size, head in self.frames
            if size == len(head) and int.from_bytes(head[8:12], "little") == size - 12
        ]


Npm = Callable[..., Awaitable[Story]]


async def run_npm(url: str, steps: Sequence[list[Any]], secret: str = "wslink-secret") -> Story:
    """Run steps with the npm client; see ``run.mjs``."""
    node = shutil.which("node")
    if node is None or not (_LABEXTENSION / "node_modules" / "wslink").is_dir():
        pytest.fail("expected node, and wslink in labextension/node_modules: run npm ci there")
    process = await asyncio.create_subprocess_exec(
        node,
        str(_RUNNER),
        url,
        secret,
        cwd=_LABEXTENSION,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    output, errors = await soon(process.communicate(json.dumps(steps).encode()), 60)
    # The client's source is one long line; what went wrong is behind it.
    assert (process.returncode, errors) == (0, b""), errors.decode()[-2000:]
    story = json.loads(output)
    frames = [(each["size"], bytes.fromhex(each["head"])) for each in story.pop("frames")]
    return Story(**story, frames=frames)


@pytest.fixture
def npm(kernel: Kernel, server: JupyterServer) -> Npm:
    """Run steps with the npm client in the kernel of these tests."""

    async def run(*steps: list[Any], endpoint: str = "default") -> Story:
        url = server.socket_url(kernel.id, endpoint)
        return await run_npm(f"{url}?token={server.token}", steps)

    return run
