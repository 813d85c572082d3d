import asyncio

import pytest
from support.asynchronous import async_test, turns

from wslink_jupyter.limits import Limits
from wslink_jupyter.rpc.outbox import _OVERHEAD_BYTES, Counters, Outbox, Priority
from wslink_jupyter.wire.connection import Role, WireConnection
from wslink_jupyter.wire.header import ChunkHeader

REPLY, PUBLICATION = Priority.REPLY, Priority.PUBLICATION


def outbox_with(chunk_bytes=4, **limits):
    return Outbox(WireConnection(Role.SERVER, Limits(**limits)), chunk_bytes)


async def contents(outbox, count):
    return [bytes((await outbox.get())[1]) for _ in range(count)]


@async_test
async def test_messages_leave_in_chunks_in_the_order_they_came():
    outbox = outbox_with()
    for message in (b"abcdef", b"gh"):
        assert outbox.put(message, PUBLICATION)
    assert await contents(outbox, 3) == [b"abcd", b"ef", b"gh"]


@async_test
async def test_the_most_urgent_class_goes_first():
    outbox = outbox_with()
    outbox.put(b"pub", PUBLICATION)
    outbox.put(b"rep", REPLY)
    outbox.put(b"ctl", Priority.CONTROL)
    assert await contents(outbox, 3) == [b"ctl", b"rep", b"pub"]


@async_test
async def test_a_reply_passes_a_large_publication_at_the_next_chunk():
    outbox = outbox_with()
    outbox.put(b"0123456789", PUBLICATION)
    first = await outbox.get()
    outbox.put(b"rep", REPLY)
    assert await contents(outbox, 3) == [b"rep", b"4567", b"89"]
    assert ChunkHeader.decode(first[0]).total == 10


@async_test
async def test_chunks_of_interleaved_messages_are_told_apart():
    outbox = outbox_with()
    outbox.put(b"0123456789", PUBLICATION)
    headers = [ChunkHeader.decode((await outbox.get())[0])]
    outbox.put(b"reply", REPLY)
    headers += [ChunkHeader.decode((await outbox.get())[0]) for _ in range(4)]
    assert [(header.offset, header.total) for header in headers] == [
        *((0, 10), (0, 5), (4, 5), (4, 10), (8, 10))
    ]
    ids = [header.message_id for header in headers]
    assert ids[0] == ids[3] == ids[4] != ids[1] == ids[2]


@async_test
async def test_get_waits_for_the_next_message():
    outbox = outbox_with()
    waiting = asyncio.create_task(outbox.get())
    await turns(3)
    assert not waiting.done()
    outbox.put(b"a", REPLY)
    assert bytes((await waiting)[1]) == b"a"


def room_for(*sizes):
    """Return the limit that publications of these sizes reach."""
    return sum(size + _OVERHEAD_BYTES for size in sizes)


@async_test
async def test_publications_are_bounded_in_bytes():
    outbox = outbox_with(max_queued_bytes=room_for(6, 4))
    assert outbox.put(bytes(6), PUBLICATION)
    assert not outbox.put(bytes(5), PUBLICATION)
    assert outbox.put(bytes(4), PUBLICATION)
    assert not outbox.put(b"", PUBLICATION)
    assert outbox.counters.dropped_messages == 2


@async_test
async def test_many_small_publications_cost_more_than_their_bytes():
    outbox = outbox_with(max_queued_bytes=room_for(1, 1, 1))
    assert [outbox.put(b"a", PUBLICATION) for _ in range(4)] == [True, True, True, False]


@async_test
async def test_replies_are_always_taken():
    outbox = outbox_with(max_queued_bytes=room_for(1))
    assert outbox.put(b"a", PUBLICATION)
    for kind in (REPLY, Priority.CONTROL):
        assert outbox.put(bytes(1000), kind)
    assert not outbox.put(b"a", PUBLICATION)


@async_test
async def test_one_larger_publication_is_taken_beside_what_waits():
    limit = room_for(10)
    outbox = outbox_with(max_queued_bytes=limit)
    assert outbox.put(bytes(10), PUBLICATION)
    assert outbox.put(bytes(limit + 1), PUBLICATION)
    assert not outbox.put(bytes(limit + 1), PUBLICATION)
    assert not outbox.put(b"a", PUBLICATION)


@async_test
async def test_what_comes_while_a_larger_publication_is_sent_has_the_room_it_always_has():
    limit = room_for(10)
    outbox = outbox_with(max_queued_bytes=limit)
    outbox.put(bytes(2 * limit), PUBLICATION)
    await outbox.get()
    assert outbox.put(bytes(10), PUBLICATION)
    assert not outbox.put(b"a", PUBLICATION)
    while outbox.counters.queued_messages:
        await outbox.get()
    assert outbox.put(bytes(2 * limit), PUBLICATION)
    assert outbox.put(bytes(10), PUBLICATION)


@async_test
async def test_a_publication_holds_its_room_until_it_is_sent():
    outbox = outbox_with(max_queued_bytes=room_for(10))
    outbox.put(bytes(10), PUBLICATION)
    await contents(outbox, 2)
    assert not outbox.put(b"a", PUBLICATION)
    await outbox.get()
    assert outbox.put(bytes(10), PUBLICATION)


@async_test
async def test_counters_add_up():
    outbox = outbox_with(max_queued_bytes=room_for(6, 6, 6, 6))
    for _ in range(5):
        outbox.put(b"abcdef", PUBLICATION)
    await contents(outbox, 3)
    counters = outbox.counters
    assert counters == Counters(
        queued_messages=3, queued_bytes=14, sent_messages=1, sent_bytes=10, dropped_messages=1
    )
    outbox.clear()
    assert counters.queued_messages == counters.queued_bytes == 0
    assert counters.sent_messages + counters.dropped_messages == 5


@async_test
async def test_closed_takes_no_more_but_gives_what_it_has():
    outbox = outbox_with()
    outbox.put(b"abcdef", PUBLICATION)
    outbox.close()
    outbox.close()
    assert not outbox.put(b"late", REPLY)
    assert await contents(outbox, 2) == [b"abcd", b"ef"]
    assert await outbox.get() is None
    assert await outbox.get() is None


@async_test
async def test_close_wakes_who_waits():
    outbox = outbox_with()
    waiting = asyncio.create_task(outbox.get())
    await turns(3)
    outbox.close()
    assert await waiting is None


@pytest.mark.parametrize("size", [1, 3, 4, 5, 8, 1000])
@async_test
async def test_every_size_arrives_whole(size):
    outbox = outbox_with()
    message = bytes(range(256)) * 4
    outbox.put(message[:size], REPLY)
    outbox.close()
    arrived = b""
    while (chunk := await outbox.get()) is not None:
        arrived += chunk[1]
    assert arrived == message[:size]
