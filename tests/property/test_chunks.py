from hypothesis import given
from hypothesis import strategies as st

from wslink_jupyter.limits import Limits
from wslink_jupyter.wire.chunks import only_chunk, split_message
from wslink_jupyter.wire.connection import Role, WireConnection
from wslink_jupyter.wire.message import Message

PIECES = st.lists(st.binary(max_size=40), min_size=1, max_size=4).filter(any)
FRAMES = st.integers(13, 200)


@given(PIECES, FRAMES)
def test_the_only_chunk_is_what_cutting_would_give(pieces, max_frame_bytes):
    message = Message(*pieces)
    chunks = [b"".join(parts) for parts in split_message(7, message, max_frame_bytes)]
    only = only_chunk(7, message, max_frame_bytes)
    assert (only is None) == (len(chunks) > 1)
    if only is not None:
        assert b"".join(only) == chunks[0]


@given(st.lists(PIECES, min_size=1, max_size=6), FRAMES)
def test_each_message_of_a_connection_has_a_number_of_its_own(messages, max_frame_bytes):
    wire = WireConnection(Role.SERVER, Limits())
    numbers = []
    for pieces in messages:
        chunks = [b"".join(parts) for parts in wire.chunks(Message(*pieces), max_frame_bytes)]
        assert b"".join(chunk[12:] for chunk in chunks) == b"".join(pieces)
        (number,) = {chunk[:4] for chunk in chunks}
        numbers.append(number)
    assert len(set(numbers)) == len(numbers)
