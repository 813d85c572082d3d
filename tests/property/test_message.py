from hypothesis import given
from hypothesis import strategies as st

from wslink_jupyter.wire.chunks import split_message
from wslink_jupyter.wire.header import ChunkHeader
from wslink_jupyter.wire.message import Message

PIECES = st.lists(
    st.binary(max_size=40)
    | st.builds(bytearray, st.binary(max_size=40))
    | st.builds(memoryview, st.binary(max_size=40)),
    max_size=8,
)


@given(PIECES, st.integers(1, 200))
def test_what_is_cut_is_the_bytes_whatever_the_pieces_and_the_step(pieces, step):
    message, joined = Message(*pieces), b"".join(pieces)
    assert bytes(message) == joined
    assert len(message) == len(joined)
    parts = [b"".join(views) for views in message.cut(step)]
    assert parts == [joined[at : at + step] for at in range(0, len(joined), step)]


@given(PIECES, st.integers(1, 200))
def test_no_view_is_empty_and_none_is_a_copy(pieces, step):
    views = [view for part in Message(*pieces).cut(step) for view in part]
    assert all(len(view) for view in views)
    memories = [memoryview(piece).obj for piece in pieces]
    assert all(any(view.obj is memory for memory in memories) for view in views)


@given(PIECES, st.binary(min_size=1, max_size=30), st.integers(1, 200))
def test_a_head_changes_nothing_of_what_is_behind_it(pieces, head, step):
    message = Message(b"", *pieces).behind(head)
    joined = head + b"".join(pieces)
    assert bytes(message) == joined
    assert len(message) == len(joined)
    assert b"".join(b"".join(views) for views in message.cut(step)) == joined


@given(PIECES.filter(any), st.integers(0, 120))
def test_chunks_of_pieces_are_those_of_the_joined_bytes(pieces, max_frame_bytes):
    def frames(message):
        return [b"".join(parts) for parts in split_message(7, message, max_frame_bytes)]

    joined = b"".join(pieces)
    assert frames(Message(*pieces)) == frames(joined)
    for frame in frames(Message(*pieces)):
        header = ChunkHeader.decode(frame)
        assert header.total == len(joined)
        assert frame[12:] == joined[header.offset : header.offset + len(frame) - 12]
