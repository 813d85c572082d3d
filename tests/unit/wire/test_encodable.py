"""What a quick look finds, what only a closer one does, and how it is told."""

from datetime import UTC, datetime
from enum import Enum
from types import SimpleNamespace

import msgpack
import numpy as np
import pytest
from support.frames import nested
from support.naming import name_of

from wslink_jupyter.wire.encodable import Fault, check

FINE = [
    *(None, True, 0, 1.5, "text", b"bytes", bytearray(b"a"), memoryview(b"a")),
    *([], {}, (), [1, [2, (3,)]], {"a": {1: {2.5: None}}}),
    *(datetime(2020, 1, 1, tzinfo=UTC), np.zeros(3), np.float32(1), np.array(1), np.zeros(0)),
    *(
        -(2**63),
        2**64 - 1,
        float("nan"),
        nested(100),
        [nested(99), nested(98)],
        msgpack.Timestamp(1),
    ),
]
#: Wrong by type: a quick look finds them.
QUICK = [
    (object(), "<class 'object'>"),
    ({1, 2}, "<class 'set'>"),
    (SimpleNamespace(dtype=1), "<class 'types.SimpleNamespace'>"),
    (Enum("Colour", "RED").RED, "<enum 'Colour'>"),
    ({None: 1}, "expected keys of str or number, got None"),
    ({True: 1}, "expected keys of str or number, got True"),
    (nested(101), "expected at most 100 levels of nesting (a cycle?)"),
    (nested(99, np.zeros(1)), "expected at most 100 levels of nesting (a cycle?)"),
]
#: Wrong by value: found when encoding has failed.
CLOSE = [
    (2**64, "expected an integer of at most 64 bits, got 65 bits"),
    (-(2**63) - 1, "expected an integer of at most 64 bits, got 65 bits"),
    ("\ud800", "expected text that UTF-8 can hold, got surrogates not allowed"),
    ({2**70: 1}, "expected an integer of at most 64 bits, got 71 bits"),
    (datetime(2020, 1, 1), "expected a datetime with a time zone, got a naive one"),
    (np.array([object()]), "array of dtype object"),
    (memoryview(b"abcdef")[::2], "expected contiguous memory, got a memoryview with gaps"),
]


def fault_of(value, *, closely, name="value"):
    with pytest.raises(Fault) as raised:
        check(value, closely=closely)
    return raised.value.describe(name)


@pytest.mark.parametrize("closely", [False, True])
@pytest.mark.parametrize("value", FINE, ids=name_of)
def test_what_can_be_encoded_passes(value, closely):
    check(value, closely=closely)


@pytest.mark.parametrize("closely", [False, True])
@pytest.mark.parametrize(("value", "sentence"), QUICK, ids=name_of)
def test_wrong_types_are_found_by_a_quick_look(value, sentence, closely):
    assert fault_of(value, closely=closely).split(": ", 1)[1].startswith(sentence)


@pytest.mark.parametrize(("value", "sentence"), CLOSE, ids=name_of)
def test_wrong_values_are_found_by_a_closer_look_only(value, sentence):
    check(value, closely=False)
    assert fault_of([0, value], closely=True).startswith(f"value[1]: {sentence}")


@pytest.mark.parametrize("steps", [(), ("a",), (0,), ("a", 2, "b"), (1, 1, 1)])
def test_the_path_is_told_under_the_name_of_the_value(steps):
    value = object()
    for step in reversed(steps):
        value = {step: value} if isinstance(step, str) else [None] * step + [value]
    path = "".join(f"[{step!r}]" for step in steps)
    assert fault_of(value, closely=False) == f"value{path}: <class 'object'>"


def test_the_first_key_of_an_envelope_is_its_name():
    value = {"wslink": "1.0", "result": {"a": [object()]}}
    assert fault_of(value, closely=False, name=None) == "result['a'][0]: <class 'object'>"
    assert fault_of([object()], closely=False, name=None) == "$[0]: <class 'object'>"


def test_a_long_path_is_cut():
    value = object()
    for _ in range(40):
        value = {"a long key": value}
    assert len(fault_of(value, closely=False)) < 200


def test_a_wrong_value_among_many_right_ones_is_found_at_its_place():
    assert fault_of([0] * 1000 + [object()], closely=False) == "value[1000]: <class 'object'>"
