"""Forked children of a kernel hold no link and say nothing on it."""

from __future__ import annotations

import contextlib
from typing import Any

from support.jupyter import JupyterServer
from support.kernel import PRELUDE, Kernel, kill
from support.listening import listen
from support.waiting import asynchronous, soon, until

from wslink_jupyter.client import connect

#: A child that outlives its parent, and one of multiprocessing.
CHILDREN = """
import multiprocessing
child = os.fork()
if child == 0:
    time.sleep(3600)
    os._exit(0)
worker = multiprocessing.get_context("fork").Process(target=time.sleep, args=(3600,), daemon=True)
worker.start()
wl.expose(lambda: [os.getpid(), child, worker.pid], "pids", run="thread")
"""
PUBLISH_IN_CHILD = """
from wslink_jupyter.kernel.extension import current_runtime
readable, writable = os.pipe()
child = os.fork()
if child == 0:
    try:
        for _ in range(3):
            wl.publish("fork.news", "from the child")
        os.write(writable, str(current_runtime().default.hub.lost_publications).encode())
    finally:
        os._exit(0)
os.waitpid(child, 0)
os.close(writable)
print(os.read(readable, 10).decode())
wl.publish("fork.news", "from the parent")
"""
POOL = """
import multiprocessing
def square(n):
    wl.publish("fork.news", n)
    return n * n
with multiprocessing.get_context("fork").Pool(4) as pool:
    print(pool.map(square, range(20)))
wl.publish("fork.news", "done")
"""


@asynchronous
async def test_client_is_told_of_the_death_although_children_live(server: JupyterServer) -> None:
    kernel = await Kernel.start(server)
    pids: list[int] = []
    try:
        async with kernel.console() as console:
            await console.run(PRELUDE + CHILDREN)
            async with connect(kernel.socket_url, token=server.token) as session:
                pids = await session.call("pids")
                kill(pids[0])
                closed = await soon(session.closed(), 5)
        assert closed.code == 4010
    finally:
        for pid in pids[1:]:
            with contextlib.suppress(ProcessLookupError):
                kill(pid)
        await kernel.shut_down()


@asynchronous
async def test_publications_of_children_are_counted_and_nothing_else(
    kernel: Kernel, server: JupyterServer
) -> None:
    heard: list[Any] = []
    async with (
        kernel.console() as console,
        connect(kernel.socket_url, token=server.token) as session,
    ):
        listen(session, "fork.news", heard.append)
        await session.flush()
        cell = await console.run(PUBLISH_IN_CHILD)
        assert cell.stdout == "3\n"
        cell = await console.run(POOL)
        assert cell.stdout == f"{[n * n for n in range(20)]}\n"
        await until(lambda: "done" in heard, "the parent's last publication")
    assert heard == ["from the parent", "done"]
