"""A pair of which one end lends, and the other is slow to take it."""

import asyncio
from contextlib import asynccontextmanager

import pytest
from support.asynchronous import async_test, turns, until
from support.pairs import lending_pair, stream_pair

from wslink_jupyter.errors import ConnectionClosed
from wslink_jupyter.limits import KIB
from wslink_jupyter.rpc.shared_memory import CAN_SHARE
from wslink_jupyter.transport.link_transport import LinkTransport

pytestmark = pytest.mark.skipif(not CAN_SHARE, reason="Linux only")


def large(number):
    return b"large %d" % number + bytes(100 * KIB)


class SlowReader:
    """Takes a frame when the test says so, in parts or whole."""

    def __init__(self, transport):
        self.begun = []
        self._pending = []
        transport.hand_over_parts(lambda parts: self.take(b"".join(parts)), lambda: True)
        self.delivering = asyncio.create_task(transport.deliver(self.take))
        self.delivering.add_done_callback(lambda task: task.cancelled() or task.exception())

    def take(self, frame):
        self.begun.append(bytes(frame).rstrip(b"\0"))
        self._pending.append(asyncio.get_running_loop().create_future())
        return self._pending[-1]

    def take_all(self):
        for pending in self._pending:
            if not pending.done():
                pending.set_result(None)

    def fail(self, index, error):
        self._pending[index].set_exception(error)


@asynccontextmanager
async def slowly_read():
    writer, other = await lending_pair()
    reader = SlowReader(other)
    hearing = SlowReader(writer)  # of what is returned
    try:
        yield writer, other, reader
    finally:
        for end in (writer, other):
            end.abort()
        await asyncio.wait((reader.delivering, hearing.delivering))


def urgent(writer, frame):
    assert writer.lets_urgent_pass
    assert writer.send_urgent((frame[:1], frame[1:])) is None


@pytest.mark.parametrize("usual", [large, lambda number: b"small %d" % number])
@async_test
async def test_what_is_urgent_passes_what_waits_and_the_rest_keeps_its_order(usual):
    async with slowly_read() as (writer, _, reader):
        for number in range(6):
            await writer.write((usual(number),))
            urgent(writer, b"urgent %d" % number)
        await until(lambda: len(reader.begun) == 7)
        first = usual(0).rstrip(b"\0")
        assert reader.begun == [first, *(b"urgent %d" % number for number in range(6))]
        while len(reader.begun) < 12:
            reader.take_all()
            await turns(1)
        assert reader.begun[7:] == [usual(number).rstrip(b"\0") for number in range(1, 6)]


@async_test
async def test_small_frames_among_large_ones_hold_up_nothing_urgent_and_keep_their_order():
    async with slowly_read() as (writer, _, reader):
        expected = []
        for number in range(4):
            for frame in (large(number), b"small %d" % number):
                await writer.write((frame,))
                expected.append(frame.rstrip(b"\0"))
        urgent(writer, b"urgent")
        await until(lambda: len(reader.begun) == 2)
        assert reader.begun == [b"large 0", b"urgent"]
        while len(reader.begun) < 9:
            reader.take_all()
            await turns(1)
        assert [frame for frame in reader.begun if frame != b"urgent"] == expected


@async_test
async def test_the_close_comes_behind_everything():
    async with slowly_read() as (writer, _, reader):
        for number in range(3):
            await writer.write((large(number),))
            await writer.write((b"small %d" % number,))
        urgent(writer, b"urgent")
        closing = asyncio.create_task(writer.close(4010, "restart"))
        await until(lambda: b"urgent" in reader.begun)
        await turns(5)
        assert not reader.delivering.done()
        while not reader.delivering.done():
            reader.take_all()
            await turns(1)
        with pytest.raises(ConnectionClosed) as raised:
            await reader.delivering
        assert (raised.value.code, raised.value.reason) == (4010, "restart")
        assert len(reader.begun) == 7
        await closing


@async_test
async def test_who_reads_frame_by_frame_gets_urgent_ones_too():
    writer, other = await lending_pair()
    await writer.write((large(0),))
    urgent(writer, b"urgent")
    assert [await other.read(), await other.read()] == [large(0), b"urgent"]
    for end in (writer, other):
        end.abort()


@pytest.mark.parametrize("index", [0, 1], ids=["lent", "urgent"])
@async_test
async def test_who_delivers_is_told_what_a_frame_failed_with(index):
    async with slowly_read() as (writer, _, reader):
        await writer.write((large(0),))
        urgent(writer, b"urgent")
        await until(lambda: len(reader.begun) == 2)
        reader.fail(index, ValueError("of who takes"))
        with pytest.raises(ValueError, match="of who takes"):
            await reader.delivering
        await writer.write((large(1),))
        await turns(5)
        assert len(reader.begun) == 2


@pytest.mark.parametrize("end", ["cancel", "abort", "vanish"])
@async_test
async def test_the_end_leaves_nothing_under_way(end):
    async with slowly_read() as (writer, other, reader):
        for number in range(3):
            await writer.write((large(number),))
        urgent(writer, b"urgent")
        await until(lambda: len(reader.begun) == 2)
        if end == "cancel":
            reader.delivering.cancel()
        else:
            (other if end == "abort" else writer).abort()
        await asyncio.wait((reader.delivering,))
        await turns(5)
        reader.take_all()
        await turns(5)
        assert len(reader.begun) == 2


@async_test
async def test_where_nothing_is_lent_nothing_is_urgent():
    writer, other = (LinkTransport(stream, KIB) for stream in await stream_pair())
    assert not writer.lets_urgent_pass
    await writer.write((b"usual",))
    writer.send_urgent((b"urgent",))
    assert [await other.read(), await other.read()] == [b"usual", b"urgent"]
    for end in (writer, other):
        end.abort()
