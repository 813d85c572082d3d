"""A client that does not read is closed with its counts; nobody else notices."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import psutil
import pytest
from support.jupyter import JupyterServer
from support.kernel import PRELUDE, Cell, Console, Kernel
from support.listening import listen
from support.memory import memory_bytes
from support.sockets import HELLO, OWN_HELLO, SleepingClient, frame, system
from support.waiting import asynchronous, until

from wslink_jupyter.client import connect

READERS = 7
#: More than is published within the time: it is not closed for too much.
PATIENT = {"slow_timeout_s": 1.5, "max_queued_bytes": 1_000_000_000}
REASON = re.compile(
    r"slow consumer: (\d+) messages sent, (\d+) waited \((\d+) bytes\), "
    r"(\d+) coalesced, (\d+) dropped"
)
WARNING = re.compile(r"a client \(.*\) was closed: .* (\d+) messages \((\d+) bytes\) waited\.")
#: Each publication waits until all who read have it. The cell ends a little
#: after the client that does not read is gone.
PUBLISH = """
heard = threading.Semaphore(0)
wl.expose(heard.release, "crowd.heard", run="thread")
data, n, after = bytes(200_000), 0, 0
begin_s = time.monotonic()
while after < 5:
    wl.publish("crowd", [n, data])
    n += 1
    for _ in range(7):
        if not heard.acquire(timeout=20):
            raise TimeoutError(f"a client that reads did not hear publication {n}")
    if len(wl.sessions()) <= 7:
        after += 1
    elif time.monotonic() - begin_s > 15:
        raise TimeoutError("the client that does not read was not closed")
"""


@asynccontextmanager
async def kernel_with(
    server: JupyterServer, **settings: object
) -> AsyncIterator[tuple[Kernel, Console, Cell]]:
    """Return a kernel whose configuration says `settings`, and the cell that loaded us."""
    kernel = await Kernel.start(server)
    async with kernel.console() as console:
        for name, value in settings.items():
            await console.run(f"get_ipython().config.WslinkKernel.{name} = {value!r}")
        yield kernel, console, await console.run(PRELUDE)
    await kernel.shut_down()


@asynccontextmanager
async def reading(
    server: JupyterServer, kernel: Kernel, count: int
) -> AsyncIterator[list[list[int]]]:
    """Connect clients that read; return the numbers that each has heard."""
    async with AsyncExitStack() as stack:
        everybody: list[list[int]] = []
        answers: set[asyncio.Task[None]] = set()
        for _ in range(count):
            session = await stack.enter_async_context(
                connect(kernel.socket_url, token=server.token)
            )
            heard: list[int] = []

            def hear(value: list[int], heard: list[int] = heard, session=session) -> None:
                heard.append(value[0])
                answer = asyncio.create_task(session.call("crowd.heard"))
                answers.add(answer)
                answer.add_done_callback(answers.discard)

            listen(session, "crowd", hear)
            await session.flush()
            everybody.append(heard)
        yield everybody
        await until(lambda: not answers, "the last answers")


@asynccontextmanager
async def sleeping(
    server: JupyterServer, kernel: Kernel, *, is_own: bool
) -> AsyncIterator[SleepingClient]:
    """Connect a client that says what it wants, and does not read."""
    before = len(await kernel.sessions())
    sleeper = await SleepingClient.open(server, kernel.socket_url)
    try:
        await sleeper.send(frame(OWN_HELLO if is_own else HELLO))
        if is_own:
            await sleeper.send(frame(system(1, "subscribe", "crowd")))

        async def listens() -> bool:
            sessions = await kernel.sessions()
            expected = 1 if is_own else None
            return len(sessions) == before + 1 and sessions[-1]["subscriptions"] == expected

        await until(listens, "the sleeper to listen")
        yield sleeper
    finally:
        sleeper.close()


@pytest.mark.parametrize(
    ("settings", "why", "is_own"),
    [
        (PATIENT, "it did not keep up for", False),
        (PATIENT, "it did not keep up for", True),
        ({"max_queued_bytes": 2_000_000}, "more was published to it than may wait", False),
    ],
    ids=["stands_still", "stands_still_ours", "too_much"],
)
@asynchronous
async def test_a_stopped_reader_among_eight_is_closed_and_the_others_get_everything(
    server: JupyterServer, settings: dict[str, object], why: str, is_own: bool
) -> None:
    async with (
        kernel_with(server, **settings) as (kernel, console, loading),
        reading(server, kernel, READERS) as everybody,
        sleeping(server, kernel, is_own=is_own) as sleeper,
    ):
        cell = await console.start(PUBLISH).done(40)
        published = await console.value("n")
        assert published > 5
        for heard in everybody:
            assert heard == list(range(published))
        # The kernel forgot it.
        assert len(await kernel.sessions()) == READERS
        told = cell.stderr + loading.stderr
        found = WARNING.search(told)
        assert found is not None
        assert why in told
        assert await sleeper.read_to_the_end() == 4008
        reason = REASON.fullmatch(sleeper.close_reason or "")
        assert reason is not None, sleeper.close_reason
        sent, waited, waited_bytes, coalesced, dropped = map(int, reason.groups())
        assert (waited, waited_bytes) == (int(found[1]), int(found[2]))
        assert waited > 0
        assert coalesced == 0
        assert dropped == (0 if settings is PATIENT else 1)
        # Beside the answers to hello and subscription.
        assert sent + waited + dropped <= published + 2


@pytest.mark.parametrize(
    "settings", [PATIENT, {"max_queued_bytes": 2_000_000}], ids=["stands_still", "too_much"]
)
@asynchronous
async def test_the_cell_that_publishes_is_told_of_who_is_closed(
    server: JupyterServer, settings: dict[str, object]
) -> None:
    async with (
        kernel_with(server, **settings) as (kernel, console, _),
        sleeping(server, kernel, is_own=False),
    ):
        await console.run("print('another cell')")
        cell = await console.start("""
begin_s = time.monotonic()
while wl.sessions() and time.monotonic() - begin_s < 15:
    wl.publish("crowd", bytes(200_000))
    time.sleep(0.005)
""").done(40)
        await until(lambda: WARNING.search(cell.stderr), "the warning in the cell")


@asynchronous
async def test_a_reader_that_never_reads_again_is_cut_off(server: JupyterServer) -> None:
    async with (
        kernel_with(server, max_queued_bytes=2_000_000) as (kernel, console, _),
        reading(server, kernel, READERS),
        sleeping(server, kernel, is_own=False) as sleeper,
    ):
        port = sleeper.port
        await console.start(PUBLISH).done(40)
        process = psutil.Process(server.pid)

        def is_gone() -> bool:
            connections = process.net_connections("tcp")
            return all(each.raddr[1:] != (port,) for each in connections)

        await until(is_gone, "the server to give the connection up")
        assert await sleeper.read_to_the_end() in (None, 4008)


@pytest.mark.parametrize("delivery", ["reliable", "latest"])
@pytest.mark.parametrize("is_own", [False, True], ids=["stock", "ours"])
@asynchronous
async def test_memory_of_server_and_kernel_is_bounded(
    server: JupyterServer, delivery: str, is_own: bool
) -> None:
    """300 MB to a reader that has stopped, in values of 1 MB."""
    async with (
        kernel_with(server) as (kernel, console, _),
        reading(server, kernel, 1) as everybody,
    ):
        await console.run(f"""
wl.topic("crowd", delivery={delivery!r})
heard = threading.Semaphore(0)
wl.expose(heard.release, "crowd.heard", run="thread")
picture = np.zeros(1_000_000, "u1")
def publish(count):
    for n in range(count):
        wl.publish("crowd", [n, picture])
        if not heard.acquire(timeout=20):
            raise TimeoutError(f"the client that reads did not hear publication {{n}}")
publish(50)
""")
        processes = [psutil.Process(server.pid), psutil.Process(await console.value("os.getpid()"))]

        def taken_bytes() -> int:
            return memory_bytes(processes)

        async with sleeping(server, kernel, is_own=is_own) as sleeper:
            before, most = taken_bytes(), 0
            cell = console.start("publish(300)")
            while not cell.reply.done():
                most = max(most, taken_bytes())
                await asyncio.sleep(0.01)
            await cell.done()
            assert everybody == [[*range(50), *range(300)]]
            assert most - before < 64_000_000, f"{(most - before) / 1e6:.0f} MB for 300 MB"
            if delivery == "reliable":
                # More than may wait for one client: it is gone, and so is what waited.
                await until(lambda: _sessions(kernel, 1), "the sleeper's session to end")
                # Told so, if it reads before the server gives it up.
                assert await sleeper.read_to_the_end() in (4008, None)
            else:
                entry = (await kernel.sessions())[-1]
                assert entry["coalesced_messages"] > 200
                assert entry["dropped_messages"] == 0
                assert entry["queued_bytes"] < 3_000_000


async def _sessions(kernel: Kernel, count: int) -> bool:
    return len(await kernel.sessions()) == count


@asynchronous
async def test_counters_of_a_stopped_reader_add_up_at_every_look(server: JupyterServer) -> None:
    async with (
        kernel_with(server) as (kernel, console, _),
        sleeping(server, kernel, is_own=False),
    ):
        await console.run("""
wl.topic("latest", delivery="latest")
def publish():
    while not stop.is_set():
        for topic in ("crowd", "latest"):
            wl.publish(topic, bytes(20_000))
        time.sleep(0.002)
stop = threading.Event()
thread = threading.Thread(target=publish)
thread.start()
""")
        seen = []
        while not seen or seen[-1]["queued_messages"] < 50:
            (entry,) = await kernel.sessions()
            seen.append(entry)
            for unit in ("messages", "bytes"):
                fates = ("sent", "queued", "coalesced", "dropped")
                assert entry[f"put_{unit}"] == sum(entry[f"{fate}_{unit}"] for fate in fates)
        await console.run("stop.set(); thread.join()")
        assert seen[-1]["coalesced_messages"] > 0
        assert seen[-1]["sent_messages"] > 0
