"""What `wslink_jupyter.transport.base.FrameTransport` promises, as checks.

Each takes ``connect``, a coroutine function that returns two connected
transports, and is run for every implementation by ``test_transports.py``.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

import pytest
from support.asynchronous import until

from wslink_jupyter.errors import ConnectionClosed
from wslink_jupyter.transport.base import FrameTransport
from wslink_jupyter.wire.header import Buffer

Pair = tuple[FrameTransport, FrameTransport]
Connect = Callable[[], Awaitable[Pair]]

SIZES = (1, 2, 125, 126, 65_535, 65_536, 1_000_000, 5_000_000)
#: More than any implementation and the operating system hold back.
_BOUND_BYTES = 64 * 1024 * 1024
_FRAME = bytes(256 * 1024)
#: Long enough for what is not waited for to happen, if it can.
_QUIET_S = 0.2


async def check_frames_arrive_whole_and_in_order(connect: Connect) -> None:
    """Every size, in both directions, given in parts."""
    one, other = await connect()
    frames = [bytes([size % 251]) * size for size in SIZES]
    for reader, writer in ((one, other), (other, one)):
        writing = asyncio.create_task(_write_in_parts(writer, frames))
        for frame in frames:
            assert await reader.read() == frame
        await writing


async def _write_in_parts(writer: FrameTransport, frames: list[bytes]) -> None:
    for frame in frames:
        cut = len(frame) // 3
        await writer.write((frame[:cut], memoryview(frame)[cut:]))


async def check_both_directions_at_once(connect: Connect) -> None:
    """Neither direction waits for the other."""
    one, other = await connect()

    async def carry(reader: FrameTransport, writer: FrameTransport) -> None:
        for number in range(50):
            frame = number.to_bytes(4, "big") * 10_000
            writing = asyncio.create_task(writer.write((frame,)))
            assert await reader.read() == frame
            await writing

    await asyncio.gather(carry(one, other), carry(other, one))


async def fill(writer: FrameTransport) -> tuple[int, asyncio.Task[None]]:
    """Write until a write waits; return the frames taken and the waiting write."""
    for count in range(_BOUND_BYTES // len(_FRAME)):
        writing = asyncio.create_task(writer.write((_FRAME,)))
        # Who fails before it has looked at the task must not be blamed for it later.
        writing.add_done_callback(lambda task: task.cancelled() or task.exception())
        done, _ = await asyncio.wait((writing,), timeout=_QUIET_S)
        if not done:
            return count, writing
        writing.result()
    raise AssertionError(f"expected the writer to wait within {_BOUND_BYTES} bytes")


def _read(end: FrameTransport) -> asyncio.Task[Buffer]:
    """Read from who writes, too, as every user of a transport does: it may have to hear that."""
    reading = asyncio.create_task(end.read())
    reading.add_done_callback(lambda task: task.cancelled() or task.exception())
    return reading


async def check_a_reader_that_does_not_read_stops_the_writer(connect: Connect) -> None:
    """After a bounded number of bytes; nothing is lost when reading goes on."""
    one, other = await connect()
    count, waiting = await fill(one)
    reading = _read(one)
    for _ in range(count + 1):
        assert await other.read() == _FRAME
    await waiting
    await one.write((b"after",))
    assert await other.read() == b"after"
    await other.write((b"answer",))
    assert await reading == b"answer"


async def check_urgent_frames_arrive_once_and_whole_and_the_others_in_order(
    connect: Connect,
) -> None:
    """Each kind in its own order, whatever passes."""
    one, other = await connect()
    usual = [b"usual" + bytes([number]) * 40_000 * (number % 4) for number in range(20)]
    urgent = [b"urgent" + bytes([number]) * 20_000 * (number % 4) for number in range(20)]

    async def write() -> None:
        for number in range(20):
            await one.write((usual[number],))
            if (pending := one.send_urgent((b"", urgent[number]))) is not None:
                await pending

    writing, reading = asyncio.create_task(write()), _read(one)
    frames = [bytes(await other.read()) for _ in range(40)]
    assert [frame for frame in frames if frame.startswith(b"usual")] == usual
    assert [frame for frame in frames if frame.startswith(b"urgent")] == urgent
    await writing
    await other.write((b"answer",))
    assert await reading == b"answer"


async def check_an_urgent_frame_can_be_written_while_a_writer_waits(connect: Connect) -> None:
    """It arrives among the others, of which none is lost."""
    one, other = await connect()
    count, waiting = await fill(one)
    pending = one.send_urgent((b"urgent",))
    reading = _read(one)
    frames = [bytes(await other.read()) for _ in range(count + 2)]
    assert frames.count(b"urgent") == 1
    assert frames.count(_FRAME) == count + 1
    await waiting
    if pending is not None:
        await pending
    await other.write((b"answer",))
    assert await reading == b"answer"


async def check_parts_may_change_when_all_is_flushed(connect: Connect) -> None:
    """What its owner then does with them does not change what arrives."""
    one, other = await connect()
    for reader, writer in ((one, other), (other, one)):
        parts = [bytearray([number]) * 50_000 for number in range(1, 9)]
        reading = asyncio.create_task(_read_frames(reader, len(parts)))
        for part in parts:
            await writer.write((part,))
        await until(writer.flush)
        for part in parts:
            part[:] = bytes(len(part))
        assert await reading == [bytes([number]) * 50_000 for number in range(1, 9)]


async def _read_frames(reader: FrameTransport, count: int) -> list[bytes]:
    return [bytes(await reader.read()) for _ in range(count)]


async def check_close_comes_after_what_was_written(connect: Connect) -> None:
    """Code and reason at both ends, from reading and from writing, for ever."""
    one, other = await connect()
    for number in range(10):
        await one.write((bytes([number]) * 10_000,))
    closing = asyncio.create_task(one.close(4010, "the kernel restarted: Übung"))
    for number in range(10):
        assert await other.read() == bytes([number]) * 10_000
    await expect_closed(other.read(), 4010, "the kernel restarted: Übung")
    await closing
    for end in (one, other):
        await expect_closed(end.read(), 4010, "the kernel restarted: Übung")
        await expect_closed(end.write((b"late",)), 4010, "the kernel restarted: Übung")


async def check_close_is_heard_by_a_peer_that_was_writing(connect: Connect) -> None:
    """What the closing end has not read does not swallow its last word."""
    one, other = await connect()
    _, writing = await fill(one)
    closing = asyncio.create_task(other.close(4000, "bad frame"))
    ending = asyncio.create_task(expect_closed(other.read(), 4000, "bad frame"))
    # Not reading yet: the close, and whatever breaks after it, has arrived before.
    await asyncio.sleep(_QUIET_S)
    await expect_closed(one.read(), 4000, "bad frame")
    await asyncio.wait((writing,))
    assert writing.exception() is None or isinstance(writing.exception(), ConnectionClosed)
    await closing
    await ending


async def check_close_wakes_who_waits(connect: Connect) -> None:
    """A reader at either end, and a writer at the closing end."""
    one, other = await connect()
    reading = [asyncio.create_task(end.read()) for end in (one, other)]
    await asyncio.sleep(0)
    closing = asyncio.create_task(one.close(4001, "superseded"))
    for task in reading:
        await expect_closed(task, 4001, "superseded")
    await closing


async def check_abort_wakes_who_waits(connect: Connect) -> None:
    """A writer and a reader at the aborting end, a reader at the other."""
    one, other = await connect()
    _, writing = await fill(one)
    reading = asyncio.create_task(one.read())
    await asyncio.sleep(0)
    one.abort()
    await expect_closed(writing, 1006)
    await expect_closed(reading, 1006)
    with suppress(ConnectionClosed):
        while True:
            assert await other.read() == _FRAME
    for end in (one, other):
        await expect_closed(end.read(), 1006)
        await expect_closed(end.write((b"late",)), 1006)


async def check_a_vanished_peer_wakes_a_writer(connect: Connect) -> None:
    """As when the process at the other end is killed."""
    one, other = await connect()
    _, writing = await fill(one)
    reading = _read(one)
    other.abort()
    await expect_closed(writing, 1006)
    await expect_closed(reading, 1006)


async def check_closing_again_does_nothing(connect: Connect) -> None:
    """Neither raises, in any order; the first word counts."""
    one, other = await connect()
    closing = asyncio.create_task(one.close(4001, "first"))
    await asyncio.sleep(0)
    await one.close(4002, "second")
    await expect_closed(other.read(), 4001, "first")
    await closing
    one.abort()
    one.abort()
    await one.close(4003, "third")
    await other.close(4004, "fourth")
    other.abort()
    await expect_closed(one.read(), 4001, "first")


async def check_a_long_reason_is_cut(connect: Connect) -> None:
    """To what a close frame holds, between characters."""
    for reason, expected in (
        ("x" * 123, "x" * 123),
        ("x" * 124, "x" * 120 + "..."),
        ("ü" * 100, "ü" * 60 + "..."),
        ("🥁" * 40, "🥁" * 30 + "..."),
    ):
        one, other = await connect()
        closing = asyncio.create_task(one.close(4000, reason))
        await expect_closed(other.read(), 4000, expected)
        await closing


async def expect_closed(action: Awaitable[object], code: int, reason: str | None = None) -> None:
    """Wait for `action` to raise `ConnectionClosed` with that code."""
    with pytest.raises(ConnectionClosed) as raised:
        await asyncio.wait_for(asyncio.ensure_future(action), 15)
    assert raised.value.code == code
    if reason is not None:
        assert raised.value.reason == reason


CHECKS = [check for name, check in sorted(globals().items()) if name.startswith("check_")]
