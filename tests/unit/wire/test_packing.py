"""Large binary values are pieces of their own; the bytes are those of plain msgpack."""

import msgpack
import numpy as np
import pytest

from wslink_jupyter.limits import KIB, Limits
from wslink_jupyter.wire.codec import check_packable, pack, pack_head, unpack
from wslink_jupyter.wire.envelopes import Publication, publication_fields

#: From this size on; and where the header of binary data grows.
PIECE = 32 * KIB
SIZES = [0, 255, 256, PIECE - 1, PIECE, PIECE + 1, 2**16 - 1, 2**16, 2**16 + 1, 300_000]


def pieces_of(message):
    """Return the objects that a message is made of."""
    (views,) = message.cut(max(len(message), 1))
    return [view.obj for view in views]


def plain(value):
    """Return what msgpack alone makes of a value whose arrays are replaced by their maps."""

    def encode(array):
        data = np.ascontiguousarray(array, array.dtype.newbyteorder("<"))
        return {
            "@type": "ndarray",
            "dtype": data.dtype.str,
            "shape": list(array.shape),
            "data": data.tobytes(),
        }

    return msgpack.packb(value, use_bin_type=True, datetime=True, default=encode)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(
    "wrap",
    [
        lambda data: data,
        lambda data: {"result": data},
        lambda data: {"a": data, "b": data, "c": 1},
        lambda data: {"result": [data, {"x": data}], "after": "text"},
        lambda data: [data, data],
    ],
    ids=["alone", "entry", "entries", "nested", "list"],
)
def test_bytes_of_every_size_are_as_msgpack_says_them(size, wrap):
    value = wrap(bytes(range(256)) * (size // 256) + bytes(size % 256))
    message = pack(value)
    assert bytes(message) == plain(value)
    assert unpack(bytes(message), Limits()) == value


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(
    "wrap",
    [
        lambda array: array,
        lambda array: {"result": array},
        lambda array: [1, [array, {"x": [array, "text"]}], array],
        lambda array: {"a": array, "b": bytes(array), "c": [array]},
    ],
    ids=["alone", "entry", "nested", "beside_bytes"],
)
def test_arrays_of_every_size_are_as_msgpack_says_them(size, wrap):
    value = wrap(np.arange(size, dtype="|u1"))
    message = pack(value)
    assert bytes(message) == plain(value)


@pytest.mark.parametrize("kind", [bytearray, memoryview])
def test_other_binary_values_are_copied_and_right(kind):
    data = bytearray(100_000)
    value = {"result": kind(data), "list": [kind(data)]}
    message = pack(value)
    expected = plain({"result": bytes(data), "list": [bytes(data)]})
    data[:] = b"x" * len(data)
    assert bytes(message) == expected


@pytest.mark.parametrize("wrap", [lambda data: data, lambda data: {"a": 1, "result": data}])
def test_large_bytes_are_a_piece_of_their_own(wrap):
    large, small = bytes(PIECE), bytes(PIECE - 1)
    assert any(piece is large for piece in pieces_of(pack(wrap(large))))
    assert len(pieces_of(pack(wrap(small)))) == 1


def test_a_large_array_that_cannot_change_is_a_piece_of_its_own():
    array = np.zeros((300, 300), "<f4")
    array.flags.writeable = False
    pieces = pieces_of(pack({"result": [{"u": array}, 1]}))
    assert len(pieces) == 3
    assert np.shares_memory(np.frombuffer(pieces[1], "u1"), array)


def test_a_large_array_is_copied_once():
    array = np.zeros((300, 300), "<f4")
    message = pack({"result": [array]})
    array[:] = 1.0
    (decoded,) = unpack(bytes(message), Limits())["result"]
    assert not decoded.any()
    # The copy is a piece; msgpack did not copy it once more.
    assert [len(piece) for piece in pieces_of(message)][1] == array.nbytes


def test_many_pieces_keep_their_places():
    arrays = [np.full(PIECE + n, n, "|u1") for n in range(20)]
    value = {"head": "x" * 70_000, "result": [[n, arrays[n], {"n": n}] for n in range(20)]}
    message = pack(value)
    assert bytes(message) == plain(value)
    assert len(pieces_of(message)) == 41


def test_nothing_is_left_of_one_value_for_the_next():
    for value in (bytes(PIECE), [object()], "a", np.zeros(PIECE, "|u1"), 1):
        if isinstance(value, list):
            with pytest.raises(Exception, match="object"):
                pack(value)
        else:
            assert bytes(pack(value)) == plain(value)


@pytest.mark.parametrize("value", [None, 1, [1], {"a": b""}, bytes(100_000)], ids=range(5))
@pytest.mark.parametrize("ack", [False, True])
@pytest.mark.parametrize("retain", [False, True])
def test_a_head_and_a_value_packed_apart_are_the_envelope(value, ack, retain):
    head = pack_head(publication_fields("a.b", 7, ack=ack, retain=retain), "result")
    message = pack(value, "value").behind(head)
    assert bytes(message) == plain(Publication("a.b", 7, value, ack, retain).dump())


def test_a_head_of_nothing_is_a_map_that_begins_with_the_key():
    assert pack_head({}, "k") + b"\x05" == msgpack.packb({"k": 5})


def test_what_is_packable_is_looked_at_and_not_encoded():
    check_packable({"a": [1, "x", b"", np.zeros(3), {"b": None}]})
    check_packable(2**70)  # too large, which only encoding tells
    with pytest.raises(Exception, match=r"^value\['a'\]\[1\]: <class 'object'>"):
        check_packable({"a": [0, object()]}, "value")
