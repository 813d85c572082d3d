"""Topics of which the newest value counts, and topics that are retained."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from support.jupyter import JupyterServer
from support.kernel import Console, Kernel, adds_up, session_of
from support.listening import listen
from support.sockets import greet_as_own, raw_socket, system
from support.waiting import asynchronous, until

from wslink_jupyter.client import connect


@asynccontextmanager
async def retained(console: Console, topic: str, delivery: str) -> AsyncIterator[None]:
    """Retain a topic; forget its value at the end: stock clients would get it at their hello."""
    await console.run(f"wl.topic({topic!r}, delivery={delivery!r}, retain=True)")
    try:
        yield
    finally:
        await console.run(f"wl.topic({topic!r}, retain=False)")


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
        if acknowledges:
            client_id = await greet_as_own(socket, topic)
        else:
            client_id = (await socket.hello())["clientID"]
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
    async with kernel.console() as console, retained(console, "state.shared", "latest"):

        async def follow(name: str, pause_s: float, stop: asyncio.Event) -> None:
            async with connect(kernel.socket_url, token=server.token) as session:
                listen(session, "state.shared", states.setdefault(name, []).append)
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
    async with kernel.console() as console, retained(console, topic, delivery):
        await console.run(f"for n in range(5): wl.publish({topic!r}, n)")
        for expected in (4, 5):
            heard: list[int] = []
            async with (
                connect(kernel.socket_url, token=server.token) as session,
                raw_socket(kernel.socket_url, token=server.token) as stock,
            ):
                listen(session, topic, heard.append)
                await until(lambda heard=heard: heard, "the retained value")
                await stock.hello()
                while (envelope := await stock.receive())["id"].split(":")[1] != topic:
                    pass
                assert (heard, envelope["result"]) == ([expected], expected)
            await console.run(f"wl.publish({topic!r}, 5)")
        await console.run(f"wl.topic({topic!r}, retain=False)")
        async with connect(kernel.socket_url, token=server.token) as session:
            forgotten: list[int] = []
            listen(session, topic, forgotten.append)
            await session.flush()
        assert forgotten == []
