from collections import OrderedDict, defaultdict, namedtuple
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from enum import IntEnum

import msgpack
import numpy as np
import pytest
from support.frames import nested, packed
from support.naming import name_of

from wslink_jupyter.errors import InvalidMessage, NotSerializable
from wslink_jupyter.limits import Limits
from wslink_jupyter.wire.codec import unpack

LIMITS = Limits()
Point = namedtuple("Point", "x y")


class Colour(IntEnum):
    RED = 1


class Text(str):
    __slots__ = ()


class NoRepr:
    def __repr__(self):
        raise RuntimeError("no repr")


@pytest.mark.parametrize(
    ("value", "arrives"),
    [
        (Point(1, 2), [1, 2]),
        ((1, (2, [])), [1, [2, []]]),
        (OrderedDict(a=1), {"a": 1}),
        (defaultdict(list, a=[1]), {"a": [1]}),
        (Colour.RED, 1),
        (Text("a"), "a"),
        (True, True),
        (bytearray(b"ab"), b"ab"),
        (memoryview(b"abcd")[1:3], b"bc"),
        (np.float32(0.5), 0.5),
        (np.int64(-5), -5),
        (np.bool_(True), True),
        (np.str_("a"), "a"),
        ({1: "a", 2.5: "b"}, {1: "a", 2.5: "b"}),
        (-(2**63), -(2**63)),
        (2**64 - 1, 2**64 - 1),
    ],
    ids=name_of,
)
def test_what_users_return_arrives(value, arrives):
    decoded = unpack(packed({"result": [value]}), LIMITS)["result"][0]
    assert decoded == arrives
    assert type(decoded) is type(arrives)


@pytest.mark.parametrize(
    "moment",
    [
        datetime(1970, 1, 1, tzinfo=UTC),
        datetime(2024, 2, 29, 12, 30, 15, 123456, tzinfo=UTC),
        datetime(1900, 1, 1, tzinfo=timezone(timedelta(hours=2))),
        datetime(9999, 12, 31, tzinfo=UTC),
    ],
)
def test_moments_arrive_in_utc(moment):
    decoded = unpack(packed(moment), LIMITS)
    assert decoded == moment
    assert decoded.utcoffset() == timedelta(0)


CANNOT = [
    (object(), r"result\['a'\]\[1\]: <class 'object'>"),
    ({1, 2}, r"result\['a'\]\[1\]: <class 'set'>"),
    (Decimal(1), r"result\['a'\]\[1\]: <class 'decimal.Decimal'>"),
    (1j, r"result\['a'\]\[1\]: <class 'complex'>"),
    (range(3), r"result\['a'\]\[1\]: <class 'range'>"),
    (lambda: 1, r"result\['a'\]\[1\]: <class 'function'>"),
    (2**64, r"result\['a'\]\[1\]: expected an integer of at most 64 bits, got 65 bits"),
    (-(2**63) - 1, r"result\['a'\]\[1\]: expected an integer of at most 64 bits, got 65 bits"),
    ("\ud800", r"result\['a'\]\[1\]: expected text that UTF-8 can hold, got surrogates"),
    (datetime(2020, 1, 1), r"result\['a'\]\[1\]: expected a datetime with a time zone"),
    (np.array(["text"]), r"result\['a'\]\[1\]: array of dtype <U4"),
    (np.array([None]), r"result\['a'\]\[1\]: array of dtype object"),
    ({None: 1}, r"result\['a'\]\[1\]: expected keys of str or number, got None"),
    ({True: 1}, r"result\['a'\]\[1\]: expected keys of str or number, got True"),
    ({b"k": 1}, r"result\['a'\]\[1\]: expected keys of str or number, got b'k'"),
    ({"b": {(1, 2): 3}}, r"result\['a'\]\[1\]\['b'\]: expected keys .*, got \(1, 2\)"),
]


@pytest.mark.parametrize(("value", "sentence"), CANNOT, ids=name_of)
def test_what_cannot_be_encoded_is_told_with_its_path(value, sentence):
    with pytest.raises(NotSerializable, match=f"^{sentence}"):
        packed({"wslink": "1.0", "result": {"a": [0, value]}})


@pytest.mark.parametrize(
    ("value", "path"),
    [
        (memoryview(b"abcdef")[::2], r"result\[0\]: "),
        ({"\ud800": 1}, r"result\[0\]: "),
        ({2**70: 1}, r"result\[0\]: "),
        (Text("\ud800"), r"result\[0\]: "),
        ({(NoRepr(),): 1}, r"result\[0\]: "),
    ],
    ids=["strided_memoryview", "surrogate_key", "large_key", "surrogate_str_subclass", "no_repr"],
)
def test_rare_values_are_told_with_their_path_too(value, path):
    with pytest.raises(NotSerializable, match=f"^{path}"):
        packed({"result": [value]})


def test_a_scalar_array_stays_an_array():
    decoded = unpack(packed({"result": np.array(5, "<i2")}), LIMITS)["result"]
    assert decoded.dtype == np.dtype("<i2")
    assert decoded.shape == ()


def test_a_message_that_is_not_a_map_has_its_path_from_the_root():
    with pytest.raises(NotSerializable, match=r"^\$\[1\]: <class 'object'>"):
        packed([0, object()])


def test_cycles_are_told_with_a_short_path():
    cycle: list[object] = []
    cycle.append(cycle)
    with pytest.raises(NotSerializable, match=r"\.\.\.: expected at most 100 levels .*cycle") as e:
        packed({"result": cycle})
    assert len(str(e.value)) < 250


def test_encoding_is_at_once_and_whole():
    value = np.zeros(3, "<f8")
    message = packed({"u": value})
    value[:] = 1.0
    assert unpack(message, LIMITS)["u"].tolist() == [0.0, 0.0, 0.0]


@pytest.mark.parametrize("wrap", [lambda value: [value], lambda value: {"a": value}])
def test_nesting_is_bounded_when_decoding(wrap):
    def at(levels):
        value = 0
        for _ in range(levels):
            value = wrap(value)
        return msgpack.packb(value)

    limits = Limits(max_depth=8)
    unpack(at(8), limits)
    with pytest.raises(InvalidMessage, match="expected at most 8 levels of nesting"):
        unpack(at(9), limits)


@pytest.mark.parametrize("levels", [500, 1023, 1025, 100_000])
def test_nesting_beyond_what_msgpack_can_do_is_refused(levels):
    with pytest.raises(InvalidMessage):
        unpack(b"\x91" * levels + b"\xc0", LIMITS)


@pytest.mark.parametrize(
    "message",
    [
        pytest.param(b"\x90" * 8 * 2**20, id="8_MiB_of_empty_lists"),
        pytest.param(b"\xdd\x00\x80\x00\x00" + b"\x90" * 8 * 2**20, id="list_of_8_M_lists"),
        pytest.param(b"\x9a" + (b"\xdc\xff\xff" + b"\x90" * 65535) * 10 * 2, id="twenty_lists"),
        pytest.param(
            b"\xdc\x00\x10" + (b"\xdc\xff\xff" + b"\x90" * 65535) * 16, id="a_million_in_parts"
        ),
        pytest.param(b"\xdc\x75\x30" + (b"\x91\x80") * 30_000, id="maps_in_lists"),
        pytest.param(b"\xdd\xff\xff\xff\xff", id="claims_4_G_items"),
        pytest.param(b"\xdf\xff\xff\xff\xff", id="claims_4_G_entries"),
        pytest.param(b"\xc6\xff\xff\xff\xff", id="claims_4_GiB_of_bytes"),
        pytest.param(b"\xdb\xff\xff\xff\xff", id="claims_4_GiB_of_text"),
    ],
)
def test_what_would_cost_more_than_its_bytes_is_refused(message):
    with pytest.raises(InvalidMessage):
        unpack(message, Limits(max_elements=50_000))


def test_elements_are_counted_over_all_containers():
    # Each list of n costs n + 1: its items and itself.
    message = msgpack.packb([[1] * 10] * 10)
    assert unpack(message, Limits(max_elements=121))
    with pytest.raises(InvalidMessage, match="expected at most 120 values"):
        unpack(message, Limits(max_elements=120))


@pytest.mark.parametrize(
    ("message", "sentence"),
    [
        (b"", "expected msgpack, got"),
        (b"\xc1", "expected msgpack, got"),
        (b"\x92\x01", "expected msgpack, got"),
        (b"\x01\x02\x03", "message: 2 bytes after its end"),
        (b"\xd4\x05a", "expected no extension types but -1, got 5"),
        (b"\xc7\x05\xff" + bytes(5), "expected msgpack, got"),
        (b"\xa2\xff\xfe", "expected msgpack, got .*utf-8"),
        (b"\x81\x90\x01", "expected msgpack, got unhashable"),
        (b"\xc7\x0c\xff" + bytes(4) + b"\x7f" + b"\xff" * 7, "expected msgpack, got"),
        (b"\xc7\x0c\xff" + bytes(4) + b"\x80" + bytes(7), "expected msgpack, got"),
        (b"\xc7\x0c\xff" + b"\xff" * 4 + bytes(8), "expected msgpack, got .*nanoseconds"),
        (b"\xd7\xff" + b"\xff" * 8, "expected msgpack, got .*nanoseconds"),
    ],
)
def test_what_is_not_one_message_is_refused(message, sentence):
    with pytest.raises(InvalidMessage, match=sentence):
        unpack(message, LIMITS)


def test_a_nested_value_of_the_largest_depth_survives():
    value = nested(LIMITS.max_depth - 1)
    assert unpack(packed({"result": value}), LIMITS) == {"result": value}


def test_an_array_of_very_many_dimensions_is_refused_before_its_size_is_computed():
    # The product of a million 64-bit numbers holds up the link for hours.
    shape = [2**63] * 3_000
    message = msgpack.packb({"@type": "ndarray", "dtype": "<f4", "shape": shape, "data": b""})
    with pytest.raises(InvalidMessage, match="dimensions"):
        unpack(message, LIMITS)


def test_a_map_that_only_looks_like_an_array_is_not_one():
    value = {"@type": np.arange(3, dtype="|u1"), "dtype": "<f4"}
    decoded = unpack(packed({"result": value}), LIMITS)["result"]
    assert decoded["dtype"] == "<f4"
    assert decoded["@type"].tolist() == [0, 1, 2]
