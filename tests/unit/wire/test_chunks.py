import pytest
from support.frames import cut

from wslink_jupyter.errors import LocalProtocolError
from wslink_jupyter.wire.chunks import split_message
from wslink_jupyter.wire.message import Message


@pytest.mark.parametrize(
    ("max_frame_bytes", "sizes"),
    [
        (0, [10]),
        (1, [1] * 10),  # at least one byte of content, as in stock wslink
        (12, [1] * 10),
        (13, [1] * 10),
        (14, [2] * 5),
        (16, [4, 4, 2]),
        (21, [9, 1]),
        (22, [10]),
        (1000, [10]),
    ],
)
def test_chunks_fill_the_frame(max_frame_bytes, sizes):
    chunks = list(split_message(7, b"0123456789", max_frame_bytes))
    assert [len(content) for _, content in chunks] == sizes
    assert b"".join(content for _, content in chunks) == b"0123456789"


def test_how_large_a_frame_may_be_is_asked_before_each():
    sizes = iter([14, 12, 15])
    chunks = list(split_message(7, Message(b"abc", b"de"), lambda: next(sizes)))
    assert [b"".join(content) for _, *content in chunks] == [b"ab", b"c", b"de"]
    offsets = [int.from_bytes(header[4:8], "little") for header, *_ in chunks]
    assert offsets == [0, 2, 3]


def test_headers_say_where_the_content_belongs():
    assert cut(7, b"abcde", 14) == [
        bytes.fromhex("070000000000000005000000") + b"ab",
        bytes.fromhex("070000000200000005000000") + b"cd",
        bytes.fromhex("070000000400000005000000") + b"e",
    ]


def test_content_is_a_view_of_the_message():
    message = bytearray(b"before")
    ((_, content),) = split_message(1, message, 0)
    message[:] = b"after!"
    assert content == b"after!"


def test_an_empty_message_cannot_be_told():
    with pytest.raises(LocalProtocolError, match="expected 1 to 4294967295 bytes, got 0"):
        list(split_message(1, b"", 0))


def test_a_message_of_4_gib_cannot_be_told():
    class Huge(bytes):
        def __len__(self):
            return 2**32

    with pytest.raises(LocalProtocolError, match="got 4294967296"):
        list(split_message(1, Huge(), 0))
