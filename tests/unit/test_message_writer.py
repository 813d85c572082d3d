"""How the Python client cuts what it sends: by the speed of its line."""

import asyncio

import pytest
from support.asynchronous import async_test

from wslink_jupyter.client.message_writer import MessageWriter
from wslink_jupyter.limits import HEADER_BYTES, KIB, MIB, Limits
from wslink_jupyter.transport.base import FrameTransport
from wslink_jupyter.wire.connection import Role, WireConnection
from wslink_jupyter.wire.message import Message


class Line(FrameTransport):
    """Takes frames at a rate, in virtual time; keeps their sizes."""

    def __init__(self, rate):
        self.now_s, self.rate, self.sizes = 0.0, rate, []

    def send(self, parts):
        self.sizes.append(sum(map(len, parts)))
        self.now_s += self.sizes[-1] / self.rate

    async def read(self):
        raise NotImplementedError

    async def close(self, code, reason):
        raise NotImplementedError

    def abort(self):
        raise NotImplementedError


def writer_on(line, max_frame_bytes=4 * MIB):
    writer = MessageWriter(WireConnection(Role.CLIENT, Limits()), line, lambda: line.now_s)
    writer.limit_frames(max_frame_bytes)
    return writer


async def on_a_line_that_was_fast():
    """Return a line, and a writer that has found out that it is fast."""
    line = Line(1e9)
    writer = writer_on(line)
    await writer.write(Message(bytes(16 * MIB)))
    line.sizes.clear()
    return line, writer


@pytest.mark.parametrize(
    ("rate", "frame_bytes"),
    [(1e6, 256 * KIB), (5e7, 256 * KIB), (2e8, 1_000_000), (1e9, 2 * MIB), (1e12, 2 * MIB)],
)
@async_test
async def test_frames_are_as_large_as_suits_the_line(rate, frame_bytes):
    line = Line(rate)
    await writer_on(line).write(Message(bytes(16 * MIB)))
    assert line.sizes[0] == 256 * KIB
    assert all(
        later <= 2 * sooner for sooner, later in zip(line.sizes, line.sizes[1:], strict=False)
    )
    assert line.sizes[-2] == pytest.approx(frame_bytes, rel=1e-5)


@async_test
async def test_frames_are_small_again_when_the_line_is_slow():
    line, writer = await on_a_line_that_was_fast()
    line.rate = 1e6
    await writer.write(Message(bytes(16 * MIB)))
    assert line.sizes[-2] == 256 * KIB


@async_test
async def test_short_messages_tell_nothing_of_the_line():
    line, writer = await on_a_line_that_was_fast()
    line.rate = 1.0
    await writer.write(Message(bytes(100)))
    line.sizes.clear()
    await writer.write(Message(bytes(2 * MIB)))
    assert line.sizes == [2 * MIB, 2 * HEADER_BYTES]


@async_test
async def test_no_frame_is_larger_than_the_server_takes():
    line = Line(1e9)
    writer = writer_on(line, 1000)
    await asyncio.gather(*(writer.write(Message(bytes(100_000))) for _ in range(3)))
    assert max(line.sizes) == 1000
    assert sum(line.sizes) - HEADER_BYTES * len(line.sizes) == 300_000


@async_test
async def test_frames_are_small_where_the_server_does_not_say_what_it_takes():
    line = Line(1e9)
    writer = MessageWriter(WireConnection(Role.CLIENT, Limits()), line, lambda: line.now_s)
    await writer.write(Message(bytes(16 * MIB)))
    assert max(line.sizes) == 256 * KIB
