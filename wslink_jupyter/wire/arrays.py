"""Typed arrays on the wire.

An array travels as the map ``{"@type": "ndarray", "dtype", "shape", "data"}``
in C order and little-endian, which a stock client can read as it stands.
numpy is used when there is an array to encode, or numpy to decode one with;
it is never required.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from wslink_jupyter.wire.header import Buffer

TYPE_KEY = "@type"
NDARRAY = "ndarray"

#: As many as numpy has.
_MAX_DIMENSIONS = 64
#: Item size in bytes of every dtype that may travel.
ITEM_BYTES = {
    "|b1": 1,
    "|i1": 1,
    "|u1": 1,
    "<i2": 2,
    "<u2": 2,
    "<i4": 4,
    "<u4": 4,
    "<i8": 8,
    "<u8": 8,
    "<f2": 2,
    "<f4": 4,
    "<f8": 8,
    "<c8": 8,
    "<c16": 16,
}


def is_array(value: object) -> bool:
    """Return whether `value` has the face of an array: dtype, shape, buffer."""
    return hasattr(value, "dtype") and hasattr(value, "shape") and hasattr(value, "__array__")


def is_scalar(value: object) -> bool:
    """Return whether `value` is a numpy scalar such as ``np.float32(1)``.

    An array without dimensions is none: its item can be set.
    """
    return (
        hasattr(value, "dtype")
        and getattr(value, "shape", None) == ()
        and not hasattr(value, "__setitem__")
    )


#: Returns memory of a number of bytes, or None if it has none for so much.
Allocate = Callable[[int], memoryview | None]


def encode_array(value: Any, allocate: Allocate | None = None) -> dict[str, Any]:
    """Return the map of an array, as it is now.

    Parameters
    ----------
    value : array-like
        Anything ``numpy.asarray`` takes without copying more than once.
    allocate : callable, optional
        Returns the memory for a copy, which is made in any case then.

    Raises
    ------
    TypeError
        If the dtype cannot travel (object, string, datetime, ...).
    """
    import numpy as np

    array = np.asarray(value)
    dtype = array.dtype.newbyteorder("<")
    if dtype.str not in ITEM_BYTES:
        raise TypeError(f"array of dtype {array.dtype}")
    return {
        TYPE_KEY: NDARRAY,
        "dtype": dtype.str,
        "shape": list(array.shape),
        "data": _data_of(array, dtype, allocate),
    }


def _data_of(array: Any, dtype: Any, allocate: Allocate | None) -> Buffer:
    """Return the bytes of an array in C order; a copy, unless nobody can change them."""
    import numpy as np

    if not array.size:
        return b""
    memory = allocate(array.nbytes) if allocate else None
    if memory is None:
        flags = array.flags
        is_given = flags.c_contiguous and flags.owndata and not flags.writeable
        if is_given and array.dtype == dtype:
            return memoryview(array.reshape(-1).view("u1"))
        memory = memoryview(bytearray(array.nbytes))
    np.copyto(np.frombuffer(memory, dtype=dtype).reshape(array.shape), array)
    return memory


def decode_array(value: dict[str, Any], fail: Callable[[str], Exception]) -> Any:
    """Return the array of a map, or the map itself where there is no numpy.

    Parameters
    ----------
    value : dict
        With ``"@type": "ndarray"``.
    fail : callable
        Makes the exception to raise from a sentence.

    Returns
    -------
    numpy.ndarray
        Read-only, a view of the message.
    """
    dtype, shape, data = value.get("dtype"), value.get("shape"), value.get("data")
    if not isinstance(dtype, str) or dtype not in ITEM_BYTES:
        raise fail(f"array: expected a dtype of {', '.join(ITEM_BYTES)}, got {dtype!r:.40}")
    if not isinstance(shape, list) or not all(type(n) is int and n >= 0 for n in shape):
        raise fail("array: expected a shape of integers from 0")
    if not isinstance(data, bytes):
        raise fail(f"array: expected binary data, got {type(data).__name__}")
    if len(shape) > _MAX_DIMENSIONS:
        raise fail(f"array: expected at most {_MAX_DIMENSIONS} dimensions, got {len(shape)}")
    size = math.prod(shape) * ITEM_BYTES[dtype]
    if size != len(data):
        raise fail(f"array: expected {size} bytes for {dtype} of shape {shape}, got {len(data)}")
    try:
        import numpy as np
    except ImportError:
        return value
    try:
        return np.frombuffer(data, dtype=dtype).reshape(shape)
    except ValueError as error:
        raise fail(
            f"array: expected a shape numpy can hold, got {len(shape)} dimensions"
        ) from error
