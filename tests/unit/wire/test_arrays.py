import subprocess
import sys

import numpy as np
import pytest

from wslink_jupyter.errors import InvalidMessage
from wslink_jupyter.wire.arrays import ITEM_BYTES, decode_array, encode_array, is_array, is_scalar

#: Every way to hold [[0, 1, 2], [3, 4, 5]] that is not C order and little-endian.
LAYOUTS = {
    "fortran": lambda: np.asfortranarray(np.arange(6, dtype="f4").reshape(2, 3)),
    "big_endian": lambda: np.arange(6, dtype=">f4").reshape(2, 3),
    "view": lambda: np.repeat(np.arange(6, dtype="f4"), 2)[::2].reshape(2, 3),
    "reversed": lambda: np.arange(5, -1, -1, dtype="f4")[::-1].reshape(2, 3),
    "transposed": lambda: np.array([[0, 3], [1, 4], [2, 5]], "f4").T,
    "read_only": lambda: np.frombuffer(np.arange(6, dtype="f4").tobytes(), "f4").reshape(2, 3),
}


def decode(**changes):
    fields = {"@type": "ndarray", "dtype": "<f4", "shape": [2], "data": bytes(8)} | changes
    return decode_array(fields, InvalidMessage)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout_travels_in_c_order_and_little_endian(layout):
    encoded = encode_array(LAYOUTS[layout]())
    assert encoded["dtype"] == "<f4"
    assert encoded["shape"] == [2, 3]
    assert bytes(encoded["data"]) == np.arange(6, dtype="<f4").tobytes()


def frozen(array):
    array.flags.writeable = False
    return array


@pytest.mark.parametrize(
    "array",
    [np.zeros(4, "<f8"), np.zeros((4, 4), "<f8")[1:3], frozen(np.zeros(6, "<f8")[2:4])],
    ids=["own", "view", "read_only_view"],
)
def test_an_array_that_may_change_is_copied(array):
    data = encode_array(array)["data"]
    memory = array if array.base is None else array.base
    memory[:] = 1.0
    assert bytes(data) == bytes(array.nbytes)


@pytest.mark.parametrize("shape", [(4,), (2, 3), (2, 1, 2)])
@pytest.mark.parametrize("dtype", ["<f8", "|u1", "<c16", "|b1"])
def test_a_read_only_array_that_owns_its_data_is_not_copied(dtype, shape):
    array = frozen(np.ones(shape, dtype))
    data = encode_array(array)["data"]
    assert isinstance(data, memoryview)
    assert np.shares_memory(np.frombuffer(data, "u1"), array)
    assert (data.format, data.ndim, bytes(data)) == ("B", 1, array.tobytes())


@pytest.mark.parametrize(
    "array",
    [np.ones(4, ">f8"), np.asfortranarray(np.ones((2, 3))), np.ones(0), np.array(1.0)],
    ids=["big_endian", "fortran", "empty", "scalar"],
)
def test_a_read_only_array_that_does_not_travel_as_it_is_is_right_too(array):
    data = encode_array(frozen(array))["data"]
    assert bytes(data) == array.astype("<f8").tobytes()


@pytest.mark.parametrize("dtype", ITEM_BYTES)
def test_item_sizes_are_those_of_numpy(dtype):
    assert np.dtype(dtype).itemsize == ITEM_BYTES[dtype]
    assert np.dtype(dtype).str == dtype


@pytest.mark.parametrize(
    "array",
    [
        np.array([object()]),
        np.array(["text"]),
        np.array([b"bytes"]),
        np.array(["2020-01-01"], "M8[s]"),
        np.zeros(1, [("a", "i4")]),
    ],
    ids=lambda array: array.dtype.kind,
)
def test_other_dtypes_are_refused_by_name(array):
    with pytest.raises(TypeError, match=r"^array of dtype "):
        encode_array(array)


@pytest.mark.parametrize("shape", [(0,), (0, 3), (3, 0, 2), (), (1, 1, 1, 1)])
def test_shapes_without_or_with_one_value(shape):
    encoded = encode_array(np.ones(shape, "<i2"))
    decoded = decode_array(encoded | {"data": bytes(encoded["data"])}, InvalidMessage)
    assert decoded.shape == shape
    assert decoded.dtype == np.dtype("<i2")


def test_decoded_array_is_a_read_only_view():
    data = np.arange(2, dtype="<f4").tobytes()
    array = decode(data=data)
    assert array.tolist() == [0.0, 1.0]
    with pytest.raises(ValueError, match="read-only"):
        array[0] = 5


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"dtype": ">f4"}, r"expected a dtype of \|b1, .*, got '>f4'"),
        ({"dtype": "O"}, "got 'O'"),
        ({"dtype": None}, "got None"),
        ({"dtype": ["<f4"]}, "expected a dtype of"),
        ({"shape": None}, "expected a shape of integers from 0"),
        ({"shape": 2}, "expected a shape of integers from 0"),
        ({"shape": [-1]}, "expected a shape of integers from 0"),
        ({"shape": [2.0]}, "expected a shape of integers from 0"),
        ({"shape": [True, 2]}, "expected a shape of integers from 0"),
        ({"data": "text"}, "expected binary data, got str"),
        ({"data": None}, "expected binary data, got NoneType"),
        ({"shape": [3]}, r"expected 12 bytes for <f4 of shape \[3\], got 8"),
        ({"shape": [2**62]}, "got 8$"),
        ({"shape": [1] * 63 + [2, 1, 1]}, "expected at most 64 dimensions, got 66"),
    ],
)
def test_wrong_maps_are_refused(changes, sentence):
    with pytest.raises(InvalidMessage, match=sentence):
        decode(**changes)


@pytest.mark.parametrize(
    ("value", "array", "scalar"),
    [
        (np.zeros(3), True, False),
        (np.float32(1), True, True),
        ([1], False, False),
        (b"a", False, False),
        (None, False, False),
    ],
)
def test_arrays_and_scalars_are_told_by_their_face(value, array, scalar):
    assert is_array(value) is array
    assert is_scalar(value) is scalar


def test_without_numpy_an_array_stays_the_map_that_came():
    script = (
        "import sys; sys.modules['numpy'] = None\n"
        "from wslink_jupyter.limits import Limits\n"
        "from wslink_jupyter.wire.codec import pack, unpack\n"
        "array = {'@type': 'ndarray', 'dtype': '<i2', 'shape': [1], 'data': b'ab'}\n"
        "assert unpack(bytes(pack({'u': array, 'n': [1]})), Limits()) == {'u': array, 'n': [1]}\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True)
