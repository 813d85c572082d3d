import mmap
import os
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.frames import chunk, cut

from wslink_jupyter.errors import RemoteProtocolError
from wslink_jupyter.limits import MIB, Limits
from wslink_jupyter.rpc.buffer_pool import BufferPool
from wslink_jupyter.rpc.shared_memory import CAN_SHARE
from wslink_jupyter.wire.connection import Role, WireConnection
from wslink_jupyter.wire.reassembly import Reassembler

MESSAGES = st.lists(
    st.tuples(st.binary(min_size=1, max_size=200), st.integers(13, 120)), min_size=1, max_size=8
)
PERMISSIVE = Limits(min_chunk_bytes=1)


@given(MESSAGES, st.randoms(use_true_random=False), st.booleans(), st.booleans())
def test_split_shuffle_interleave_reassemble_is_identity(messages, random, has_memory, is_lent):
    frames = [
        frame
        for number, (message, most) in enumerate(messages)
        for frame in cut(number, message, most)
    ]
    random.shuffle(frames)
    reassembler = Reassembler(
        PERMISSIVE, (lambda size: memoryview(bytearray(size))) if has_memory else None
    )
    completed = []
    for frame in map(bytearray, frames):
        answer = reassembler.feed(frame, 2**30, 0.0, is_lent=is_lent)
        if answer is not None:
            completed.append(bytes(answer))
        if is_lent:
            frame[:] = bytes(len(frame))
    completed.sort()
    assert completed == sorted(message for message, _ in messages)
    assert (reassembler.pending_messages, reassembler.pending_bytes) == (0, 0)


@given(
    st.lists(
        st.tuples(
            st.integers(0, 3), st.integers(0, 40), st.integers(0, 40), st.binary(max_size=20)
        ),
        max_size=60,
    )
)
def test_what_is_held_is_what_came_and_a_message_is_never_wrong(chunks):
    """A model that keeps every byte agrees with what the reassembler says."""
    limits = Limits(min_chunk_bytes=1, max_pending_messages=2, max_pending_bytes=60)
    reassembler = Reassembler(limits)
    came: dict[int, dict[int, int]] = {}
    for message_id, offset, total, content in chunks:
        try:
            message = reassembler.feed(chunk(message_id, offset, total, content), 50, 0.0)
        except RemoteProtocolError:
            came.pop(message_id, None)
        else:
            held = came.setdefault(message_id, {})
            assert held.keys().isdisjoint(range(offset, offset + len(content)))
            held.update(enumerate(content, offset))
            if message is not None:
                whole = came.pop(message_id)
                assert bytes(message) == bytes(whole[at] for at in range(total))
        assert reassembler.pending_bytes == sum(map(len, came.values())) <= 60
        assert reassembler.pending_messages == len(came) <= 2


@given(st.lists(st.integers(1, 64), min_size=1, max_size=16), st.sampled_from(Role))
def test_memory_follows_the_bytes_that_came_not_those_claimed(sizes, role):
    limits = Limits(max_message_bytes=2**32 - 1, max_hello_bytes=2**32 - 1)
    connection = WireConnection(role, limits)
    frames = [
        chunk(number, 2**31, 2**32 - 1, bytes(size * 1024)) for number, size in enumerate(sizes)
    ]
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        for frame in frames:
            assert connection.receive_frame(frame, 0.0) is None
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    received = sum(sizes) * 1024
    assert connection.pending_bytes == received
    # The frames themselves are ours; holding them costs views and bookkeeping.
    assert peak - before < received // 4 + 64 * 1024


@pytest.mark.skipif(not CAN_SHARE, reason="tells how much is taken on Linux only")
@given(
    st.integers(MIB, 64 * MIB),
    st.lists(st.tuples(st.integers(0, 1023), st.integers(1, 1024)), unique_by=lambda it: it[0]),
)
def test_memory_that_is_allocated_is_taken_where_bytes_came(total, chunks):
    """Of pages as of chunks: a claim of 64 MiB and one byte cost one page."""
    pool = BufferPool()
    reassembler = Reassembler(PERMISSIVE, pool.take)
    for place, size in chunks:
        reassembler.feed(chunk(7, place * 1024, total, bytes([1]) * size), total, 0.0)
    taken = os.fstat(pool.memory.descriptor).st_blocks * 512
    assert taken <= sum(-(-size // mmap.PAGESIZE) + 1 for _, size in chunks) * mmap.PAGESIZE
