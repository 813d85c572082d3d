import dataclasses

import pytest
from support.frames import chunk, cut

from wslink_jupyter.errors import InvalidChunk, MessageStalled, MessageTooBig, TooManyPending
from wslink_jupyter.limits import Limits
from wslink_jupyter.wire.reassembly import Reassembler


def memory_of(size):
    return memoryview(bytearray(size))


@pytest.fixture
def reassembler():
    return Reassembler(Limits())


def feed(reassembler, *frames, most=1000, now_s=0.0):
    """Feed all; return the last answer."""
    *first, last = frames
    for frame in first:
        assert reassembler.feed(frame, most, now_s) is None
    return reassembler.feed(last, most, now_s)


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 0, 2), (1, 2, 0), (2, 0, 1)])
def test_chunks_come_in_any_order(reassembler, order):
    frames = cut(7, b"abcdefgh", 15)
    assert feed(reassembler, *(frames[index] for index in order)) == b"abcdefgh"
    assert (reassembler.pending_messages, reassembler.pending_bytes) == (0, 0)


def test_messages_interleave(reassembler):
    one, two = cut(1, b"abcd", 14), cut(2, b"efgh", 14)
    assert feed(reassembler, one[0], two[1], one[1]) == b"abcd"
    assert feed(reassembler, two[0]) == b"efgh"


def test_an_id_can_be_used_again_when_its_message_is_complete(reassembler):
    for message in (b"abcd", b"efghij"):
        assert feed(reassembler, *cut(1, message, 14)) == message


def test_one_chunk_is_not_copied(reassembler):
    frame = chunk(1, 0, 4, b"abcd")
    assert feed(reassembler, frame).obj is frame


def test_pending_bytes_follow_what_came_not_what_was_claimed(reassembler):
    reassembler.feed(chunk(1, 5, 2**32 - 1, b"abc"), 2**32 - 1, 0.0)
    assert (reassembler.pending_messages, reassembler.pending_bytes) == (1, 3)


@pytest.mark.parametrize(
    ("frames", "sentence"),
    [
        ([chunk(7, 0, 0, b"")], "expected a total of at least 1 byte, got 0"),
        ([chunk(7, 0, 5, b"")], "chunk of message 7: expected content, got none"),
        ([chunk(7, 3, 5, b"abc")], "ends at byte 6, expected at most 5"),
        ([chunk(7, 0, 5, b"ab"), chunk(7, 2, 6, b"cd")], "expected a total of 5, got 6"),
        ([chunk(7, 0, 5, b"ab"), chunk(7, 1, 5, b"bc")], "bytes 1 to 3 came before"),
        ([chunk(7, 2, 5, b"cd"), chunk(7, 1, 5, b"bc")], "bytes 1 to 3 came before"),
        ([chunk(7, 0, 5, b"ab"), chunk(7, 0, 5, b"abcde")], "bytes 0 to 5 came twice"),
    ],
)
def test_a_wrong_chunk_is_refused_and_its_message_forgotten(reassembler, frames, sentence):
    feed(reassembler, chunk(9, 0, 4, b"ab"))
    with pytest.raises(InvalidChunk, match=sentence):
        feed(reassembler, *frames)
    assert reassembler.pending_messages == 1
    assert feed(reassembler, chunk(9, 2, 4, b"cd")) == b"abcd"


def test_a_hole_can_never_be_counted_away(reassembler):
    with pytest.raises(InvalidChunk):
        feed(reassembler, chunk(7, 0, 6, b"abc"), chunk(7, 0, 6, b"abc"))


def test_a_total_over_the_limit_is_refused_with_the_numbers(reassembler):
    assert feed(reassembler, chunk(7, 0, 10, bytes(10)), most=10) == bytes(10)
    with pytest.raises(
        MessageTooBig, match="message 7: expected at most 10 bytes, got 11"
    ) as raised:
        feed(reassembler, chunk(7, 0, 11, b"a"), most=10)
    assert (raised.value.size_bytes, raised.value.limit_bytes) == (11, 10)


def test_all_unfinished_messages_together_are_bounded():
    reassembler = Reassembler(Limits(max_pending_bytes=5))
    feed(reassembler, chunk(1, 0, 9, b"abc"), chunk(2, 0, 9, b"de"))
    with pytest.raises(MessageTooBig, match="all unfinished messages: expected at most 5"):
        feed(reassembler, chunk(3, 0, 9, b"f"))
    assert (reassembler.pending_messages, reassembler.pending_bytes) == (2, 5)


def test_unfinished_messages_are_counted_but_whole_ones_pass():
    reassembler = Reassembler(Limits(max_pending_messages=2))
    feed(reassembler, chunk(1, 0, 2, b"a"), chunk(2, 0, 2, b"a"))
    assert feed(reassembler, chunk(3, 0, 1, b"w")) == b"w"
    with pytest.raises(TooManyPending, match="expected at most 2, got 3") as raised:
        feed(reassembler, chunk(3, 0, 2, b"a"))
    assert (raised.value.count, raised.value.limit) == (3, 2)
    assert feed(reassembler, chunk(1, 1, 2, b"b")) == b"ab"


@pytest.mark.parametrize(("size", "refused"), [(1, 17), (50, 33)])
def test_tiny_chunks_are_bounded_by_the_bytes_that_came(size, refused):
    reassembler = Reassembler(Limits(min_chunk_bytes=100))
    frames = [chunk(1, number * size, 10**6, bytes(size)) for number in range(refused)]
    for frame in frames[:-1]:
        assert reassembler.feed(frame, 10**6, 0.0) is None
    received = refused * size
    sentence = f"at most {received // 100 + 16} chunks for {received} bytes, got {refused}$"
    with pytest.raises(InvalidChunk, match=sentence):
        reassembler.feed(frames[-1], 10**6, 0.0)
    assert reassembler.pending_bytes == 0


def test_chunks_of_the_least_size_are_never_too_many():
    reassembler = Reassembler(Limits(min_chunk_bytes=100))
    frames = cut(1, bytes(100_000), 112)
    assert feed(reassembler, *frames, most=100_000) == bytes(100_000)


def test_the_last_chunk_allowed_completes_the_message():
    frames = cut(1, bytes(17), 13)
    limits = dataclasses.replace(Limits(), min_chunk_bytes=17)
    assert feed(Reassembler(limits), *frames) == bytes(17)


def test_a_message_that_stops_expires_and_the_others_stay():
    reassembler = Reassembler(Limits(pending_timeout_s=10.0))
    feed(reassembler, chunk(1, 0, 4, b"a"), now_s=0.0)
    feed(reassembler, chunk(2, 0, 4, b"a"), now_s=5.0)
    reassembler.expire(9.9)
    with pytest.raises(
        MessageStalled, match="message 1: expected a chunk every 10 s, got none"
    ) as e:
        reassembler.expire(10.0)
    assert e.value.idle_s == 10.0
    reassembler.expire(14.9)
    with pytest.raises(MessageStalled, match="message 2"):
        reassembler.expire(15.0)
    reassembler.expire(1e9)


def test_every_chunk_starts_the_time_again():
    reassembler = Reassembler(Limits(pending_timeout_s=10.0))
    feed(reassembler, chunk(1, 0, 4, b"a"), now_s=0.0)
    feed(reassembler, chunk(1, 1, 4, b"b"), now_s=9.0)
    reassembler.expire(18.0)
    assert feed(reassembler, chunk(1, 2, 4, b"cd"), now_s=18.0) == b"abcd"


@pytest.mark.parametrize(
    "allocate", [None, lambda size: None, memory_of], ids=["none", "full", "some"]
)
@pytest.mark.parametrize("order", [(0, 1, 2, 3), (3, 1, 2, 0)])
def test_a_lent_frame_may_change_when_its_content_is_placed(allocate, order):
    reassembler = Reassembler(Limits(), allocate)
    frames = cut(7, bytes(range(100)), 37)
    for index in order:
        frame = bytearray(frames[index])
        message = reassembler.feed(frame, 1000, 0.0, is_lent=True)
        frame[:] = bytes(len(frame))
    assert message == bytes(range(100))


def test_what_has_memory_is_placed_there_at_once_and_not_copied_again():
    memory = memory_of(100)
    reassembler = Reassembler(Limits(), lambda size: memory if size == 100 else None)
    frames = cut(7, bytes(range(1, 101)), 62)
    assert reassembler.feed(frames[1], 1000, 0.0) is None
    assert bytes(memory) == bytes(50) + bytes(range(51, 101))
    assert reassembler.feed(frames[0], 1000, 0.0) is memory
    assert bytes(memory) == bytes(range(1, 101))


def test_one_lent_chunk_is_not_copied():
    frame = chunk(1, 0, 4, b"abcd")
    assert Reassembler(Limits(), memory_of).feed(frame, 10, 0.0, is_lent=True).obj is frame


def test_a_forgotten_message_leaves_its_memory():
    memory = bytearray(100)
    reassembler = Reassembler(Limits(), lambda size: memoryview(memory))
    reassembler.feed(chunk(7, 0, 100, b"ab"), 1000, 0.0)
    with pytest.raises(BufferError):
        memory.clear()
    with pytest.raises(MessageStalled):
        reassembler.expire(1e9)
    memory.clear()
