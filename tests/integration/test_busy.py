"""A kernel that runs a cell: who waits is told, and a cell that says so serves."""

from __future__ import annotations

import asyncio
import random
import re
from typing import Any

import pytest
from support.jupyter import JupyterServer
from support.kernel import Kernel
from support.listening import listen
from support.sockets import OWN_HELLO, SleepingClient, frame, system
from support.waiting import asynchronous, soon, until

from wslink_jupyter.client import ClientSession, connect
from wslink_jupyter.errors import CallCancelled

SETUP = """
gate = threading.Event()
gate_opened = wl.expose(gate.set, "busy.open", run="thread")
wl.expose(threading.get_ident, "busy.ident")
wl.expose(lambda n: n, "busy.echo")
async def later(n):
    await asyncio.sleep(0)
    return n
wl.expose(later, "busy.later")
def spin():
    spinning.set()
    while True:
        time.sleep(0.001)
spinning = threading.Event()
wl.expose(spin, "busy.spin")
wl.expose(spinning.is_set, "busy.spins", run="thread")
"""
WAIT = "print('begun', flush=True); gate.wait()"
SERVE = """
print("begun", flush=True)
for step in wl.progress(range(10**9), title="solving"):
    time.sleep(0.002)
    if gate.is_set():
        break
"""


async def listening(session: ClientSession, topic: str) -> list[dict[str, Any]]:
    """Return what a session is going to hear of a topic."""
    heard: list[dict[str, Any]] = []
    listen(session, topic, heard.append)
    await session.flush()
    return heard


@pytest.mark.parametrize("procedure", ["busy.echo", "busy.later"])
@asynchronous
async def test_caller_is_told_that_its_call_waits_and_that_it_runs(
    kernel: Kernel, server: JupyterServer, procedure: str
) -> None:
    async with (
        kernel.console() as console,
        connect(kernel.socket_url, token=server.token) as session,
        connect(kernel.socket_url, token=server.token) as other,
    ):
        told, others = (
            await listening(session, "jupyter.call"),
            await listening(other, "jupyter.call"),
        )
        await console.run(SETUP)
        cell = console.start(WAIT)
        await cell.printed("begun")
        calling = asyncio.create_task(session.call(procedure, 5))
        await until(lambda: told, "the caller to be told")
        assert (told[0]["state"], told[0]["reason"]) == ("queued", "queued behind a running cell")
        runtime = await kernel.runtime()
        assert runtime is not None
        assert (runtime["busy"], runtime["waiting_calls"]) == (True, 1)
        assert not calling.done()
        await session.call("busy.open")
        assert await soon(calling) == 5
        await cell.done()
        assert [(each["id"], each["state"]) for each in told] == [
            (told[0]["id"], "queued"),
            (told[0]["id"], "running"),
        ]
        # Calls that do not wait are told nothing, and others nothing of it.
        assert await session.call("busy.echo", 6) == 6
        assert (len(told), others) == (2, [])


@asynchronous
async def test_progress_serves_calls_and_tells_how_far_it_is(
    kernel: Kernel, server: JupyterServer
) -> None:
    async with (
        kernel.console() as console,
        connect(kernel.socket_url, token=server.token) as session,
        connect(kernel.socket_url, token=server.token) as other,
    ):
        steps = await listening(session, "jupyter.progress")
        await console.run(SETUP)
        main = await console.value("threading.get_ident()")
        cell = console.start(SERVE)
        await cell.printed("begun")
        for n in range(20):
            assert await soon(session.call("busy.echo", n)) == n
        assert await soon(other.call("busy.ident")) == main
        # One that awaits needs the loop, which is the cell's.
        waiting = asyncio.create_task(other.call("busy.later", "after"))
        assert await soon(session.call("busy.echo", "passes")) == "passes"
        assert not waiting.done()
        assert not cell.reply.done()
        await session.call("busy.open")
        await cell.done()
        assert await soon(waiting) == "after"
        await until(lambda: steps and steps[-1]["state"] != "running", "the last word")
        assert {step["title"] for step in steps} == {"solving"}
        assert {step["total"] for step in steps} == {10**9}
        done = [step["done"] for step in steps]
        assert done == sorted(done)
        assert (done[0], steps[-1]["state"]) == (0, "stopped")
        (first,) = cell.data("text/html")
        assert first.startswith("<label>solving <progress")
        kinds = [kind for kind, _ in cell.outputs]
        assert "update_display_data" in kinds


@asynchronous
async def test_progress_ends_as_done_and_is_one_output(
    kernel: Kernel, server: JupyterServer
) -> None:
    async with (
        kernel.console() as console,
        connect(kernel.socket_url, token=server.token) as session,
    ):
        steps = await listening(session, "jupyter.progress")
        cell = await console.run("print(list(wl.progress(iter('abc'), total=3)))")
        assert cell.stdout == "['a', 'b', 'c']\n"
        await until(lambda: steps and steps[-1]["state"] == "done", "the last word")
        assert (steps[-1]["done"], steps[-1]["total"]) == (3, 3)
        assert [kind for kind, _ in cell.outputs].count("display_data") == 1


@asynchronous
async def test_interrupt_of_a_served_call_answers_it_and_leaves_the_link_alone(
    kernel: Kernel, server: JupyterServer
) -> None:
    async with (
        kernel.console() as console,
        connect(kernel.socket_url, token=server.token) as session,
        connect(kernel.socket_url, token=server.token) as other,
    ):
        await console.run(SETUP)
        cell = console.start(SERVE)
        await cell.printed("begun")
        spinning = asyncio.create_task(session.call("busy.spin"))
        await until(lambda: session.call("busy.spins"), "the call to run in the cell")
        behind = asyncio.create_task(other.call("busy.echo", "behind"))
        assert not cell.reply.done()
        await kernel.interrupt()
        with pytest.raises(CallCancelled, match="interrupted"):
            await soon(spinning)
        await cell.ended()
        assert cell.error[0] == "KeyboardInterrupt"
        assert await soon(behind) == "behind"
        for each in (session, other):
            assert await soon(each.call("busy.echo", 1)) == 1
        assert await console.value("1 + 1") == 2


@asynchronous
async def test_interrupts_in_traffic_leave_no_call_unanswered(
    kernel: Kernel, server: JupyterServer
) -> None:
    seeded = random.Random(5)
    outcomes: list[object] = []
    stop = asyncio.Event()

    async def calling(session: ClientSession, name: str, number: int) -> None:
        while not stop.is_set():
            try:
                outcomes.append(await session.call(name, number))
            except CallCancelled:
                outcomes.append("cancelled")

    async with (
        kernel.console() as console,
        connect(kernel.socket_url, token=server.token) as session,
        connect(kernel.socket_url, token=server.token) as other,
    ):
        await console.run(SETUP)
        callers = [
            # Those that await wait for the cell, and hold up who is behind them.
            *(asyncio.create_task(calling(other, "busy.later", number)) for number in range(2)),
            *(asyncio.create_task(calling(session, "busy.echo", number)) for number in range(6)),
        ]
        try:
            for _ in range(30):
                cell = console.start("for _ in wl.progress(range(10**9)): time.sleep(0.0005)")
                # Not before its first line: IPython swallows an interrupt of what it calls there.
                await until(lambda cell=cell: cell.data("text/html"), "the cell to begin")
                enough = len(outcomes) + seeded.randrange(20)
                await until(lambda enough=enough: len(outcomes) > enough, "calls in the cell")
                await kernel.interrupt()
                await cell.ended()
                assert cell.error[0] == "KeyboardInterrupt"
        finally:
            stop.set()
            await kernel.interrupt()
        # Whoever calls hears of it: nobody waits for ever.
        await soon(asyncio.gather(*callers))
        assert set(outcomes) <= {*range(6), "cancelled"}
        assert await soon(session.call("busy.echo", 1)) == 1
        assert [entry["calls"] for entry in await kernel.sessions()] == [0, 0]


@asynchronous
async def test_status_prints_rates_queues_drops_and_round_trip(
    kernel: Kernel, server: JupyterServer
) -> None:
    async with (
        kernel.console() as console,
        connect(kernel.socket_url, token=server.token) as session,
    ):
        heard = await listening(session, "status.topic")
        sleeper = await SleepingClient.open(server, kernel.socket_url)
        try:
            await sleeper.send(frame(OWN_HELLO))
            await sleeper.send(frame(system(1, "subscribe", "status.latest", "status.topic")))
            await until(lambda: _subscriptions(kernel, [1, 2]), "the sleeper to listen")
            status = (
                await console.run("""
wl.topic("status.latest", delivery="latest")
for n in range(50):
    wl.publish("status.latest", bytes(1_000_000))
for n in range(20):
    wl.publish("status.topic", [n, bytes(300_000)])
%wslink
""")
            ).stdout
            await until(lambda: len(heard) == 20, "what is published")
        finally:
            sleeper.close()
    ours, theirs = status.partition("by hand")[::2]
    assert "wslink_jupyter (Python): 0 calls in flight, hears 1 topics, round trip " in ours
    assert " ms\n" in ours
    assert ": 0 calls in flight, hears 2 topics\n" in theirs  # it does not answer
    for text in (ours, theirs):
        assert " messages/s, " in text
        assert "/s; " in text
    assert "; 0 messages (0 bytes) queued" in ours
    assert "0 replaced by newer, 0 dropped" in ours
    queued, replaced = (
        theirs.partition("; ")[2].split(" messages")[0],
        theirs.partition("sent, ")[2],
    )
    assert int(queued) > 5
    assert int(replaced.split()[0]) >= 47
    assert re.search(r"\(\d+ [KM]iB\) queued\n", theirs)


async def _subscriptions(kernel: Kernel, counts: list[int]) -> bool:
    return [entry["subscriptions"] for entry in await kernel.sessions()] == counts


@asynchronous
async def test_switch_interval_is_a_setting_that_ends_when_calls_do(
    kernel: Kernel, server: JupyterServer
) -> None:
    async with (
        kernel.console() as console,
        connect(kernel.socket_url, token=server.token) as session,
    ):
        before = await console.value("sys.getswitchinterval()")
        await console.run("""
for policy in ("main", "thread", "loop"):
    wl.expose(sys.getswitchinterval, f"interval.{policy}", run=policy)
""")
        assert await session.call("interval.loop") == before
        await console.run("%config WslinkKernel.switch_interval_s = 0.0005")
        try:
            for policy in ("main", "thread", "loop"):
                assert await session.call(f"interval.{policy}") == pytest.approx(0.0005)

            async def is_restored() -> bool:
                return bool(await console.value("sys.getswitchinterval()") == before)

            await until(is_restored, "the interval of before")
        finally:
            await console.run("%config WslinkKernel.switch_interval_s = 0.0")
        assert await session.call("interval.loop") == before
        cell = await console.run("%config WslinkKernel.switch_interval_s = -1.0")
        assert "should not be less than 0.0" in cell.stderr
