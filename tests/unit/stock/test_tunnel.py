"""Frames between the two loops, here one and the same."""

import asyncio
from contextlib import asynccontextmanager

import pytest
from support.asynchronous import async_test, until

from wslink_jupyter.errors import ConnectionClosed
from wslink_jupyter.limits import KIB, MIB, Limits
from wslink_jupyter.stock.tunnel import Tunnel
from wslink_jupyter.transport.inproc import inproc_pair
from wslink_jupyter.wire.header import ChunkHeader

LIMITS = Limits(max_queued_bytes=64 * KIB, max_pending_bytes=64 * KIB, max_message_bytes=MIB)


class Ends:
    """A tunnel, the client's end of its transport, and what was told of it."""

    def __init__(self, limits):
        self.client, self.transport = inproc_pair()
        self.tunnel = Tunnel(asyncio.get_running_loop(), limits, "somebody", 4 * MIB)
        self.slow = []
        self.carrying = asyncio.create_task(self.tunnel.carry(self.transport, self.slow.append))


@asynccontextmanager
async def tunnel(limits=LIMITS):
    ends = Ends(limits)
    try:
        yield ends
    finally:
        ends.tunnel.close(1000, "the test is over")
        ends.client.abort()
        await ends.carrying


def frame(content, number=1, offset=0, total=None):
    return ChunkHeader(number, offset, len(content) if total is None else total).encode() + content


def news(size):
    return frame(b"\x83\xa6wslink\xa31.0\xa2id\xb0publish:a.topic:0" + bytes(size))


async def everything(ends):
    """Read at the main loop's end until it is over."""
    frames = []
    while (came := await ends.tunnel.read()) is not None:
        frames.append(bytes(came))
    return frames


@async_test
async def test_frames_pass_in_order_both_ways():
    async with tunnel() as ends:
        for number in range(5):
            await ends.client.write((frame(b"up", number),))
            ends.tunnel.send(frame(b"down", number))
        for number in range(5):
            assert await ends.tunnel.read() == frame(b"up", number)
            assert await ends.client.read() == frame(b"down", number)
        told = ends.tunnel.describe()
        assert (told["received_messages"], told["sent_messages"]) == (5, 5)
        assert (told["received_bytes"], told["sent_bytes"]) == (5 * 14, 5 * 16)
        assert told["queued_bytes"] == 0


@async_test
async def test_what_came_is_read_before_the_end():
    async with tunnel() as ends:
        await ends.client.write((frame(b"last"),))
        await ends.client.close(1001, "the page unloads")
        assert await everything(ends) == [frame(b"last")]
        ends.tunnel.send(frame(b"too late"))  # nobody minds


@async_test
async def test_what_was_sent_is_written_before_the_end():
    async with tunnel() as ends:
        ends.tunnel.send(frame(b"last"))
        ends.tunnel.close(1001, "the server stopped")
        ends.tunnel.close(1011, "too late")
        assert await ends.client.read() == frame(b"last")
        with pytest.raises(ConnectionClosed) as raised:
            await ends.client.read()
        assert (raised.value.code, raised.value.reason) == (1001, "the server stopped")
        assert await everything(ends) == []


@async_test
async def test_a_client_is_not_read_from_while_too_much_of_it_waits():
    async with tunnel() as ends:

        async def write():
            for number in range(200):
                await ends.client.write((frame(bytes(16 * KIB), number),))

        writing = asyncio.create_task(write())
        await until(lambda: ends.tunnel.received_bytes > LIMITS.max_pending_bytes)
        for _ in range(100):
            await asyncio.sleep(0)
        assert ends.tunnel.received_bytes < 2 * LIMITS.max_pending_bytes
        assert not writing.done()
        for number in range(200):
            assert await ends.tunnel.read() == frame(bytes(16 * KIB), number)
        await writing


@async_test
async def test_publications_that_wait_close_a_slow_client():
    async with tunnel() as ends:
        for _ in range(40):
            ends.tunnel.send(news(16 * KIB))
        await ends.carrying
        (closed,) = ends.slow
        assert closed.code == 4008
        assert closed.reason == f"more than {64 * KIB} bytes of publications were waiting"
        assert await everything(ends) == []


@async_test
async def test_a_large_reply_does_not_make_a_client_slow_but_is_awaited():
    async with tunnel() as ends:
        for offset in range(0, MIB, 64 * KIB):
            ends.tunnel.send(frame(bytes(64 * KIB), 7, offset, MIB))
        ends.tunnel.send(news(10))
        await ends.client.write((frame(b"next"),))
        reading = asyncio.create_task(ends.tunnel.read())
        for _ in range(100):
            await asyncio.sleep(0)
        assert not reading.done()  # it is to read its reply first
        for _ in range(17):
            await ends.client.read()
        assert await reading == frame(b"next")
        assert ends.slow == []


@pytest.mark.parametrize(
    ("bad", "code", "reason"),
    [
        (b"short", 4000, "frame: expected at least 12 bytes, got 5"),
        (
            frame(b"", total=2 * MIB),
            4009,
            f"message: expected at most {MIB} bytes, got {2 * MIB}",
        ),
    ],
)
@async_test
async def test_a_frame_that_breaks_the_rules_ends_it(bad, code, reason):
    async with tunnel() as ends:
        await ends.client.write((bad,))
        with pytest.raises(ConnectionClosed) as raised:
            await ends.client.read()
        assert (raised.value.code, raised.value.reason) == (code, reason)
        assert await everything(ends) == []
