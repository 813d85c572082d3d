"""What is delivered, and what is not: between a real kernel and real clients."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from support.jupyter import JupyterServer
from support.kernel import Kernel
from support.sockets import OWN_HELLO, RawSocket, call, raw_socket, system
from support.waiting import asynchronous, until

from wslink_jupyter.client import ClientSession, connect

FATES = ("sent", "queued", "coalesced", "dropped")


async def own_socket(socket: RawSocket, *topics: str) -> str:
    """Say hello as a client of ours, and subscribe; return the client id."""
    reply = await socket.ask(OWN_HELLO)
    subscribing = system(1, "subscribe", *topics)
    assert "error" not in await socket.ask(subscribing)
    client_id: str = reply["result"]["clientID"]
    return client_id


async def session_of(kernel: Kernel, client_id: str) -> dict[str, Any]:
    """Return what the REST route says of one session."""
    return next(entry for entry in await kernel.sessions() if entry["id"] == client_id)


def adds_up(entry: dict[str, Any]) -> bool:
    """Return whether what was put is what became of it."""
    return all(
        entry[f"put_{unit}"] == sum(entry[f"{fate}_{unit}"] for fate in FATES)
        for unit in ("messages", "bytes")
    )


def client_id_of(session: ClientSession) -> str:
    client_id: str = session.hello["clientID"]
    return client_id


@asynchronous
async def test_topic_that_nobody_listens_to_is_not_sent(
    kernel: Kernel, server: JupyterServer
) -> None:
    heard: list[Any] = []
    async with (
        kernel.console() as console,
        connect(kernel.socket_url, token=server.token) as session,
        connect(kernel.socket_url, token=server.token) as other,
    ):
        session.subscribe("listened", heard.append)
        await session.flush()
        before = [await session_of(kernel, client_id_of(each)) for each in (session, other)]
        await console.run("""
for n in range(100):
    wl.publish("unheard", bytes(100_000))
wl.publish("listened", "once")
""")
        await until(lambda: heard, "what is listened to")
        after = [await session_of(kernel, client_id_of(each)) for each in (session, other)]
    assert heard == ["once"]
    # Beside pings of the measured round trips.
    assert [entry["subscriptions"] for entry in after] == [1, 0]
    growth = [
        late["put_bytes"] - early["put_bytes"] for early, late in zip(before, after, strict=True)
    ]
    assert max(growth) < 1000


@asynchronous
async def test_what_is_unsubscribed_is_not_sent_any_more(
    kernel: Kernel, server: JupyterServer
) -> None:
    heard: dict[str, list[int]] = {"one": [], "two": []}
    async with (
        kernel.console() as console,
        connect(kernel.socket_url, token=server.token) as session,
    ):
        stop = session.subscribe("stops", heard["one"].append)
        stop_too = session.subscribe("stops", heard["two"].append)
        await session.flush()
        await console.run("wl.publish('stops', 1)")
        await until(lambda: heard["one"] and heard["two"], "both to hear")
        stop()
        await session.flush()
        await console.run("wl.publish('stops', 2)")
        await until(lambda: heard["two"] == [1, 2], "the other to hear")
        stop_too()
        await session.flush()
        before = await session_of(kernel, client_id_of(session))
        await console.run("wl.publish('stops', bytes(100_000))")
        after = await session_of(kernel, client_id_of(session))
    assert heard == {"one": [1], "two": [1, 2]}
    assert after["put_bytes"] - before["put_bytes"] < 1000


@pytest.mark.parametrize("acknowledges", [True, False])
@asynchronous
async def test_latest_converges_for_a_client_that_is_slow(
    kernel: Kernel, server: JupyterServer, acknowledges: bool
) -> None:
    topic = f"slow.latest_{acknowledges}"
    async with (
        kernel.console() as console,
        raw_socket(kernel.socket_url, token=server.token) as socket,
    ):
        await console.run(f"wl.topic({topic!r}, delivery='latest')")
        client_id = (
            await own_socket(socket, topic) if acknowledges else (await socket.hello())["clientID"]
        )
        # It does not read meanwhile: what it has are its sockets' buffers.
        await console.run(f"""
for n in range(500):
    wl.publish({topic!r}, [n, bytes(100_000)])
""")
        waiting = await session_of(kernel, client_id)
        numbers: list[int] = []
        while numbers[-1:] != [499]:
            envelope = await socket.receive()
            if not envelope["id"].startswith(f"publish:{topic}:"):
                continue
            assert envelope["ack"] is True
            numbers.append(envelope["result"][0])
            if acknowledges:
                number = int(envelope["id"].rpartition(":")[2])
                await socket.send(system(2, "ack", topic, number))
        after = await session_of(kernel, client_id)
    assert numbers == sorted(set(numbers))
    assert len(numbers) < 500
    assert waiting["coalesced_messages"] > 0
    assert after["coalesced_messages"] == 500 - len(numbers)
    assert after["dropped_messages"] == 0
    assert adds_up(waiting)
    assert adds_up(after)
    if acknowledges:
        assert numbers[:2] == [0, 1]
        assert len(numbers) == 3


@asynchronous
async def test_clients_of_one_latest_topic_end_with_the_same_value(
    kernel: Kernel, server: JupyterServer
) -> None:
    """Whoever is slow, comes late, or leaves and comes back."""
    states: dict[str, list[Any]] = {}
    async with kernel.console() as console:
        await console.run("wl.topic('state.shared', delivery='latest', retain=True)")

        async def follow(name: str, pause_s: float, stop: asyncio.Event) -> None:
            async with connect(kernel.socket_url, token=server.token) as session:
                session.subscribe("state.shared", states.setdefault(name, []).append)
                while not stop.is_set():
                    await session.flush()
                    await asyncio.sleep(pause_s)  # as long as a picture takes
            if name == "comes back":
                await follow("came back", pause_s, last)

        first, last = asyncio.Event(), asyncio.Event()
        ends = {"quick": last, "slow": last, "comes back": first}
        pauses = {"quick": 0.0, "slow": 0.05, "comes back": 0.01}
        async with asyncio.TaskGroup() as group:
            for name, stop in ends.items():
                group.create_task(follow(name, pauses[name], stop))
            await until(lambda: len(states) == 3, "all to subscribe")
            for n in range(20):
                await console.run(f"for k in range(50): wl.publish('state.shared', {n} * 50 + k)")
                if n == 10:
                    first.set()
                    group.create_task(follow("late", 0.0, last))
            await until(lambda: len(states) == 5, "who is late or comes back")
            await until(
                lambda: all(
                    states[name][-1:] == [999] for name in ("quick", "slow", "late", "came back")
                ),
                "the same value everywhere",
            )
            last.set()
    for values in states.values():
        assert values == sorted(set(values))


@pytest.mark.parametrize("delivery", ["reliable", "latest"])
@asynchronous
async def test_retained_value_is_there_for_who_comes_late_and_for_who_comes_back(
    kernel: Kernel, server: JupyterServer, delivery: str
) -> None:
    topic = f"retained.{delivery}"
    async with kernel.console() as console:
        await console.run(f"""
wl.topic({topic!r}, delivery={delivery!r}, retain=True)
for n in range(5):
    wl.publish({topic!r}, n)
""")
        for expected in (4, 5):
            heard: list[int] = []
            async with (
                connect(kernel.socket_url, token=server.token) as session,
                raw_socket(kernel.socket_url, token=server.token) as stock,
            ):
                session.subscribe(topic, heard.append)
                await until(lambda heard=heard: heard, "the retained value")
                await stock.hello()
                while (envelope := await stock.receive())["id"].split(":")[1] != topic:
                    pass
                assert (heard, envelope["result"]) == ([expected], expected)
            await console.run(f"wl.publish({topic!r}, 5)")
        await console.run(f"wl.topic({topic!r}, retain=False)")
        async with connect(kernel.socket_url, token=server.token) as session:
            forgotten: list[int] = []
            session.subscribe(topic, forgotten.append)
            await session.flush()
        assert forgotten == []


@pytest.mark.parametrize("kind", ["reliable", "latest", "reply"])
@asynchronous
async def test_call_passes_a_transfer_of_100_megabytes(
    kernel: Kernel, server: JupyterServer, kind: str
) -> None:
    topic, size = f"transfer.{kind}", 100_000_000
    async with (
        kernel.console() as console,
        raw_socket(kernel.socket_url, token=server.token) as socket,
    ):
        await console.run(f"""
if {kind!r} != "reply":
    wl.topic({topic!r}, delivery={kind!r})
wl.expose(lambda size: wl.publish({topic!r}, bytes(size)), "transfer.publish", run="thread")
wl.expose(lambda size: bytes(size), "transfer.reply", run="thread")
wl.expose(lambda value: value, "transfer.echo", run="loop")
""")
        await own_socket(socket, topic)
        method = "transfer.reply" if kind == "reply" else "transfer.publish"
        await socket.send(call(0, method, size))
        # It has begun: a chunk of it is here, and most of it is not.
        while len(await _next_frame(socket)) < 100_000:
            pass
        await socket.send(call(1, "transfer.echo", "passes"))
        received = 0
        while b"passes" not in (frame := await _next_frame(socket)):
            received += len(frame)
        assert received < size // 2
        rest = 0
        while received + rest < size - 1_000_000:
            rest += len(await _next_frame(socket))
        assert rest > size // 4


async def _next_frame(socket: RawSocket) -> bytes:
    while True:
        message = await socket.read()
        socket.frames.clear()  # they would all be kept
        if isinstance(message, bytes):
            return message
        assert message is not None, f"closed: {socket.close_code} {socket.close_reason}"


@pytest.mark.parametrize("delivery", ["reliable", "latest"])
@pytest.mark.parametrize("policy", ["main", "thread", "loop"])
@asynchronous
async def test_result_comes_before_what_its_call_published_to_a_client_of_ours(
    kernel: Kernel, server: JupyterServer, policy: str, delivery: str
) -> None:
    topic = f"behind.{policy}_{delivery}"
    async with (
        kernel.console() as console,
        raw_socket(kernel.socket_url, token=server.token) as socket,
    ):
        await console.run(f"""
wl.topic({topic!r}, delivery={delivery!r})
def behind(n):
    wl.publish({topic!r}, n)
    return n
wl.expose(behind, {topic!r}, run={policy!r})
""")
        await own_socket(socket, topic)
        for n in range(20):
            await socket.send(call(n, topic, n))
            result, publication = await socket.receive(), await socket.receive()
            assert (result["id"], result["result"]) == (f"rpc:c0:{n}", n)
            assert (publication["id"], publication["result"]) == (f"publish:{topic}:{n}", n)
            if delivery == "latest":
                await socket.send(system(2, "ack", topic, n))


@asynchronous
async def test_publications_of_eight_threads_reach_every_client(
    kernel: Kernel, server: JupyterServer
) -> None:
    threads, each = 8, 2000
    heard: list[list[int]] = []
    async with (
        kernel.console() as console,
        connect(kernel.socket_url, token=server.token) as session,
        raw_socket(kernel.socket_url, token=server.token) as stock,
    ):
        session.subscribe("crowd", heard.append)
        await session.flush()
        client_id = (await stock.hello())["clientID"]
        cell = console.start(f"""
def shout(thread):
    for n in range({each}):
        wl.publish("crowd", [thread, n])
threads = [threading.Thread(target=shout, args=(n,)) for n in range({threads})]
for thread in threads: thread.start()
for thread in threads: thread.join()
""")
        numbers, stock_heard = [], []
        while len(stock_heard) < threads * each:
            envelope = await stock.receive()
            if envelope["id"].startswith("publish:crowd:"):
                numbers.append(int(envelope["id"].rpartition(":")[2]))
                stock_heard.append(envelope["result"])
        await cell.done()
        await until(lambda: len(heard) == threads * each, "all publications")
        for entry in (
            await session_of(kernel, client_id),
            await session_of(kernel, client_id_of(session)),
        ):
            assert adds_up(entry)
            assert (entry["dropped_messages"], entry["coalesced_messages"]) == (0, 0)
    assert numbers == list(range(numbers[0], numbers[0] + threads * each))
    for got in (heard, stock_heard):
        for thread in range(threads):
            assert [n for who, n in got if who == thread] == list(range(each))
