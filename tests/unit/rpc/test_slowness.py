"""Who is slow: nothing is taken of what waits, or too much waits for too long."""

import pytest
from support.outboxes import outbox_with, publication, room_for, taken, taken_urgent

from wslink_jupyter.rpc.latest import ACK_TIMEOUT_S
from wslink_jupyter.wire.message import Message

SOFT = room_for(10, 10)


def outbox_of(**limits):
    return outbox_with(chunk_bytes=10, max_queued_bytes=10_000, soft_queued_bytes=SOFT, **limits)


def put(outbox, size=10, **kinds):
    assert outbox.put(publication(bytes(size), **kinds))


def measured(outbox, *seconds):
    return [outbox.slow_for_s(now_s) for now_s in seconds]


def test_who_has_nothing_to_take_is_not_slow():
    outbox = outbox_of()
    assert measured(outbox, 0.0, 100.0, 200.0) == [0.0, 0.0, 0.0]
    assert outbox.next_chunk() is None
    assert measured(outbox, 300.0, 400.0) == [0.0, 0.0]


@pytest.mark.parametrize(
    "put_one",
    [
        lambda outbox: outbox.put_control(Message(bytes(25))),
        lambda outbox: outbox.put_reply(Message(bytes(25))),
        lambda outbox: put(outbox, 25),
        lambda outbox: put(outbox, 25, is_latest=True),
    ],
    ids=["control", "reply", "reliable", "latest"],
)
def test_who_takes_nothing_of_what_waits_is_slow_since_it_was_first_seen(put_one):
    outbox = outbox_of()
    put_one(outbox)
    taken(outbox, 1)
    # The first look sees what was taken before it.
    assert measured(outbox, 100.0, 101.0, 102.5, 131.0) == [0.0, 0.0, 1.5, 30.0]


def test_who_stopped_at_the_last_chunk_is_slow_from_the_next_message_on():
    outbox = outbox_of()
    put(outbox)
    taken(outbox, 1)
    assert measured(outbox, 0.0, 100.0) == [0.0, 0.0]
    put(outbox)
    assert measured(outbox, 101.0, 131.0) == [0.0, 30.0]


def test_who_takes_something_between_two_looks_is_not_slow():
    outbox = outbox_of()
    put(outbox, 5000)
    for now_s in range(0, 1000, 10):
        taken(outbox, 1)
        assert outbox.slow_for_s(float(now_s)) == 0.0


def test_who_goes_on_after_a_pause_is_not_slow_any_more():
    outbox = outbox_of()
    put(outbox, 100)
    taken(outbox, 1)
    assert measured(outbox, 0.0, 1.0, 21.0) == [0.0, 0.0, 20.0]
    taken(outbox, 1)
    assert measured(outbox, 22.0) == [0.0]
    assert measured(outbox, 23.0, 24.0) == [0.0, 1.0]


def test_who_stays_behind_is_slow_though_it_takes_something():
    outbox = outbox_of()
    for _ in range(4):
        put(outbox)
    seen = []
    for second in range(40):
        seen.append(outbox.slow_for_s(float(second)))
        taken(outbox, 1)
        put(outbox)
    assert seen == [float(second) for second in range(40)]


def test_who_comes_below_the_soft_limit_in_between_is_not_slow():
    outbox = outbox_of()
    for _ in range(4):
        put(outbox)
    assert measured(outbox, 0.0, 20.0) == [0.0, 20.0]
    taken(outbox, 1)
    assert measured(outbox, 25.0) == [0.0]
    put(outbox)
    assert measured(outbox, 26.0, 27.0) == [0.0, 1.0]


@pytest.mark.parametrize("size", [9000, 1_000_000], ids=["large", "giant"])
def test_a_large_message_that_is_under_way_makes_nobody_slow(size):
    outbox = outbox_of()
    put(outbox, size)
    for second in range(100):
        taken(outbox, 1)
        assert outbox.slow_for_s(float(second)) == 0.0
    put(outbox)  # little waits behind it
    taken(outbox, 1)
    assert measured(outbox, 200.0) == [0.0]


def test_much_behind_a_large_message_is_slow():
    outbox = outbox_of()
    put(outbox, 1_000_000)
    for _ in range(3):
        put(outbox)
    seen = []
    for second in range(5):
        taken(outbox, 1)
        seen.append(outbox.slow_for_s(float(second)))
    assert seen == [0.0, 1.0, 2.0, 3.0, 4.0]


def test_replies_do_not_make_slow_who_takes_them():
    outbox = outbox_of()
    for _ in range(100):
        outbox.put_reply(Message(bytes(1000)))
    for second in range(100):
        taken(outbox, 1)
        assert outbox.slow_for_s(float(second)) == 0.0


def test_a_value_that_waits_for_an_acknowledgement_makes_nobody_slow():
    outbox = outbox_of()
    outbox.expect_acks()
    for number in range(3):
        put(outbox, number=number, is_latest=True)
        taken(outbox)
    assert outbox.counters.queued_messages == 1
    assert measured(outbox, 0.0, 1.0, 4.0) == [0.0] * 3


def test_a_look_lets_a_value_go_whose_acknowledgement_does_not_come():
    outbox = outbox_of()
    outbox.expect_acks()
    for number in range(3):
        put(outbox, number=number, is_latest=True)
        taken(outbox)
    went = []
    outbox.on_ready = lambda: went.extend(taken(outbox))
    assert measured(outbox, 0.0, ACK_TIMEOUT_S - 0.1) == [0.0, 0.0]
    assert went == []
    assert measured(outbox, ACK_TIMEOUT_S) == [0.0]
    assert went == [bytes(10)]


def test_what_is_urgent_does_not_hide_that_what_it_passes_stands_still():
    outbox = outbox_of()
    for _ in range(2):
        put(outbox)
    taken(outbox, 1)
    seen = []
    for second in range(5):
        outbox.put_reply(Message(b"reply"))
        assert taken_urgent(outbox) == [b"reply"]
        seen.append(outbox.slow_for_s(float(second)))
    assert seen == [0.0, 0.0, 1.0, 2.0, 3.0]


def test_who_takes_what_is_urgent_and_nothing_else_waits_is_not_slow():
    outbox = outbox_of()
    put(outbox)
    taken(outbox, 1)  # and it is still being waited for
    for second in range(100):
        outbox.put_reply(Message(b"reply"))
        taken_urgent(outbox)
        assert outbox.slow_for_s(float(second)) == 0.0
