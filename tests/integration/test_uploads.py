"""Large values go from browsers to kernels through memory, whatever else goes on."""

from __future__ import annotations

import asyncio
import hashlib
import random
from contextlib import AsyncExitStack, suppress
from pathlib import Path

import msgpack
import psutil
import pytest
from support.jupyter import JupyterServer
from support.kernel import PRELUDE, Kernel
from support.listening import listen
from support.memory import memory_bytes
from support.sockets import HELLO, SleepingClient, call, chunk, frame, raw_socket
from support.waiting import asynchronous, soon, until

from wslink_jupyter.client import ClientSession, connect
from wslink_jupyter.errors import ConnectionClosed
from wslink_jupyter.rpc.shared_memory import CAN_SHARE

KIB, MIB = 1024, 1024 * 1024
SIZES = (1, 60 * KIB, 70_000, 256 * KIB, MIB + 1, 5_000_000, 8 * MIB, 20_000_001, 64 * MIB - KIB)
#: Counts what the kernel reads in the server's memory.
COUNT = """
import hashlib
from wslink_jupyter.transport.lending import Borrower
borrowed = []
def parts(self, payload, parts=Borrower.parts):
    found = parts(self, payload)
    borrowed.append(len(found[1]))
    return found
Borrower.parts = parts
"""
DIGEST = """
import hashlib, queue
kept = queue.SimpleQueue()
wl.expose(lambda data: kept.put(hashlib.sha256(data).hexdigest()), "uploads.keep", run="thread")
_ = wl.expose(lambda data: hashlib.sha256(data).hexdigest(), "uploads.digest", run="thread")
"""
#: Ends the kernel while it reads there.
DIE = """
from wslink_jupyter.transport.lending import Borrower
def parts(self, payload, parts=Borrower.parts, count=[]):
    count.append(1)
    if len(count) > 50:
        os.kill(os.getpid(), signal.SIGKILL)
    return parts(self, payload)
Borrower.parts = parts
"""
#: Large publications, until the cell is told to stop.
PUBLISH = """
stops = threading.Event()
wl.expose(stops.set, "uploads.stop", run="loop")
n = 0
while not stops.wait(0.01):
    data = bytes([n % 256]) * 700_000
    wl.publish("uploads.noise", [hashlib.sha256(data).hexdigest(), data])
    n += 1
n
"""


@pytest.fixture(scope="module")
def counting(server: JupyterServer) -> Kernel:
    """A kernel that counts what it reads in the server's memory."""

    async def start() -> Kernel:
        kernel = await Kernel.start(server)
        async with kernel.console() as console:
            await console.run(PRELUDE + COUNT + DIGEST)
        return kernel

    return asyncio.run(start())


async def check_uploads(session: ClientSession, sizes: tuple[int, ...], seed: int) -> None:
    for size in sizes:
        data = random.Random(seed).randbytes(size)
        assert await session.call("uploads.digest", data) == hashlib.sha256(data).hexdigest(), size


@pytest.mark.skipif(not CAN_SHARE, reason="through memory on Linux only")
@asynchronous
async def test_every_size_goes_through_memory_and_comes_whole(
    counting: Kernel, server: JupyterServer
) -> None:
    async with (
        counting.console() as console,
        connect(counting.socket_url, token=server.token) as one,
        connect(counting.socket_url, token=server.token) as other,
    ):
        before = await console.value("sum(borrowed)")
        await asyncio.gather(
            check_uploads(one, SIZES, 1), check_uploads(other, tuple(reversed(SIZES)), 2)
        )
        # Of each message, no more than a first or last chunk is small.
        read = await console.value("sum(borrowed)") - before
        assert 0 <= 2 * sum(SIZES) - read < 2 * len(SIZES) * 66 * KIB


@asynchronous
async def test_publications_and_uploads_at_once(counting: Kernel, server: JupyterServer) -> None:
    heard: list[bool] = []
    async with (
        counting.console() as console,
        connect(counting.socket_url, token=server.token) as one,
        connect(counting.socket_url, token=server.token) as other,
    ):
        before = await console.value("sum(borrowed)")
        for session in (one, other):
            listen(session, "uploads.noise", lambda value: heard.append(_is_whole(*value)))
            await session.flush()
        cell = console.start(PUBLISH)
        await until(lambda: heard, "publications")
        sizes = tuple(size for size in SIZES if size < 32 * MIB) * 2
        await asyncio.gather(check_uploads(one, sizes, 3), check_uploads(other, sizes, 4))
        await one.call("uploads.stop")
        await cell.done()
        if CAN_SHARE:
            assert await console.value("sum(borrowed)") > before
    assert all(heard)


def _is_whole(digest: str, data: bytes) -> bool:
    return hashlib.sha256(data).hexdigest() == digest


@asynchronous
async def test_a_client_that_reads_nothing_before_it_has_written_everything(
    counting: Kernel, server: JupyterServer
) -> None:
    data = random.Random(5).randbytes(16 * MIB)
    message = msgpack.packb(call(1, "uploads.keep", data))
    async with counting.console() as console:
        client = await SleepingClient.open(server, counting.socket_url)
        try:
            await client.send(frame(HELLO))
            # More than the way to it holds: the server waits for it, and hears nothing else.
            await console.run("for n in range(20): wl.publish('uploads.noise', bytes(1_000_000))")
            for at in range(0, len(message), 256 * KIB):
                content = message[at : at + 256 * KIB]
                await soon(client.send(chunk(9, at, len(message), content)))
            digest = hashlib.sha256(data).hexdigest()
            assert await console.value("kept.get(timeout=20)") == digest
            assert await console.value("kept.empty()") is True
        finally:
            client.close()


@pytest.mark.skipif(not CAN_SHARE, reason="through memory on Linux only")
@asynchronous
async def test_memory_ends_with_its_kernel(server: JupyterServer) -> None:
    kernel = await Kernel.start(server)
    before = _memories(server.pid)

    def are_new(count: int) -> bool:
        return len(_memories(server.pid) - before) == count

    async with kernel.console() as console:
        await console.run(PRELUDE + DIGEST)
        pid = await console.value("os.getpid()")
        for _ in range(2):
            async with connect(kernel.socket_url, token=server.token) as session:
                await check_uploads(session, (MIB,), 7)
                assert are_new(2)  # the server's, and what it reads of the kernel's
                assert len(_memories(pid)) == 2
            await until(lambda: are_new(1), "the kernel's memory to be let go")
            await until(lambda: len(_memories(pid)) == 1, "the server's memory to be let go")
        async with connect(kernel.socket_url, token=server.token) as session:
            await session.call("uploads.digest", b"")
            await kernel.shut_down()
            await session.closed()
    await until(lambda: are_new(0), "the memory to be given back")


def _memories(pid: int) -> set[int]:
    """Return which memories of ours a process has mapped, or could map."""
    found = set()
    for descriptor in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(FileNotFoundError):
            if "memfd:wslink" in str(descriptor.readlink()):
                found.add(descriptor.stat().st_ino)
    return found


@pytest.mark.skipif(not CAN_SHARE, reason="through memory on Linux only")
@asynchronous
async def test_a_kernel_that_is_killed_in_an_upload_ends_that_and_nothing_else(
    counting: Kernel, mortal: Kernel, server: JupyterServer
) -> None:
    async with mortal.console() as console:
        await console.run(PRELUDE + DIGEST + DIE)
        async with connect(mortal.socket_url, token=server.token) as session:
            uploads = [
                asyncio.create_task(session.call("uploads.digest", bytes(60 * MIB)))
                for _ in range(3)
            ]
            for upload in uploads:
                with pytest.raises(ConnectionClosed):
                    await soon(upload)
    async with connect(counting.socket_url, token=server.token) as session:
        await check_uploads(session, (20_000_001,), 6)


@asynchronous
async def test_uploads_that_stop_or_only_claim_cost_what_came(
    counting: Kernel, server: JupyterServer
) -> None:
    async with counting.console() as console, AsyncExitStack() as stack:
        await console.run("import gc; gc.collect()")
        processes = [psutil.Process(server.pid), psutil.Process(await console.value("os.getpid()"))]
        before = memory_bytes(processes)
        for _ in range(4):
            socket = await stack.enter_async_context(
                raw_socket(counting.socket_url, token=server.token)
            )
            await socket.hello()
            for number in range(16):
                await socket.send(chunk(100 + number, 0, 60 * MIB, bytes(100_000)))
            await socket.ask(call(1, "uploads.digest", b""))  # behind all of them
        growth = memory_bytes(processes) - before
        assert growth < 64 * MIB, f"{growth / MIB:.0f} MiB for 6 MiB of 3840 MiB claimed"
