"""What is delivered, and what is not: between a real kernel and real clients."""

from __future__ import annotations

import zlib
from typing import Any

import pytest
from support.jupyter import JupyterServer
from support.kernel import Kernel, adds_up, session_of
from support.listening import listen
from support.sockets import RawSocket, call, greet_as_own, raw_socket, system
from support.waiting import asynchronous, until

from wslink_jupyter.client import ClientSession, connect


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
        listen(session, "listened", heard.append)
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
        news = listen(session, "stops", heard["one"].append)
        news_too = listen(session, "stops", heard["two"].append)
        await session.flush()
        await console.run("wl.publish('stops', 1)")
        await until(lambda: heard["one"] and heard["two"], "both to hear")
        await news.aclose()
        await session.flush()
        await console.run("wl.publish('stops', 2)")
        await until(lambda: heard["two"] == [1, 2], "the other to hear")
        await news_too.aclose()
        await session.flush()
        before = await session_of(kernel, client_id_of(session))
        await console.run("wl.publish('stops', bytes(100_000))")
        after = await session_of(kernel, client_id_of(session))
    assert heard == {"one": [1], "two": [1, 2]}
    assert after["put_bytes"] - before["put_bytes"] < 1000


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
        await greet_as_own(socket, topic)
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
        await greet_as_own(socket, topic)
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
        listen(session, "crowd", heard.append)
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


@pytest.mark.parametrize("reads", ["at once", "in bursts"])
@asynchronous
async def test_values_of_every_size_arrive_byte_for_byte(
    kernel: Kernel, server: JupyterServer, reads: str
) -> None:
    """Also when the browser's socket is full, and frames pass through the server in pieces."""
    sizes = [
        near + off
        for near in (16_384, 65_536, 262_144, 524_288)
        for off in (-300, -61, -1, 0, 1, 300)
    ] + [1, 5_000_000, 100, 1_000_003]
    async with (
        kernel.console() as console,
        raw_socket(kernel.socket_url, token=server.token) as socket,
    ):
        await greet_as_own(socket, "sizes")
        await console.run(f"""
import zlib
sizes = np.random.default_rng(3).permutation({sizes} * 2).tolist()
random = np.random.default_rng(4)
for n, size in enumerate(sizes):
    data = random.bytes(size)
    wl.publish("sizes", [n, size, zlib.crc32(data), data])
""")
        for n in range(len(sizes) * 2):
            if reads == "in bursts" and n % 30 == 0:
                await kernel.runtime()  # what comes meanwhile fills the sockets
            while not (envelope := await socket.receive())["id"].startswith("publish:sizes:"):
                pass  # a ping
            number, size, checksum, data = envelope["result"]
            assert (number, size, checksum) == (n, len(data), zlib.crc32(data))
