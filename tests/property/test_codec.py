import math
from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from support.frames import packed
from support.vectors import identity

from wslink_jupyter.errors import NotSerializable
from wslink_jupyter.limits import Limits
from wslink_jupyter.wire.arrays import ITEM_BYTES
from wslink_jupyter.wire.codec import unpack

LIMITS = Limits()
KEYS = st.text(max_size=5) | st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False)
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats()
    | st.text(max_size=20)
    | st.binary(max_size=20)
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(KEYS, inner, max_size=5),
    max_leaves=20,
).filter(lambda value: not isinstance(value, dict) or value.get("@type") != "ndarray")
MOMENTS = st.datetimes(timezones=st.just(UTC))
DTYPES = st.sampled_from([np.dtype(name) for name in ITEM_BYTES]).flatmap(
    lambda dtype: st.sampled_from([dtype, dtype.newbyteorder(">")])
)
ARRAYS = DTYPES.flatmap(
    lambda dtype: hnp.arrays(
        dtype, hnp.array_shapes(min_dims=1, max_dims=4, min_side=0, max_side=5)
    )
)


@given(VALUES)
def test_values_survive(value):
    assert identity(unpack(packed({"result": value}), LIMITS)["result"]) == identity(value)


@given(st.lists(MOMENTS, max_size=3))
def test_moments_survive(moments):
    decoded: list[datetime] = unpack(packed(moments), LIMITS)
    assert decoded == moments


@given(ARRAYS, st.data())
def test_arrays_survive_whatever_their_memory_looks_like(array, data):
    axes = data.draw(st.permutations(range(array.ndim)))
    steps = data.draw(st.tuples(*[st.sampled_from([1, 2, -1]) for _ in axes]))
    view = array.transpose(axes)[tuple(slice(None, None, step) for step in steps)]
    decoded = unpack(packed({"result": [view]}), LIMITS)["result"][0]
    assert decoded.dtype == view.dtype.newbyteorder("<")
    assert decoded.shape == view.shape
    # Bytes, not values: NaN payloads and -0.0 count.
    assert decoded.tobytes() == view.astype(decoded.dtype).tobytes()


class Foreign:
    """What users have and we cannot encode."""


@given(
    VALUES,
    st.lists(st.sampled_from(["a", "b", 0, 1, 2]), max_size=6),
    st.sampled_from(
        [Foreign(), {1}, 1j, 2**64, -(2**63) - 1, "\udc80", datetime(2000, 1, 1), {None: 1}, object]
    ),
)
def test_one_wrong_value_is_told_with_its_path(good, steps, wrong):
    value = wrong
    for step in reversed(steps):
        value = {step: value} if isinstance(step, str) else [good] * step + [value]
    path = "".join(f"[{step!r}]" for step in steps)
    with pytest.raises(NotSerializable) as raised:
        packed({"wslink": "1.0", "result": value})
    assert str(raised.value).startswith(f"result{path}: ")


@given(
    st.recursive(
        LEAVES | st.sampled_from([Foreign(), {1}, 2**70, "\udc80", math, datetime(2000, 1, 1)]),
        lambda inner: (
            st.lists(inner, max_size=4)
            | st.tuples(inner, inner)
            | st.dictionaries(KEYS | st.none() | st.binary(max_size=2), inner, max_size=4)
        ),
        max_leaves=15,
    )
)
def test_packing_anything_gives_bytes_or_not_serializable(value):
    try:
        message = packed({"result": value})
    except NotSerializable:
        return
    assert isinstance(message, bytes)
