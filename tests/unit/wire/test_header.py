import pytest

from wslink_jupyter.errors import InvalidChunk
from wslink_jupyter.wire.header import ChunkHeader


@pytest.mark.parametrize(
    ("header", "data"),
    [
        (ChunkHeader(0, 0, 1), "000000000000000001000000"),
        (ChunkHeader(1, 2, 3), "010000000200000003000000"),
        (ChunkHeader(0x04030201, 0, 2**32 - 1), "0102030400000000ffffffff"),
    ],
)
def test_three_little_endian_numbers(header, data):
    assert header.encode() == bytes.fromhex(data)
    assert ChunkHeader.decode(bytes.fromhex(data)) == header


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
def test_decode_takes_every_buffer_and_ignores_the_content(kind):
    assert ChunkHeader.decode(kind(ChunkHeader(7, 8, 9).encode() + b"content")) == (7, 8, 9)


@pytest.mark.parametrize("size", range(12))
def test_a_short_frame_is_refused_with_its_size(size):
    with pytest.raises(InvalidChunk, match=f"^frame: expected at least 12 bytes, got {size}$"):
        ChunkHeader.decode(bytes(size))
