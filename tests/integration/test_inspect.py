"""What a real kernel tells inspectors, while a cell runs, too."""

from __future__ import annotations

import asyncio
from typing import Any

from support.jupyter import JupyterServer
from support.kernel import Kernel
from support.listening import listen
from support.waiting import asynchronous, soon, until

from wslink_jupyter.client import connect

SETUP = """
gate = threading.Event()
wl.expose(gate.set, "inspect.open", run="thread")
wl.expose(lambda: 5, "inspect.five")
"""
CELL = """
wl.publish("inspect.topic", np.zeros(3))
print("begun", flush=True)
gate.wait()
ended_s = time.perf_counter()
"""


@asynchronous
async def test_topics_and_timings_are_told_while_a_cell_runs(
    kernel: Kernel, server: JupyterServer
) -> None:
    async with (
        kernel.console() as console,
        connect(kernel.socket_url, token=server.token) as session,
    ):
        await console.run(SETUP)
        timings: dict[str, dict[str, Any]] = {}
        reports: list[list[dict[str, Any]]] = []
        listen(session, "jupyter.inspect.timings", lambda told: timings.update({told["id"]: told}))
        listen(session, "jupyter.inspect.topics", reports.append)
        await session.flush()
        cell = console.start(CELL)
        await cell.printed("begun")
        calling = asyncio.create_task(session.call("inspect.five"))
        procedures = await session.call("jupyter.inspect.procedures")
        assert "inspect.five" in [each["uri"] for each in procedures]
        await until(
            lambda: [
                each
                for each in (reports[-1] if reports else [])
                if (each["topic"], each["values"]) == ("inspect.topic", 1)
            ],
            "a report of the topic",
        )
        await session.call("inspect.open")
        assert await soon(calling) == 5
        await cell.done()
        ended_s = await console.value("ended_s")
        (waited,) = [told for told in timings.values() if told["started_s"] >= ended_s]
        assert waited["received_s"] < ended_s  # the call of inspect.five, behind the cell
        assert len(timings) == 3
