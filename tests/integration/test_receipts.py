"""Who says how much has come has little on the way, behind whatever proxies; calls pass it."""

from __future__ import annotations

import pytest
from support.jupyter import JupyterServer
from support.kernel import Kernel
from support.sockets import OWN_HELLO, RawSocket, call, raw_socket, system
from support.waiting import asynchronous, soon

from wslink_jupyter.client import connect

TOPIC = "receipts"
SIZE = 8_000_000
#: What a kernel has on the way to a client that it does not know yet, and a chunk more.
FIRST = 256 * 1024 + 64 * 1024 + 1000
HELLO = {**OWN_HELLO, "args": [{**OWN_HELLO["args"][0], "receipts": True}]}
PUBLISH = f"""
wl.expose(lambda size: wl.publish({TOPIC!r}, bytes(size)), "receipts.publish", run="thread")
wl.expose(lambda value: value, "receipts.echo", run="loop")
"""


async def frames_until(socket: RawSocket, content: bytes) -> int:
    """Read until a frame holds `content`; return the bytes that came before it."""
    before = 0
    while True:
        frame = await socket.read()
        assert isinstance(frame, bytes), f"closed: {socket.close_code} {socket.close_reason}"
        if content in frame:
            return before
        before += len(frame)


def came(socket: RawSocket) -> int:
    return sum(map(len, socket.frames))


@pytest.mark.parametrize("count", [1, 400], ids=["one large", "many small"])
@asynchronous
async def test_call_waits_for_what_is_on_the_way_and_no_more(
    kernel: Kernel, server: JupyterServer, count: int
) -> None:
    async with (
        kernel.console() as console,
        raw_socket(kernel.socket_url, token=server.token) as socket,
    ):
        await console.run(PUBLISH)
        hello = await socket.ask(HELLO)
        assert hello["result"]["receipts"] is True
        await socket.ask(system(1, "subscribe", TOPIC))
        for number in range(count):
            await socket.send(call(number, "receipts.publish", SIZE // count))
        await socket.send(call(1000, "receipts.echo", "passes"))
        assert await frames_until(socket, b"passes") < FIRST
        # Nothing else comes until it is said what has.
        await socket.send(call(1001, "receipts.echo", "again"))
        on_the_way = came(socket) + await frames_until(socket, b"again")
        assert on_the_way < FIRST + 200 * count
        while came(socket) < SIZE:
            await socket.send(system(2, "received", came(socket)))
            await socket.read()


@asynchronous
async def test_clients_of_ours_are_sent_everything(kernel: Kernel, server: JupyterServer) -> None:
    async with (
        kernel.console() as console,
        connect(kernel.socket_url, token=server.token) as session,
    ):
        await console.run(PUBLISH)
        values = session.subscribe(TOPIC)
        for size in (1, 32_000, 100_000, 300_000, SIZE, 40_000_000):
            await session.call("receipts.publish", size)
            assert len(await soon(anext(values))) == size


@asynchronous
async def test_who_promises_receipts_and_sends_none_falls_behind_like_anybody(
    kernel: Kernel, server: JupyterServer
) -> None:
    async with (
        kernel.console() as console,
        raw_socket(kernel.socket_url, token=server.token) as socket,
    ):
        await console.run(PUBLISH)
        await socket.ask(HELLO)
        await socket.ask(system(1, "subscribe", TOPIC))
        for number in range(5):
            await socket.send(call(number, "receipts.publish", SIZE))
        while await socket.read() is not None:
            pass
        assert socket.close_code == 4008
