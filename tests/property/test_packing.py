"""Packing in pieces gives the bytes of plain msgpack, and what was packed comes back."""

import msgpack
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from support.frames import packed

from wslink_jupyter.limits import KIB, Limits
from wslink_jupyter.wire.codec import pack, unpack

LIMITS = Limits()
#: Around what stays a piece of its own, and where the header of binary data grows.
SIZES = st.sampled_from(
    [near + off for near in (256, 32 * KIB, 64 * KIB) for off in (-2, -1, 0, 1)]
) | st.integers(0, 300)
FILLED = st.integers(0, 255)


def array_of(size, fill, dtype, frozen):
    array = np.full(size // np.dtype(dtype).itemsize, fill, dtype)
    array.flags.writeable = not frozen
    return array


BINARY = st.builds(lambda size, fill: bytes([fill]) * size, SIZES, FILLED)
ARRAYS = st.builds(
    array_of, SIZES, FILLED, st.sampled_from(["|u1", "<f4", ">i2", "<c16"]), st.booleans()
)
VALUES = st.recursive(
    st.none() | st.integers(-5, 300) | st.text(max_size=40) | BINARY | ARRAYS,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=4)
    ),
    max_leaves=8,
)


def as_maps(value):
    """Return `value` with its arrays as the maps that travel."""
    if isinstance(value, np.ndarray):
        data = value.astype(value.dtype.newbyteorder("<"))
        shape = list(value.shape)
        return {"@type": "ndarray", "dtype": data.dtype.str, "shape": shape, "data": bytes(data)}
    if isinstance(value, dict):
        return {key: as_maps(inner) for key, inner in value.items()}
    return [as_maps(inner) for inner in value] if isinstance(value, list) else value


@settings(max_examples=200)
@given(VALUES)
def test_the_bytes_are_those_of_plain_msgpack(value):
    assert packed(value) == msgpack.packb(as_maps(value), use_bin_type=True)


@given(VALUES, st.integers(1, 100_000))
def test_what_was_packed_in_pieces_comes_back(value, step):
    message = pack({"result": value})
    joined = b"".join(b"".join(views) for views in message.cut(step))
    assert as_maps(unpack(joined, LIMITS)) == {"result": as_maps(value)}


@given(VALUES)
def test_what_changes_after_it_was_packed_does_not_change_the_message(value):
    before = as_maps(value)
    message = pack(value)
    for array in _arrays(value):
        if array.flags.writeable:
            array += 1
    assert as_maps(unpack(bytes(message), LIMITS)) == before


def _arrays(value):
    if isinstance(value, np.ndarray):
        return [value]
    inner = value.values() if isinstance(value, dict) else value if type(value) is list else ()
    return [array for each in inner for array in _arrays(each)]
