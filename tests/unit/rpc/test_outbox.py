from dataclasses import replace
from functools import partial

import pytest
from support.outboxes import content_of, outbox_with, publication, room_for, taken, taken_urgent

from wslink_jupyter.rpc.outbox import Counters
from wslink_jupyter.wire.header import ChunkHeader
from wslink_jupyter.wire.message import Message


def put_all(outbox, *contents):
    return [outbox.put(publication(content)) for content in contents]


def test_messages_leave_in_chunks_in_the_order_they_came():
    outbox = outbox_with()
    assert put_all(outbox, b"abcdef", b"gh") == [True, True]
    assert taken(outbox) == [b"abcd", b"ef", b"gh"]


def test_the_most_urgent_class_goes_first():
    outbox = outbox_with()
    outbox.put(publication(b"new", is_latest=True))
    outbox.put(publication(b"pub"))
    outbox.put_reply(Message(b"rep"))
    outbox.put_control(Message(b"ctl"))
    assert taken(outbox) == [b"ctl", b"rep", b"pub", b"new"]


@pytest.mark.parametrize("is_latest", [False, True])
def test_what_is_more_urgent_passes_a_large_publication_at_the_next_chunk(is_latest):
    outbox = outbox_with()
    outbox.put(publication(b"0123456789", is_latest=is_latest))
    first = outbox.next_chunk()
    outbox.put_reply(Message(b"reply"))
    assert taken(outbox, 1) == [b"repl"]
    outbox.put_control(Message(b"ctl"))
    assert taken(outbox) == [b"ctl", b"y", b"4567", b"89"]
    assert ChunkHeader.decode(first[0]).total == 10


def test_a_reliable_publication_passes_a_large_latest_one_at_the_next_chunk():
    outbox = outbox_with()
    outbox.put(publication(b"01234567", is_latest=True))
    assert taken(outbox, 1) == [b"0123"]
    outbox.put(publication(b"abcdef"))
    assert taken(outbox) == [b"abcd", b"ef", b"4567"]


def test_a_short_reply_takes_turns_with_a_long_one():
    outbox = outbox_with()
    outbox.put_reply(Message(b"0123456789abcdef"))
    assert taken(outbox, 1) == [b"0123"]
    outbox.put_reply(Message(b"rep"))
    assert taken(outbox) == [b"4567", b"rep", b"89ab", b"cdef"]


def test_chunks_of_interleaved_messages_are_told_apart():
    outbox = outbox_with()
    outbox.put(publication(b"0123456789"))
    headers = [ChunkHeader.decode(outbox.next_chunk()[0])]
    outbox.put_reply(Message(b"reply"))
    headers += [ChunkHeader.decode(outbox.next_chunk()[0]) for _ in range(4)]
    assert [(header.offset, header.total) for header in headers] == [
        *((0, 10), (0, 5), (4, 5), (4, 10), (8, 10))
    ]
    ids = [header.message_id for header in headers]
    assert ids[0] == ids[3] == ids[4] != ids[1] == ids[2]


def test_what_is_urgent_and_short_can_be_had_before_all_that_waits():
    outbox = outbox_with()
    put_all(outbox, b"pub")
    outbox.put(publication(b"new", is_latest=True))
    outbox.put_reply(Message(b"a long reply"))
    outbox.put_reply(Message(b"rep"))
    outbox.put_control(Message(b"ctl"))
    assert taken_urgent(outbox) == [b"ctl", b"rep"]
    assert taken(outbox) == [b"a lo", b"ng r", b"eply", b"pub", b"new"]


def test_what_is_urgent_and_begun_goes_on_in_its_turn():
    outbox = outbox_with()
    outbox.put_reply(Message(b"01234567"))
    assert taken(outbox, 1) == [b"0123"]
    outbox.put_reply(Message(b"rep"))
    assert taken_urgent(outbox) == [b"rep"]
    assert taken(outbox) == [b"4567"]


def test_a_stream_of_short_replies_that_pass_does_not_stop_a_long_one():
    outbox = outbox_with()
    outbox.put_reply(Message(b"L" * 40))
    heard = []
    for _ in range(10):
        outbox.put_reply(Message(b"s"))
        heard += taken_urgent(outbox) + taken(outbox, 1)
    assert heard == [b"s", b"LLLL"] * 10


def test_counters_add_up_with_what_passes():
    outbox = outbox_with()
    put_all(outbox, b"abcdef")
    outbox.put_reply(Message(b"rep"))
    outbox.put_control(Message(b"control"))
    assert taken_urgent(outbox) == [b"rep"]
    assert outbox.counters == Counters(
        put_messages=3,
        put_bytes=16,
        queued_messages=2,
        queued_bytes=13,
        sent_messages=1,
        sent_bytes=3,
    )


def test_an_empty_outbox_has_no_chunk_and_says_when_there_is_one():
    outbox, told = outbox_with(), []
    outbox.on_ready = lambda: told.append(outbox.next_chunk())
    assert outbox.next_chunk() is None
    outbox.put_reply(Message(b"a"))
    assert content_of(told.pop()) == b"a"
    outbox.put(publication(b"b", is_latest=True))
    assert content_of(told.pop()) == b"b"
    outbox.close()
    assert told == [None]


def test_an_acknowledgement_says_that_the_next_value_may_go():
    outbox, told = outbox_with(), []
    outbox.expect_acks()
    for number in range(3):
        outbox.put(publication(b"%d" % number, "t", number, is_latest=True))
    assert taken(outbox, 1) == [b"2"]
    for number in range(3, 5):
        outbox.put(publication(b"%d" % number, "t", number, is_latest=True))
        taken(outbox)
    outbox.put(publication(b"5", "t", 5, is_latest=True))
    assert outbox.next_chunk() is None
    outbox.on_ready = lambda: told.append(outbox.next_chunk())
    outbox.acknowledge("t", 2)
    assert content_of(told.pop()) == b"5"


def test_reliable_publications_are_bounded_in_bytes():
    outbox = outbox_with(max_queued_bytes=room_for(6, 4))
    assert put_all(outbox, bytes(6), bytes(5), bytes(4), b"a") == [True, False, True, False]
    assert outbox.counters.dropped_messages == 2


def test_replies_and_control_messages_are_always_taken():
    outbox = outbox_with(max_queued_bytes=room_for(1))
    assert outbox.put(publication(b"a"))
    outbox.put_reply(Message(bytes(1000)))
    outbox.put_control(Message(bytes(1000)))
    assert outbox.counters.queued_messages == 3
    assert not outbox.put(publication(b"a"))


def test_the_newest_value_of_a_latest_topic_is_always_taken():
    outbox = outbox_with(max_queued_bytes=room_for(1))
    assert outbox.put(publication(b"a"))
    for number in range(100):
        value = publication(bytes(1000), "t", number, is_latest=True)
        assert outbox.put(value)
    assert outbox.counters == Counters(
        put_messages=101,
        put_bytes=100_001,
        queued_messages=2,
        queued_bytes=1001,
        coalesced_messages=99,
        coalesced_bytes=99_000,
    )


def test_a_publication_holds_its_room_until_it_is_sent():
    outbox = outbox_with(max_queued_bytes=room_for(10))
    assert put_all(outbox, bytes(10)) == [True]
    taken(outbox, 2)
    assert put_all(outbox, b"a") == [False]
    taken(outbox, 1)
    assert put_all(outbox, bytes(10)) == [True]


def test_who_publishes_is_told_when_all_of_it_is_sent_or_replaced():
    outbox, told = outbox_with(), []
    outbox.put(replace(publication(b"abcdef"), on_sent=lambda: told.append("reliable")))
    for name in ("older", "newer"):
        on_sent = partial(told.append, name)
        outbox.put(replace(publication(b"g", is_latest=True), on_sent=on_sent))
    assert told == ["older"]
    taken(outbox, 1)
    assert told == ["older"]
    taken(outbox)
    assert told == ["older", "reliable", "newer"]


def test_counters_add_up():
    outbox = outbox_with(max_queued_bytes=room_for(6, 6, 6, 6))
    put_all(outbox, *[b"abcdef"] * 5)
    taken(outbox, 3)
    counters = outbox.counters
    assert counters == Counters(
        put_messages=5,
        put_bytes=30,
        queued_messages=3,
        queued_bytes=14,
        sent_messages=1,
        sent_bytes=10,
        dropped_messages=1,
        dropped_bytes=6,
    )
    outbox.clear()
    assert counters == Counters(
        put_messages=5,
        put_bytes=30,
        sent_messages=1,
        sent_bytes=10,
        dropped_messages=4,
        dropped_bytes=20,
    )


def test_closed_takes_no_more_but_gives_what_it_has():
    outbox = outbox_with()
    put_all(outbox, b"abcdef")
    outbox.close()
    outbox.close()
    # Not for want of room: nobody is closed as slow for it.
    assert put_all(outbox, b"late") == [True]
    assert outbox.put(publication(b"late", is_latest=True))
    outbox.put_reply(Message(b"late"))
    outbox.put_control(Message(b"late"))
    assert taken(outbox) == [b"abcd", b"ef"]
    assert outbox.is_closed
    counters = outbox.counters
    assert (counters.put_messages, counters.sent_messages) == (5, 1)
    assert (counters.dropped_messages, counters.dropped_bytes) == (4, 16)


@pytest.mark.parametrize("size", [1, 3, 4, 5, 8, 1000])
def test_every_size_arrives_whole(size):
    outbox = outbox_with()
    message = (bytes(range(256)) * 4)[:size]
    outbox.put_reply(Message(message))
    assert b"".join(taken(outbox)) == message


def test_pieces_of_a_message_are_not_copied():
    outbox = outbox_with(chunk_bytes=1000)
    piece = bytes(1500)
    outbox.put_reply(Message(b"head", piece))
    first, second = outbox.next_chunk(), outbox.next_chunk()
    assert [len(part) for part in (*first[1:], *second[1:])] == [4, 996, 504]
    assert first[2].obj is piece
    assert second[1].obj is piece
