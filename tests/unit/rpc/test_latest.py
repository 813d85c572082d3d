"""At most two values of a topic with the client, at most one that waits: the newest."""

from dataclasses import replace

import pytest
from support.outboxes import publication

from wslink_jupyter.limits import Limits
from wslink_jupyter.rpc.latest import ACK_TIMEOUT_S, WINDOW, LatestQueue
from wslink_jupyter.wire.connection import Role, WireConnection

WIRE = WireConnection(Role.SERVER, Limits())


def queue_of(*, expects_acks=True):
    queue = LatestQueue()
    queue.expects_acks = expects_acks
    return queue


def put(queue, number, topic="t"):
    """Let a value wait; return the one that it replaced."""
    replaced = queue.replace(publication(b"%s%d" % (topic.encode(), number), topic, number))
    return None if replaced is None else bytes(replaced.message).decode()


def sent(queue):
    """Return what may be sent now."""
    values = []
    while (outgoing := queue.take()) is not None:
        queue.finish(outgoing)
        values.append(bytes(outgoing.message).decode())
    return values


def put_part(queue, number, part):
    return queue.replace(
        replace(publication(b"%s%d" % (part.encode(), number), "t", number), part=part)
    )


def put_and_send(queue, *numbers, topic="t"):
    return [value for number in numbers for value in (put(queue, number, topic), *sent(queue))]


def test_the_window_is_two():
    assert WINDOW == 2


def test_two_values_go_and_the_newest_of_the_others_waits():
    queue = queue_of()
    assert put_and_send(queue, 0, 1, 2, 3, 4) == [None, "t0", None, "t1", None, "t2", "t3"]
    assert sent(queue) == []
    queue.acknowledge("t", 0)
    assert sent(queue) == ["t4"]
    assert sent(queue) == []


def test_who_is_not_expected_to_acknowledge_never_waits():
    queue = queue_of(expects_acks=False)
    assert [value for value in put_and_send(queue, *range(5)) if value] == [
        f"t{number}" for number in range(5)
    ]
    put(queue, 5)
    assert put(queue, 6) == "t5"
    queue.acknowledge("t", 6)
    queue.check_time(0.0)
    queue.check_time(1000.0)
    assert sent(queue) == ["t6"]


def test_a_value_takes_the_place_of_the_one_it_replaces():
    queue = queue_of()
    for topic in "abc":
        put(queue, 0, topic)
    assert put(queue, 1, "b") == "b0"
    assert put(queue, 1, "a") == "a0"
    assert sent(queue) == ["a1", "b1", "c0"]


def test_a_topic_without_window_holds_no_other_back():
    queue = queue_of()
    put_and_send(queue, 0, 1)
    put(queue, 2)
    put(queue, 0, "other")
    assert sent(queue) == ["other0"]
    queue.acknowledge("t", 0)
    assert sent(queue) == ["t2"]


def test_a_value_that_was_begun_goes_on_first_and_is_not_replaced():
    queue = queue_of()
    put(queue, 0, "b")
    begun = queue.take()
    queue.put_back(begun)
    put(queue, 0, "a")
    assert put(queue, 1, "b") is None
    assert queue.take() is begun
    queue.put_back(begun)
    assert sent(queue) == ["b0", "a0", "b1"]


def test_of_a_topic_of_several_things_the_newest_of_each_waits():
    queue = queue_of()
    for number in range(0, 8, 2):
        put_part(queue, number, "a")
        put_part(queue, number + 1, "b")
        if number < 4:
            assert sent(queue) == [f"a{number}", f"b{number + 1}"]
    assert sent(queue) == []
    queue.acknowledge("t", 0)
    assert sent(queue) == ["a6"]
    queue.acknowledge("t", 3)
    assert sent(queue) == ["b7"]
    queue.acknowledge("t", 7)
    assert queue.clear() == []


class TestAcknowledgements:
    def test_are_cumulative(self):
        queue = queue_of()
        put_and_send(queue, 0, 1)
        queue.acknowledge("t", 1)
        assert put_and_send(queue, 2, 3, 4) == [None, "t2", None, "t3", None]

    def test_of_a_number_between_two_that_were_sent_are_for_the_first(self):
        queue = queue_of()
        put_and_send(queue, 3, 7)
        queue.acknowledge("t", 5)
        assert put_and_send(queue, 8, 9) == [None, "t8", None]

    @pytest.mark.parametrize(
        ("topic", "number"), [("t", -1), ("t", 4), ("other", 5), ("", 0), ("t", -(2**70))]
    )
    def test_that_are_old_or_of_others_change_nothing(self, topic, number):
        queue = queue_of()
        put_and_send(queue, 5, 6)
        put(queue, 7)
        queue.acknowledge(topic, number)
        assert sent(queue) == []
        queue.acknowledge("t", 5)
        assert sent(queue) == ["t7"]

    def test_before_anything_was_sent_change_nothing(self):
        queue = queue_of()
        queue.acknowledge("t", 5)
        put(queue, 0)
        queue.acknowledge("t", 0)
        assert put_and_send(queue, 1, 2, 3)[1:] == ["t1", None, "t2", None]

    @pytest.mark.parametrize("number", [2, 3, 1000, 2**70])
    def test_of_the_future_open_the_window_once_and_no_further(self, number):
        queue = queue_of()
        put_and_send(queue, 0, 1)
        put(queue, 2)
        queue.acknowledge("t", number)
        assert sent(queue) == ["t2"]
        assert put_and_send(queue, 3, 4, 5) == [None, "t3", None, "t4"]
        assert sent(queue) == []

    def test_of_everything_forget_nothing_that_waits(self):
        queue = queue_of()
        put_and_send(queue, 0, 1, 2)
        queue.acknowledge("t", 1)
        assert put(queue, 3) == "t2"
        assert sent(queue) == ["t3"]
        assert queue.clear() == []

    def test_twice_are_as_once(self):
        queue = queue_of()
        put_and_send(queue, 0, 1)
        put(queue, 2)
        for _ in range(3):
            queue.acknowledge("t", 0)
        assert sent(queue) == ["t2"]
        put(queue, 3)
        assert sent(queue) == []


class TestSilence:
    def test_of_a_client_costs_it_no_more_than_the_time_out(self):
        queue = queue_of()
        put_and_send(queue, 0, 1)
        put(queue, 2)
        for now_s in (10.0, 12.0, 10.0 + ACK_TIMEOUT_S - 0.1):
            queue.check_time(now_s)
        assert sent(queue) == []
        queue.check_time(10.0 + ACK_TIMEOUT_S)
        assert sent(queue) == ["t2"]

    def test_gives_one_value_more_and_the_next_after_as_long_again(self):
        queue = queue_of()
        put_and_send(queue, 0, 1)
        seen = []
        for second in range(30):
            queue.check_time(float(second))
            put(queue, second + 2)
            seen += sent(queue)
        assert seen == ["t7", "t13", "t19", "t25", "t31"]

    def test_ends_with_an_acknowledgement_and_the_window_is_whole_again(self):
        queue = queue_of()
        put_and_send(queue, 0, 1)
        for now_s in (0.0, ACK_TIMEOUT_S):
            queue.check_time(now_s)
        put_and_send(queue, 2)
        queue.acknowledge("t", 2)
        assert put_and_send(queue, 3, 4, 5) == [None, "t3", None, "t4", None]

    def test_is_measured_from_the_last_acknowledgement(self):
        queue = queue_of()
        put_and_send(queue, 0, 1)
        queue.check_time(0.0)
        queue.check_time(4.0)
        queue.acknowledge("t", 0)
        put_and_send(queue, 2)
        put(queue, 3)
        queue.check_time(5.0)
        queue.check_time(9.9)
        assert sent(queue) == []
        queue.check_time(10.0)
        assert sent(queue) == ["t3"]

    def test_of_a_client_that_has_nothing_is_none(self):
        queue = queue_of()
        put_and_send(queue, 0)
        queue.acknowledge("t", 0)
        for now_s in (0.0, 1000.0):
            queue.check_time(now_s)
        assert put_and_send(queue, 1, 2, 3) == [None, "t1", None, "t2", None]

    def test_a_late_acknowledgement_of_values_that_were_given_up_changes_nothing(self):
        queue = queue_of()
        put_and_send(queue, 0, 1)
        for now_s in (0.0, ACK_TIMEOUT_S):
            queue.check_time(now_s)
        put_and_send(queue, 2)
        put(queue, 3)
        queue.acknowledge("t", 1)
        assert sent(queue) == []
        queue.acknowledge("t", 2)
        assert sent(queue) == ["t3"]


def test_what_is_cleared_is_told_with_what_is_begun():
    queue = queue_of()
    put_and_send(queue, 0, 1)
    put(queue, 0, "a")
    queue.put_back(queue.take())
    for number in (2, 3):
        put(queue, number)
    assert sorted(bytes(each.message) for each in queue.clear()) == [b"a0", b"t3"]
    assert queue.clear() == []
    assert sent(queue) == []


def test_topics_that_are_done_with_are_forgotten():
    queue = queue_of()
    for number in range(1000):
        put_and_send(queue, 0, topic=f"t{number}")
        queue.acknowledge(f"t{number}", 0)
    assert not queue._topics
