"""A client that stops reading costs a bounded amount of memory, and only itself."""

from __future__ import annotations

import asyncio

import psutil
from support.jupyter import JupyterServer
from support.kernel import PRELUDE, Kernel
from support.listening import listen
from support.memory import memory_bytes
from support.sockets import HELLO, SleepingClient, frame
from support.waiting import asynchronous, until

from wslink_jupyter.client import connect

MIB = 1024 * 1024
#: Each publication waits until the client that reads has it.
PUBLISH = """
heard = threading.Semaphore(0)
wl.expose(heard.release, "pressure.heard", run="thread")
for n in range(200):
    wl.publish("pressure", bytes(1024 * 1024))
    if not heard.acquire(timeout=10):
        raise TimeoutError(f"the reading client did not hear publication {n}")
"""


@asynchronous
async def test_client_that_does_not_read(server: JupyterServer) -> None:
    kernel = await Kernel.start(server)
    async with kernel.console() as console:
        await console.run(PRELUDE)
        processes = [psutil.Process(server.pid), psutil.Process(await console.value("os.getpid()"))]

        async with connect(kernel.socket_url, token=server.token) as reader:
            sizes: list[int] = []
            answers: list[asyncio.Task[None]] = []

            def hear(value: bytes) -> None:
                sizes.append(len(value))
                answers.append(asyncio.create_task(reader.call("pressure.heard")))

            listen(reader, "pressure", hear)
            await reader.flush()
            sleeper = await SleepingClient.open(server, kernel.socket_url)
            try:
                await sleeper.send(frame(HELLO))
                await until(lambda: _sessions(kernel, 2), "two sessions")
                before = memory_bytes(processes)
                await console.run(PUBLISH)
                after = memory_bytes(processes)
                assert sizes == [MIB] * 200
                growth = after - before
                assert growth < 150 * MIB, f"{growth / MIB:.0f} MiB for 200 MiB published"
                # It was told, or forgotten: nothing waits for it any more.
                await until(lambda: _sessions(kernel, 1), "the sleeper's session to end")
            finally:
                sleeper.close()
    await kernel.shut_down()


async def _sessions(kernel: Kernel, count: int) -> bool:
    return len(await kernel.sessions()) == count
