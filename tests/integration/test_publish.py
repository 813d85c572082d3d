"""Publications and values, between a real kernel and real clients."""

from __future__ import annotations

import asyncio
import datetime
import time
from typing import Any

import numpy as np
import pytest
from support.jupyter import JupyterServer
from support.kernel import Kernel
from support.listening import listen
from support.sockets import call, raw_socket
from support.waiting import asynchronous, until

from wslink_jupyter.client import connect


@asynchronous
async def test_publications_of_eight_threads_arrive_in_the_order_of_each(
    kernel: Kernel, server: JupyterServer
) -> None:
    heard: list[tuple[int, int]] = []
    async with (
        kernel.console() as console,
        connect(kernel.socket_url, token=server.token) as session,
    ):
        listen(session, "threads", lambda value: heard.append(tuple(value)))
        await session.flush()
        await console.run("""
def shout(thread):
    for n in range(250):
        wl.publish("threads", [thread, n])
threads = [threading.Thread(target=shout, args=(n,)) for n in range(8)]
for thread in threads: thread.start()
for thread in threads: thread.join()
""")
        await until(lambda: len(heard) == 2000, "2000 publications")
    for thread in range(8):
        assert [n for who, n in heard if who == thread] == list(range(250))


@pytest.mark.parametrize("policy", ["main", "thread", "loop"])
@asynchronous
async def test_result_goes_out_before_the_publications_of_its_call(
    kernel: Kernel, server: JupyterServer, policy: str
) -> None:
    async with kernel.console() as console:
        await console.run(f"""
def announce(n):
    for k in range(3):
        wl.publish("announced", [n, k])
    return n
wl.expose(announce, "announce.{policy}", run="{policy}")
""")
        async with (
            raw_socket(kernel.socket_url, token=server.token) as caller,
            raw_socket(kernel.socket_url, token=server.token) as other,
        ):
            await caller.hello()
            await other.hello()
            for n in range(20):
                await caller.send(call(n, f"announce.{policy}", n))
                replies = [await caller.receive() for _ in range(4)]
                assert [reply["result"] for reply in replies] == [n, [n, 0], [n, 1], [n, 2]]
                assert replies[0]["id"] == f"rpc:c0:{n}"
                heard = [(await other.receive())["result"] for _ in range(3)]
                assert heard == [[n, 0], [n, 1], [n, 2]]


@asynchronous
async def test_messages_do_not_wait_for_the_acknowledgement_of_others(
    kernel: Kernel, server: JupyterServer
) -> None:
    async with (
        kernel.console() as console,
        raw_socket(kernel.socket_url, token=server.token) as socket,
    ):
        await console.run("wl.expose(lambda: wl.publish('at_once', 1), 'at.once', run='loop')")
        await socket.hello()
        begin_s = time.monotonic()
        for n in range(50):
            await socket.send(call(n, "at.once"))
            assert (await socket.receive())["id"] == f"rpc:c0:{n}"
            assert (await socket.receive())["id"].startswith("publish:at_once:")
        # Nagle's algorithm and delayed acknowledgements make 40 ms of each.
        assert time.monotonic() - begin_s < 50 * 0.025


@asynchronous
async def test_publication_to_one_session(kernel: Kernel, server: JupyterServer) -> None:
    async with (
        kernel.console() as console,
        connect(kernel.socket_url, token=server.token) as one,
        connect(kernel.socket_url, token=server.token) as other,
    ):
        heard: dict[str, list[Any]] = {"one": [], "other": []}
        listen(one, "whisper", heard["one"].append)
        await one.flush()
        listen(other, "whisper", heard["other"].append)
        await other.flush()
        await console.run(f"""
own = next(s for s in wl.sessions() if s.id == {one.hello["clientID"]!r})
wl.publish("whisper", "by session", to=own)
wl.publish("whisper", "by id", to=own.id)
wl.publish("whisper", "to nobody", to="gone")
wl.publish("whisper", "to all")
""")
        await until(lambda: "to all" in heard["one"] and "to all" in heard["other"], "both to hear")
    assert heard == {"one": ["by session", "by id", "to all"], "other": ["to all"]}


@asynchronous
async def test_published_value_may_change_afterwards(kernel: Kernel, server: JupyterServer) -> None:
    heard: list[Any] = []
    async with (
        kernel.console() as console,
        connect(kernel.socket_url, token=server.token) as session,
    ):
        listen(session, "mutable", heard.append)
        await session.flush()
        await console.run("""
numbers = np.zeros(3)
for n in range(5):
    numbers[:] = n
    wl.publish("mutable", numbers)
""")
        await until(lambda: len(heard) == 5, "five publications")
    assert [list(array) for array in heard] == [[n] * 3 for n in range(5)]


@asynchronous
async def test_arrays_travel_both_ways(kernel: Kernel, server: JupyterServer) -> None:
    async with (
        kernel.console() as console,
        connect(kernel.socket_url, token=server.token) as session,
    ):
        await console.run("""
def describe(array):
    assert isinstance(array, np.ndarray)
    return [array.dtype.str, list(array.shape), array.tolist() if array.size < 50 else None]
def twice(array):
    return {"twice": array * 2}
wl.expose(describe, "arrays.describe")
wl.expose(twice, "arrays.twice")
wl.expose(lambda: np.arange(12).reshape(3, 4)[::2, ::-1], "arrays.strided")
wl.expose(lambda: np.arange(3, dtype=">i4"), "arrays.big_endian")
wl.expose(lambda: [np.float32(1.5), np.int64(7), np.bool_(True)], "arrays.scalars")
wl.expose(lambda: np.zeros((256, 256, 3), "u1"), "arrays.image")
""")
        for dtype in ("?", "i1", "u1", "<i2", "<u4", "<i8", "<f2", "<f4", "<f8"):
            array = np.array([[0, 1, 2], [3, 4, 5]]).astype(dtype)
            assert await session.call("arrays.describe", array) == [
                array.dtype.str,
                [2, 3],
                array.tolist(),
            ]
            twice = (await session.call("arrays.twice", array))["twice"]
            np.testing.assert_array_equal(twice, array * 2)
            assert twice.dtype == (array * 2).dtype
        np.testing.assert_array_equal(
            await session.call("arrays.strided"), np.arange(12).reshape(3, 4)[::2, ::-1]
        )
        assert (await session.call("arrays.big_endian")).tolist() == [0, 1, 2]
        assert await session.call("arrays.scalars") == [1.5, 7, True]
        assert (await session.call("arrays.image")).shape == (256, 256, 3)
        assert await session.call("arrays.describe", np.zeros((0, 3), "<f4")) == [
            "<f4",
            [0, 3],
            [],
        ]


@asynchronous
async def test_plain_values_come_back_as_they_went(kernel: Kernel, server: JupyterServer) -> None:
    values = [
        None,
        True,
        -1,
        2**63,
        -(2**63),
        0.1,
        float("inf"),
        "Größe 漢字 🥁",
        b"\x00\xff",
        [],
        {},
        {"a": [{"b": None}], "": "", "é": 1},
        datetime.datetime(2024, 2, 29, 12, 30, 0, 123456, tzinfo=datetime.UTC),
    ]
    async with (
        kernel.console() as console,
        connect(kernel.socket_url, token=server.token) as session,
    ):
        await console.run("wl.expose(lambda value: value, 'values.echo')")
        for value in values:
            assert await session.call("values.echo", value) == value
        assert await session.call("values.echo", (1, (2,))) == [1, [2]]


@asynchronous
async def test_large_messages_pass_both_ways(kernel: Kernel, server: JupyterServer) -> None:
    large = np.random.default_rng(1).bytes(20_000_000)
    async with (
        kernel.console() as console,
        connect(kernel.socket_url, token=server.token) as session,
    ):
        await console.run("""
wl.expose(lambda value: value, "large.echo", run="loop")
wl.expose(lambda size: bytes(size), "large.make", run="loop")
""")
        assert await session.call("large.echo", large) == large
        # More than may wait for a slow client: it is not slow for that.
        made, one = await asyncio.gather(
            session.call("large.make", 60_000_000), session.call("large.echo", 1)
        )
        assert len(made) == 60_000_000
        assert one == 1


@asynchronous
async def test_reply_passes_a_large_publication(kernel: Kernel, server: JupyterServer) -> None:
    heard: list[int] = []
    async with (
        kernel.console() as console,
        connect(kernel.socket_url, token=server.token) as session,
    ):
        listen(session, "large", lambda value: heard.append(len(value)))
        await session.flush()
        await console.run("""
wl.expose(lambda size: wl.publish("large", bytes(size)), "large.publish", run="loop")
wl.expose(lambda value: value, "large.echo", run="loop")
""")
        await session.call("large.publish", 60_000_000)
        assert await session.call("large.echo", 1) == 1
        assert heard == []
        await until(lambda: heard == [60_000_000], "the large publication")
