"""Frames that stay in the sender's memory, and what both sides owe each other."""

import asyncio
import weakref

import pytest
from support.asynchronous import async_test, turns, until
from support.pairs import lending_pair, mapped, stream_pair

from wslink_jupyter.errors import ConnectionClosed, LinkError
from wslink_jupyter.limits import KIB, MIB
from wslink_jupyter.rpc.buffer_pool import BufferPool
from wslink_jupyter.rpc.shared_memory import CAN_SHARE
from wslink_jupyter.transport import link
from wslink_jupyter.transport.base import FrameTransport
from wslink_jupyter.transport.lending import Borrower, Lender
from wslink_jupyter.transport.link_transport import LinkTransport

pytestmark = pytest.mark.skipif(not CAN_SHARE, reason="Linux only")

CLOSED = ConnectionClosed(1006, "link lost")


class Ends:
    """A lender, and a borrower whose messages are kept."""

    def __init__(self):
        self.pool = BufferPool()
        self.lender = Lender(self.pool.memory, lambda: 0.0)
        self.told = []
        #: What who takes parts returns, and says of them.
        self.pending, self.has_let_go = None, True
        self.borrower = Borrower(mapped(self.pool), self.told.append)
        self.borrower.hand_over_parts(lambda parts: self.pending, lambda: self.has_let_go)

    def placed(self, data):
        memory = self.pool.take(len(data))
        memory[:] = data
        return memory

    def take(self, payload):
        """Have the borrower take a frame; return what it waits for."""
        return self.borrower.take(payload, pytest.fail)

    def payload(self, parts):
        """Lend a frame; return the payload of its message."""
        header, *rest = self.lender.lend(parts)
        payload = b"".join(rest)
        assert link.decode_header(header, 2**20) == (link.Kind.SHARED, len(payload))
        return payload


@pytest.mark.parametrize("before", [b"", b"head", b"h" * 1000])
@pytest.mark.parametrize("behind", [b"", b"tail"])
def test_a_frame_is_what_it_was(before, behind):
    ends = Ends()
    data = bytes(range(256)) * 200
    payload = ends.payload((b"header", before, ends.placed(data), behind))
    assert len(payload) < 1100
    assert b"".join(ends.borrower.parts(payload)) == b"header" + before + data + behind


def test_a_cut_out_of_the_memory_is_lent_as_well():
    ends = Ends()
    data = bytes(range(256)) * 400
    payload = ends.payload((b"header", ends.placed(data)[1000:50_000]))
    assert b"".join(ends.borrower.parts(payload)) == b"header" + data[1000:50_000]


@pytest.mark.parametrize("data", [b"x" * 100_000, bytearray(100_000)])
def test_what_is_not_in_the_memory_is_not_lent(data):
    assert Ends().lender.lend((b"header", data)) is None


def test_a_small_part_is_sent():
    ends = Ends()
    assert ends.lender.lend((b"header", ends.placed(bytes(64 * KIB))[: 16 * KIB - 1])) is None


def test_what_is_lent_is_not_used_again_before_it_is_returned():
    ends = Ends()
    data = bytes([7]) * MIB
    payload = ends.payload((b"", ends.placed(data)))
    for _ in range(3):
        ends.placed(bytes(MIB))
    assert b"".join(ends.borrower.parts(payload)) == data
    ends.lender.returned((1).to_bytes(4, "little"))
    for _ in range(3):
        ends.placed(bytes(MIB))
    assert b"".join(ends.borrower.parts(payload)) == bytes(MIB)


@async_test
async def test_who_lends_much_waits_until_it_is_returned():
    ends = Ends()
    lent = 0
    while ends.lender.when_room() is None:
        ends.lender.lend((b"", ends.placed(bytes(256 * KIB))))
        lent += 1
    assert lent * 256 * KIB == 2 * MIB
    room = ends.lender.when_room()
    assert not room.done()
    ends.lender.returned((1).to_bytes(4, "little"))
    await room
    assert ends.lender.when_room() is None


@async_test
async def test_while_it_cannot_hear_of_room_nobody_waits_for_it():
    ends = Ends()
    while (room := ends.lender.when_room()) is None:
        ends.lender.lend((b"", ends.placed(bytes(256 * KIB))))
    held_up = asyncio.get_running_loop().create_future()
    waiting = asyncio.create_task(ends.lender.while_unheard(held_up))
    await room
    assert ends.lender.lend((b"", ends.placed(bytes(256 * KIB)))) is None  # to be sent
    ends.lender.returned((1).to_bytes(4, "little"))
    assert ends.lender.lend((b"", ends.placed(bytes(256 * KIB)))) is not None
    assert ends.lender.when_room() is None
    held_up.set_result(None)
    await waiting
    while (room := ends.lender.when_room()) is None:
        ends.lender.lend((b"", ends.placed(bytes(256 * KIB))))
    assert not room.done()


@async_test
async def test_the_end_is_told_to_who_waits_and_the_peer_can_read_on():
    ends = Ends()
    data = bytes([7]) * 2 * MIB
    payload = ends.payload((b"", ends.placed(data)))
    room = ends.lender.when_room()
    ends.lender.end(CLOSED)
    ends.lender.end(CLOSED)
    with pytest.raises(ConnectionClosed, match="link lost"):
        await room
    for _ in range(4):
        ends.placed(bytes(2 * MIB))
    assert b"".join(ends.borrower.parts(payload)) == data


@pytest.mark.parametrize("payload", [b"", b"\1\0\0", b"\1\0\0\0\0", b"\1\0\0\0", b"\xff" * 4])
def test_a_return_of_what_was_not_lent_is_a_fault(payload):
    with pytest.raises(LinkError, match="RETURNED, got"):
        Ends().lender.returned(payload)


@pytest.mark.parametrize(
    ("offset", "size", "position"),
    [(0, 2**32 - 1, 0), (2**32 - 1, 1, 0), (64 * MIB, 1, 0), (64 * MIB - 1, 2, 0), (0, 1, 5)],
)
def test_a_reference_to_what_is_not_there_is_a_fault(offset, size, position):
    words = b"".join(number.to_bytes(4, "little") for number in (offset, size, position))
    with pytest.raises(LinkError, match="expected a part of 67108864 bytes of memory in SHARED"):
        Ends().borrower.parts(words + b"rest")


@pytest.mark.parametrize("size", [0, 11])
def test_a_message_without_a_reference_is_a_fault(size):
    with pytest.raises(LinkError, match="expected a reference in SHARED"):
        Ends().borrower.parts(bytes(size))


@async_test
async def test_what_is_done_with_in_a_while_is_told_at_once():
    ends = Ends()
    for _ in range(5):
        payload = ends.payload((b"", ends.placed(bytes(64 * KIB))))
        assert ends.take(payload) is None
    await until(lambda: ends.told)
    ((header, payload),) = ends.told
    assert link.decode_header(header, 100) == (link.Kind.RETURNED, 4)
    ends.lender.returned(payload)
    with pytest.raises(LinkError):
        ends.lender.returned((1).to_bytes(4, "little"))


@async_test
async def test_what_somebody_waits_for_is_told_after_that():
    ends = Ends()
    written = ends.pending = asyncio.get_running_loop().create_future()
    payload = ends.payload((b"", ends.placed(bytes(64 * KIB))))
    taking = asyncio.ensure_future(ends.take(payload))
    await turns(3)
    assert ends.told == []
    written.set_result(None)
    await taking
    await until(lambda: len(ends.told) == 1)


@async_test
async def test_much_that_is_done_with_is_told_without_a_while():
    ends = Ends()
    for _ in range(5):
        payload = ends.payload((b"", ends.placed(bytes(512 * KIB))))
        assert ends.take(payload) is None
    assert [payload for _, payload in ends.told] == [(2).to_bytes(4, "little")] * 2
    await until(lambda: len(ends.told) == 3)


@async_test
async def test_what_is_still_to_be_written_is_told_later():
    ends = Ends()
    ends.has_let_go = False
    for _ in range(3):
        payload = ends.payload((b"", ends.placed(bytes(512 * KIB))))
        assert ends.take(payload) is None
    await asyncio.sleep(0.03)  # several times as long as it waits for company
    assert (ends.told, ends.borrower.untold()) == ([], ())
    ends.has_let_go = True
    await until(lambda: len(ends.told) == 1)
    assert ends.told[0][1] == (3).to_bytes(4, "little")


@async_test
async def test_what_was_waited_for_is_told_though_more_waits_to_be_written():
    ends = Ends()
    written = ends.pending = asyncio.get_running_loop().create_future()
    taking = []
    for _ in range(3):
        payload = ends.payload((b"", ends.placed(bytes(64 * KIB))))
        taking.append(asyncio.ensure_future(ends.take(payload) or turns(0)))
        ends.pending = None if ends.pending else written
    ends.has_let_go = False  # the socket is full again at once
    written.set_result(None)
    await asyncio.gather(*taking)
    await until(lambda: ends.told)
    assert [payload for _, payload in ends.told] == [(3).to_bytes(4, "little")]
    ends.pending = None
    assert ends.take(ends.payload((b"", ends.placed(bytes(64 * KIB))))) is None
    await asyncio.sleep(0.02)  # several times as long as it waits for company
    assert len(ends.told) == 1
    ends.borrower.end()


@async_test
async def test_nothing_is_told_after_the_end():
    ends = Ends()
    written = ends.pending = asyncio.get_running_loop().create_future()
    taking = asyncio.ensure_future(ends.take(ends.payload((b"", ends.placed(bytes(64 * KIB))))))
    await turns(1)
    ends.borrower.end()
    written.set_result(None)
    await taking
    await asyncio.sleep(0.02)  # several times as long as it waits for company
    assert (ends.told, ends.borrower.untold()) == ([], ())


@async_test
async def test_what_is_sent_anyway_tells_what_is_done_with():
    ends = Ends()
    assert ends.borrower.untold() == ()
    payload = ends.payload((b"", ends.placed(bytes(64 * KIB))))
    assert ends.take(payload) is None
    _, payload = ends.borrower.untold()
    assert payload == (1).to_bytes(4, "little")
    assert ends.borrower.untold() == ()
    assert ends.told == []


@pytest.mark.parametrize("kind", [link.Kind.SHARED, link.Kind.RETURNED])
@async_test
async def test_a_peer_that_was_lent_nothing_and_lends_nothing_cannot_say_so(kind):
    one, other = await stream_pair("unix")
    transport = LinkTransport(other, MIB)
    await one.write((link.encode_header(kind, 12), bytes(12)))
    with pytest.raises(ConnectionClosed, match="expected DATA or CLOSE"):
        await transport.read()
    one.abort()
    transport.abort()


@async_test
async def test_frames_are_delivered_in_parts_to_who_takes_them():
    one, other = await lending_pair()
    taken = asyncio.Queue()
    other.hand_over_parts(taken.put_nowait, lambda: True)
    delivering = asyncio.create_task(other.deliver(taken.put_nowait))
    data = bytes(range(256)) * 256
    await one.write((b"head", data))
    await one.write((b"small",))
    parts = await taken.get()
    assert b"".join(parts) == b"head" + data
    assert memoryview(parts[1]).readonly
    assert await taken.get() == b"small"
    for end in (one, other):
        end.abort()
    with pytest.raises(ConnectionClosed):
        await delivering


@async_test
async def test_who_writes_is_not_held_up_by_a_reader_that_waits_for_somebody_else():
    one, other = await lending_pair()
    never = asyncio.get_running_loop().create_future()
    delivering = asyncio.create_task(one.deliver(lambda frame: never))
    reading = asyncio.create_task(read_many(other, 40))
    await other.write((b"for who takes nothing",))
    frame = bytes(range(256)) * 1024
    for _ in range(40):
        await one.write((frame,))
    assert await reading == [frame] * 40
    for end in (one, other):
        end.abort()
    delivering.cancel()


async def read_many(transport, count):
    return [bytes(await transport.read()) for _ in range(count)]


@pytest.mark.parametrize("deliver", [LinkTransport.deliver, FrameTransport.deliver])
@pytest.mark.parametrize("reads_on", [True, False])
@async_test
async def test_what_a_peer_lent_that_has_closed_is_not_read_by_who_may_be_late(reads_on, deliver):
    one, stream = await stream_pair()
    pool = BufferPool()
    lending = LinkTransport(one, MIB, lends=pool.memory)
    borrowing = LinkTransport(stream, MIB, borrows=mapped(pool), reads_on=reads_on)
    memory = pool.take(64 * KIB)
    await lending.write((memory,))
    lending.abort()
    taken = []
    with pytest.raises(ConnectionClosed, match="link lost") as raised:
        await deliver(borrowing, taken.append)
    assert raised.value.code == 1006
    assert taken == [bytes(memory)] * reads_on


@pytest.mark.parametrize(("seconds", "is_taken"), [(20.0, True), (26.0, False)])
@async_test
async def test_what_a_peer_lent_before_it_closed_is_read_for_a_while(seconds, is_taken):
    one, stream = await stream_pair()
    pool, now_s, taken = BufferPool(), [0.0], []
    has_read_close = asyncio.Event()

    def clock():
        has_read_close.set()  # nothing else asks before that
        return now_s[0]

    stream.clock = clock
    lending = LinkTransport(one, MIB, lends=pool.memory)
    borrowing = LinkTransport(stream, MIB, borrows=mapped(pool))
    held_up = asyncio.get_running_loop().create_future()

    def take(frame):
        taken.append(bytes(frame))
        return held_up

    delivering = asyncio.create_task(borrowing.deliver(take))
    frames = [bytes([number]) * 64 * KIB for number in (1, 2)]
    for frame in frames:
        memory = pool.take(len(frame))
        memory[:] = frame
        await lending.write((memory,))
    closing = asyncio.create_task(lending.close(1000, "done"))
    await has_read_close.wait()
    now_s[0] = seconds
    held_up.set_result(None)
    with pytest.raises(ConnectionClosed, match="done" if is_taken else "link lost"):
        await delivering
    assert taken == (frames if is_taken else frames[:1])
    borrowing.abort()
    await closing


@async_test
async def test_what_a_peer_wrote_before_it_closes_in_peace_is_read():
    one, stream = await stream_pair()
    pool = BufferPool()
    lending = LinkTransport(one, MIB, lends=pool.memory)
    borrowing = LinkTransport(stream, MIB, borrows=mapped(pool), reads_on=False)
    memory = pool.take(64 * KIB)
    await lending.write((memory,))
    closing = asyncio.create_task(lending.close(1000, "done"))
    await turns(5)
    assert await borrowing.read() == bytes(memory)
    with pytest.raises(ConnectionClosed, match="done"):
        await borrowing.read()
    await closing


@async_test
async def test_who_has_ended_lets_go_of_the_peers_memory_at_once():
    one, other = await stream_pair()
    borrows = mapped(BufferPool())
    memory = weakref.ref(borrows.obj)
    transport = LinkTransport(one, MIB, borrows=borrows)
    del borrows
    assert memory() is not None
    transport.abort()
    assert memory() is None
    other.abort()
