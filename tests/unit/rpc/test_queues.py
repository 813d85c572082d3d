import pytest
from support.outboxes import room_for

from wslink_jupyter.limits import HEADER_BYTES, Limits
from wslink_jupyter.rpc.queues import BoundedQueue, FifoQueue, Outgoing, TurnQueue
from wslink_jupyter.wire.connection import Role, WireConnection
from wslink_jupyter.wire.message import Message

WIRE = WireConnection(Role.SERVER, Limits())
FRAME_BYTES = 12 + 4


def outgoing(content):
    return Outgoing(Message(content))


def cut(queue):
    """Send one chunk as an outbox does; return its content, None if nothing may go."""
    taken = queue.take()
    if taken is None:
        return None
    chunk, size = taken.cut(WIRE, FRAME_BYTES)
    content = b"".join(chunk)[HEADER_BYTES:]
    assert len(content) == size
    if taken.unsent_bytes:
        queue.put_back(taken)
    else:
        queue.finish(taken)
    return content


def sent(queue, count=1000):
    return [content for _ in range(count) if (content := cut(queue)) is not None]


def put_all(queue, *contents):
    for content in contents:
        queue.put(outgoing(content))


def test_a_message_tells_what_is_unsent():
    message = outgoing(b"0123456789")
    seen = []
    while message.unsent_bytes:
        seen.append(message.unsent_bytes)
        message.cut(WIRE, FRAME_BYTES)
    assert seen == [10, 6, 2]


def test_a_number_is_given_to_a_message_when_its_first_chunk_goes():
    first, second = outgoing(b"01234567"), outgoing(b"ab")
    headers = [bytes(each.cut(WIRE, FRAME_BYTES)[0][0]) for each in (second, first, first)]
    numbers = [int.from_bytes(header[:4], "little") for header in headers]
    assert numbers[1] == numbers[2] == numbers[0] + 1


def test_one_after_the_other():
    queue = FifoQueue()
    put_all(queue, b"01234567", b"ab")
    assert sent(queue) == [b"0123", b"4567", b"ab"]


def test_replies_take_turns_by_chunk_the_new_and_the_begun():
    queue = TurnQueue()
    put_all(queue, b"AAAABBBBCCCC", b"a", b"b", b"DDDDEEEE", b"c")
    assert sent(queue) == [
        *(b"AAAA", b"BBBB", b"a", b"CCCC"),
        *(b"b", b"DDDD", b"EEEE", b"c"),
    ]


def test_begun_replies_share_the_line_in_turn():
    queue = TurnQueue()
    put_all(queue, *(bytes([name]) * 12 for name in b"abc"))
    heard = b"".join(content[:1] for content in sent(queue))
    assert heard == b"aabacbcbc"


def test_a_short_reply_behind_any_number_of_long_ones_waits_for_few_chunks():
    queue = TurnQueue()
    put_all(queue, *[bytes(4000)] * 3)
    sent(queue, 20)
    put_all(queue, b"x")
    assert b"x" in sent(queue, 2)


@pytest.mark.parametrize("long_ones", [1, 4, 5, 40])
def test_at_most_four_replies_are_begun(long_ones):
    queue = TurnQueue()
    put_all(queue, *(number.to_bytes(2) * 10 for number in range(long_ones)))
    unfinished: dict[bytes, int] = {}
    order = []
    while (content := cut(queue)) is not None:
        name = content[:2]
        if name not in unfinished:
            order.append(name)
        unfinished[name] = unfinished.get(name, 0) + len(content)
        if unfinished[name] == 20:
            del unfinished[name]
        assert len(unfinished) <= 4
    assert unfinished == {}
    assert order == [number.to_bytes(2) for number in range(long_ones)]


def test_a_stream_of_short_replies_does_not_stop_a_long_one():
    queue = TurnQueue()
    put_all(queue, b"L" * 40)
    heard = []
    for _ in range(25):
        put_all(queue, b"s")
        heard.append(cut(queue)[:1])
    assert heard.count(b"L") == 10


@pytest.mark.parametrize("queue_type", [FifoQueue, TurnQueue])
def test_the_first_that_is_short_and_not_begun_is_taken_whole(queue_type):
    queue = queue_type()
    assert queue.take_whole(4) is None
    put_all(queue, b"01234567", b"89abc", b"defg", b"h")
    assert sent(queue, 1) == [b"0123"]
    assert queue.take_whole(0) is None
    whole = [queue.take_whole(4) for _ in range(3)]
    assert [bytes(each.message) for each in whole[:2]] == [b"defg", b"h"]
    assert whole[2] is None
    assert sorted(sent(queue)) == [b"4567", b"89ab", b"c"]


@pytest.mark.parametrize("queue_type", [FifoQueue, TurnQueue])
def test_the_rest_of_what_was_begun_is_not_taken_whole_though_it_is_short(queue_type):
    queue = queue_type()
    put_all(queue, b"0123ab")
    assert sent(queue, 1) == [b"0123"]
    assert queue.take_whole(4) is None
    assert sent(queue) == [b"ab"]


@pytest.mark.parametrize("queue", [FifoQueue(), TurnQueue(), BoundedQueue(1000)])
def test_what_is_cleared_is_told_with_what_is_begun(queue):
    put_all(queue, b"01234567", b"abcd", b"ef")
    sent(queue, 1)
    cleared = queue.clear()
    assert sorted(each.unsent_bytes for each in cleared) == [2, 4, 4]
    assert queue.take() is None
    assert queue.clear() == []


class TestBounds:
    def test_messages_are_taken_up_to_the_limit(self):
        queue = BoundedQueue(room_for(6, 4))
        assert queue.offer(outgoing(bytes(6)))
        assert not queue.offer(outgoing(bytes(5)))
        assert queue.offer(outgoing(bytes(4)))
        assert not queue.offer(outgoing(b"a"))

    def test_small_messages_cost_more_than_their_bytes(self):
        queue = BoundedQueue(room_for(1, 1, 1))
        assert [queue.offer(outgoing(b"a")) for _ in range(4)] == [True, True, True, False]

    @pytest.mark.parametrize("size", [743, 744, 745, 999, 1000, 1001, 100_000])
    def test_one_message_of_any_size_is_taken_when_nothing_waits(self, size):
        queue = BoundedQueue(1000)
        assert queue.offer(outgoing(bytes(size)))
        assert len(b"".join(sent(queue, 100_000))) == size
        assert queue.offer(outgoing(bytes(size)))

    def test_one_giant_is_taken_beside_what_waits(self):
        limit = room_for(10)
        queue = BoundedQueue(limit)
        assert queue.offer(outgoing(bytes(10)))
        assert queue.offer(outgoing(bytes(limit + 1)))
        assert not queue.offer(outgoing(bytes(limit + 1)))
        assert not queue.offer(outgoing(b"a"))

    def test_what_comes_while_a_giant_is_sent_has_the_room_it_always_has(self):
        limit = room_for(10)
        queue = BoundedQueue(limit)
        queue.offer(outgoing(bytes(2 * limit)))
        sent(queue, 1)
        assert queue.offer(outgoing(bytes(10)))
        assert not queue.offer(outgoing(b"a"))
        sent(queue)
        assert queue.offer(outgoing(bytes(2 * limit)))
        assert queue.offer(outgoing(bytes(10)))

    def test_room_is_made_when_a_message_is_sent_whole(self):
        queue = BoundedQueue(room_for(10))
        queue.offer(outgoing(bytes(10)))
        sent(queue, 2)
        assert not queue.offer(outgoing(b"a"))
        sent(queue, 1)
        assert queue.offer(outgoing(bytes(10)))

    def test_clearing_makes_room(self):
        queue = BoundedQueue(room_for(10))
        for _ in range(2):
            assert queue.offer(outgoing(bytes(10)))
            assert queue.offer(outgoing(bytes(1000)))
            queue.clear()

    def test_what_waits_is_what_is_behind_the_first(self):
        queue = BoundedQueue(10_000)
        assert queue.waiting_bytes() == 0
        seen = []
        for size in (8, 100, 200):
            queue.offer(outgoing(bytes(size)))
            seen.append(queue.waiting_bytes())
        assert seen == [0, room_for(100), room_for(100, 200)]
        sent(queue, 1)  # half of the first: as before
        assert queue.waiting_bytes() == room_for(100, 200)
        sent(queue, 1)
        assert queue.waiting_bytes() == room_for(200)

    def test_what_waits_behind_a_giant_is_counted_and_the_giant_is_not(self):
        queue = BoundedQueue(1000)
        queue.offer(outgoing(bytes(5000)))
        assert queue.waiting_bytes() == 0
        queue.offer(outgoing(bytes(100)))
        assert queue.waiting_bytes() == room_for(100)
