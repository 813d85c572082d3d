"""What a client that sends receipts is sent: as much as is allowed, and what is urgent."""

import pytest
from support.outboxes import adds_up, content_of, outbox_with, publication, taken

from wslink_jupyter.limits import HEADER_BYTES, KIB, MIB
from wslink_jupyter.rpc.flow import FlowWindow
from wslink_jupyter.wire.message import Message

FIRST = 256 * KIB
CHUNK = FIRST // 4


def outbox():
    made = outbox_with(CHUNK)
    made.expect_receipts(FlowWindow(lambda: 0.0))
    return made


def sent_bytes(contents):
    return sum(len(content) + HEADER_BYTES for content in contents)


def test_no_more_is_on_the_way_than_is_allowed():
    here = outbox()
    here.put(publication(bytes(2 * FIRST)))
    first = sent_bytes(taken(here))
    assert FIRST <= first < FIRST + CHUNK + HEADER_BYTES
    here.received(CHUNK)
    assert 0 < sent_bytes(taken(here)) <= CHUNK + HEADER_BYTES
    assert adds_up(here.counters)


def test_a_receipt_says_that_there_may_be_something_to_send():
    here = outbox()
    here.put(publication(bytes(2 * FIRST)))
    taken(here)
    told = []
    here.on_ready = lambda: told.append(here.next_chunk())
    here.received(CHUNK)
    assert told[0] is not None


def test_short_replies_and_control_messages_go_anyway():
    here = outbox()
    here.put(publication(bytes(2 * FIRST)))
    taken(here)
    here.put_reply(Message(b"reply"))
    here.put_control(Message(b"control"))
    assert taken(here) == [b"control", b"reply"]
    assert adds_up(here.counters)


def test_a_long_reply_waits_for_receipts_and_a_short_one_behind_it_does_not():
    here = outbox()
    here.put_reply(Message(bytes(2 * FIRST)))
    came = sent_bytes(taken(here))
    here.put_reply(Message(bytes(CHUNK + 1)))
    here.put_reply(Message(b"short"))
    short = taken(here)
    assert short == [b"short"]
    came += sent_bytes(short)
    while here.counters.queued_messages:
        here.received(came)
        came += sent_bytes(taken(here))
    assert adds_up(here.counters)


def test_a_client_that_sends_no_receipts_any_more_is_slow():
    here = outbox()
    here.put(publication(bytes(2 * FIRST)))
    taken(here)
    assert [here.slow_for_s(now_s) for now_s in (0.0, 1.0, 31.0)] == [0.0, 0.0, 30.0]


def test_a_client_that_sends_receipts_is_not_slow_though_it_is_sent_nothing():
    here, flow = outbox_with(CHUNK), FlowWindow(lambda: 0.0)
    flow.window_bytes = 16 * FIRST
    here.expect_receipts(flow)
    here.put(publication(bytes(32 * FIRST)))
    taken(here)
    flow.window_bytes = FIRST  # the line has become slow
    for number in range(1, 40):
        here.received(number * 1000)
        assert taken(here) == []
        assert here.slow_for_s(float(number)) == 0.0
    assert [here.slow_for_s(now_s) for now_s in (40.0, 71.0)] == [0.0, 31.0]


def test_everybody_else_is_sent_everything():
    here = outbox_with(CHUNK)
    here.put(publication(bytes(2 * FIRST)))
    here.received(5)
    assert sum(map(len, taken(here))) == 2 * FIRST


@pytest.mark.parametrize("usual_bytes", [1000, MIB])
def test_chunks_are_small_where_little_is_allowed_and_follow_what_is(usual_bytes):
    here, flow = outbox_with(usual_bytes), FlowWindow(lambda: 0.0)
    here.expect_receipts(flow)
    here.put(publication(bytes(4 * MIB)))
    for window_bytes in (64 * KIB, 200_000, FIRST, 16 * FIRST, 16 * MIB, 64 * KIB):
        flow.window_bytes = window_bytes
        assert len(content_of(here.next_chunk())) == min(window_bytes // 4, MIB)
        here.received(here.counters.sent_bytes)
