"""Where calls run, what an interrupt ends, and where prints land."""

from __future__ import annotations

import asyncio

import pytest
from support.jupyter import JupyterServer
from support.kernel import Kernel
from support.waiting import asynchronous, soon, until

from wslink_jupyter.client import ClientSession, connect
from wslink_jupyter.errors import CallCancelled, ProcedureRaised

#: A cell that runs `gate.wait()` is busy until a client opens the gate.
GATE = """
gate = threading.Event()
order = []
class Gate:
    def open(self):
        order.append("opened")
        gate.set()
    async def open_later(self):
        await asyncio.sleep(0)
        return threading.current_thread().name
wl.expose(Gate().open, "gate.open", run="thread")
wl.expose(Gate().open_later, "gate.open_later", run="loop")
wl.expose(lambda: order.append("main"), "gate.main")
wl.expose(threading.get_ident, "ident.main")
wl.expose(threading.get_ident, "ident.thread", run="thread")
wl.expose(threading.get_ident, "ident.loop", run="loop")
"""
WAIT = "print('begun'); gate.wait(); order.append('cell')"


async def _calls_in_flight(session: ClientSession, kernel: Kernel) -> int:
    own = session.hello["clientID"]
    return next(entry["calls"] for entry in await kernel.sessions() if entry["id"] == own)


@asynchronous
async def test_thread_and_loop_answer_while_a_cell_runs_and_main_comes_after(
    kernel: Kernel, server: JupyterServer
) -> None:
    async with (
        kernel.console() as console,
        connect(kernel.socket_url, token=server.token) as session,
    ):
        await console.run(GATE)
        cell = console.start(WAIT)
        await cell.printed("begun")
        main = asyncio.create_task(session.call("gate.main"))

        async def waits() -> bool:
            return await _calls_in_flight(session, kernel) == 1

        await until(waits, "the call on the main thread to be in flight")
        assert await soon(session.call("gate.open_later"))
        assert not main.done()
        await soon(session.call("gate.open"))
        await soon(main)
        await cell.done()
        assert await console.value("order") == ["opened", "cell", "main"]


@asynchronous
async def test_each_policy_has_its_thread(kernel: Kernel, server: JupyterServer) -> None:
    async with (
        kernel.console() as console,
        connect(kernel.socket_url, token=server.token) as session,
    ):
        await console.run(GATE)
        main = await console.value("threading.get_ident()")
        assert await session.call("ident.main") == main
        others = {await session.call("ident.thread"), await session.call("ident.loop")}
        assert len(others) == 2
        assert main not in others


@pytest.mark.parametrize("policy", ["main", "thread", "loop"])
@asynchronous
async def test_whatever_can_be_awaited_is(
    kernel: Kernel, server: JupyterServer, policy: str
) -> None:
    async with (
        kernel.console() as console,
        connect(kernel.socket_url, token=server.token) as session,
    ):
        await console.run(f"""
import concurrent.futures
executor = concurrent.futures.ThreadPoolExecutor(1)
class Awaitable:
    def __await__(self):
        yield from asyncio.sleep(0).__await__()
        return "awaitable"
class Waiting:
    async def coroutine(self):
        await asyncio.sleep(0.01)
        return "coroutine"
    def awaitable(self):
        return Awaitable()
    def future(self):
        return executor.submit(lambda: "future")
    def nested(self):
        return executor.submit(lambda: Awaitable())
    async def fails(self):
        await asyncio.sleep(0)
        raise ValueError("later")
_ = wl.expose(Waiting(), "waiting_{policy}", run="{policy}")
""")
        prefix = f"waiting_{policy}"
        assert await session.call(f"{prefix}.coroutine") == "coroutine"
        assert await session.call(f"{prefix}.awaitable") == "awaitable"
        assert await session.call(f"{prefix}.future") == "future"
        assert await session.call(f"{prefix}.nested") == "awaitable"
        with pytest.raises(ProcedureRaised, match="ValueError: later"):
            await session.call(f"{prefix}.fails")


@asynchronous
async def test_slow_async_call_does_not_hold_the_next(
    kernel: Kernel, server: JupyterServer
) -> None:
    async with (
        kernel.console() as console,
        connect(kernel.socket_url, token=server.token) as session,
    ):
        await console.run("""
class Patient:
    async def wait(self):
        self.event = asyncio.Event()
        await self.event.wait()
        return "waited"
    def wake(self):
        self.event.set()
_ = wl.expose(Patient(), "patient")
""")
        waiting = asyncio.create_task(session.call("patient.wait"))
        await asyncio.sleep(0)  # so that it is sent first
        await soon(session.call("patient.wake"))
        assert await soon(waiting) == "waited"


@asynchronous
async def test_calls_on_the_main_thread_run_in_order(kernel: Kernel, server: JupyterServer) -> None:
    async with (
        kernel.console() as console,
        connect(kernel.socket_url, token=server.token) as session,
    ):
        await console.run("""
ordered = []
def note(n):
    ordered.append(n)
wl.expose(note, "ordered.note")
""")
        await asyncio.gather(*(session.call("ordered.note", n) for n in range(300)))
        assert await console.value("ordered == list(range(300))")


@asynchronous
async def test_calls_of_one_object_take_turns_in_threads(
    kernel: Kernel, server: JupyterServer
) -> None:
    async with (
        kernel.console() as console,
        connect(kernel.socket_url, token=server.token) as session,
    ):
        await console.run("""
class Fragile:
    inside = 0
    most = 0
    def touch(self):
        Fragile.inside += 1
        Fragile.most = max(Fragile.most, Fragile.inside)
        time.sleep(0.002)
        Fragile.inside -= 1
    def poke(self):
        self.touch()
_ = wl.expose(Fragile(), "fragile", run="thread")
""")
        names = ["fragile.touch", "fragile.poke"] * 10
        await asyncio.gather(*(session.call(name) for name in names))
        assert await console.value("Fragile.most") == 1


@asynchronous
async def test_prints_land_in_the_cell_that_exposed(kernel: Kernel, server: JupyterServer) -> None:
    async with (
        kernel.console() as console,
        connect(kernel.socket_url, token=server.token) as session,
    ):
        homes = {}
        for policy in ("main", "thread", "loop"):
            homes[policy] = await console.run(f"""
def say_{policy}(text):
    print("{policy} says", text, flush=True)
    print("{policy} warns", text, file=sys.stderr, flush=True)
async def say_later_{policy}(text):
    await asyncio.sleep(0)
    print("{policy} later", text, flush=True)
wl.expose(say_{policy}, "say.{policy}", run="{policy}")
wl.expose(say_later_{policy}, "say.later_{policy}", run="{policy}")
""")
        others = [await console.run(f"print('cell', {n})") for n in range(3)]
        for policy in homes:
            await session.call(f"say.{policy}", "hello")
            await session.call(f"say.later_{policy}", "hello")
        await console.run("print('last')")
        for policy, home in homes.items():
            await home.printed(f"{policy} says hello\n")
            await home.printed(f"{policy} later hello\n")
            await home.printed(f"{policy} warns hello\n", "stderr")
        # Nothing went astray: each cell has what is its own, and no more.
        assert [cell.stdout for cell in others] == [f"cell {n}\n" for n in range(3)]
        for policy, home in homes.items():
            assert home.stdout == f"{policy} says hello\n{policy} later hello\n"


@asynchronous
async def test_prints_land_at_home_while_another_cell_runs(
    kernel: Kernel, server: JupyterServer
) -> None:
    async with (
        kernel.console() as console,
        connect(kernel.socket_url, token=server.token) as session,
    ):
        await console.run(GATE)
        home = await console.run("wl.expose(print, 'home.print', run='thread')")
        cell = console.start(WAIT)
        await cell.printed("begun")
        await session.call("home.print", "from a thread")
        await home.printed("from a thread\n")
        await session.call("gate.open")
        await cell.done()
        assert cell.stdout == "begun\n"


@asynchronous
async def test_interrupt_ends_a_running_call_and_nothing_else(
    kernel: Kernel, server: JupyterServer
) -> None:
    async with (
        kernel.console() as console,
        connect(kernel.socket_url, token=server.token) as session,
    ):
        await console.run("""
started = threading.Event()
def spin():
    started.set()
    while True:
        time.sleep(0.001)
wl.expose(spin, "spin")
wl.expose(lambda: started.is_set(), "spin.started", run="thread")
wl.expose(lambda: "alive", "spin.after")
""")
        spinning = asyncio.create_task(session.call("spin"))
        await until(lambda: session.call("spin.started"), "the call to run")
        await kernel.interrupt()
        with pytest.raises(CallCancelled, match="interrupted"):
            await soon(spinning)
        assert await session.call("spin.after") == "alive"
        assert await console.value("1 + 1") == 2


@asynchronous
async def test_interrupt_of_a_cell_leaves_calls_alone(
    kernel: Kernel, server: JupyterServer
) -> None:
    async with (
        kernel.console() as console,
        connect(kernel.socket_url, token=server.token) as session,
    ):
        await console.run(GATE)
        cell = console.start("print('begun')\nwhile True: time.sleep(0.001)")
        await cell.printed("begun")
        queued = asyncio.create_task(session.call("gate.main"))
        await kernel.interrupt()
        await cell.ended()
        assert cell.error[0] == "KeyboardInterrupt"
        await soon(queued)


@asynchronous
async def test_interrupt_while_idle_is_harmless(kernel: Kernel, server: JupyterServer) -> None:
    async with (
        kernel.console() as console,
        connect(kernel.socket_url, token=server.token) as session,
    ):
        await console.run("wl.expose(lambda n: n, 'idle.echo')")
        for n in range(5):
            await kernel.interrupt()
            assert await session.call("idle.echo", n) == n
        assert await console.value("2 + 2") == 4


@asynchronous
async def test_cancelled_call_is_cancelled_in_the_kernel(
    kernel: Kernel, server: JupyterServer
) -> None:
    async with (
        kernel.console() as console,
        connect(kernel.socket_url, token=server.token) as session,
    ):
        home = await console.run("""
async def cancellable():
    print("waiting", flush=True)
    try:
        await asyncio.sleep(3600)
    finally:
        print("cancelled", flush=True)
for policy in ("main", "loop"):
    wl.expose(cancellable, f"cancellable.{policy}", run=policy)
""")
        for count, policy in enumerate(("main", "loop"), 1):
            task = asyncio.create_task(session.call(f"cancellable.{policy}"))
            await home.printed("waiting\n" + "cancelled\nwaiting\n" * (count - 1))
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            await home.printed("waiting\ncancelled\n" * count)


@asynchronous
async def test_calls_end_when_their_client_goes(kernel: Kernel, server: JupyterServer) -> None:
    async with kernel.console() as console:
        home = await console.run("""
async def abandoned():
    print("waiting", flush=True)
    try:
        await asyncio.sleep(3600)
    finally:
        print("cancelled", flush=True)
wl.expose(abandoned)
""")
        async with connect(kernel.socket_url, token=server.token) as session:
            task = asyncio.create_task(session.call("abandoned"))
            await home.printed("waiting\n")
        await home.printed("cancelled\n")
        await asyncio.gather(task, return_exceptions=True)
