from datetime import UTC, datetime

import numpy as np
import pytest

from wslink_jupyter.rpc.value_text import value_text


class Pretender:
    """It looks like an array and is none."""

    dtype = shape = None

    def __array__(self):
        raise ValueError


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "None"),
        (1.5, "1.5"),
        ("a'b", '"a\'b"'),
        ("x" * 100, f"'{'x' * 60}'…"),
        (bytes(10), "10 bytes"),
        (memoryview(np.zeros(3)), "24 bytes"),
        (datetime(2026, 1, 2, tzinfo=UTC), "2026-01-02T00:00:00+00:00"),
        ({"a": [1, 2], "b": ()}, "{'a': [1, 2], 'b': []}"),
        (list(range(100)), "[0, 1, 2, 3, 4, 5, … 100 in all]"),
        ([[[[1, 2]]]], "[[[[… 2]]]]"),
        (np.float32(0.5), "0.5"),
        (np.arange(4, dtype="i4"), "int32 [4] 0 to 3: 0, 1, 2, 3"),
        (np.zeros((0, 3)), "float64 [0, 3]"),
        (np.zeros((3, 10_000), "u1"), "uint8 [3, 10000]: 0, 0, 0, 0, 0, 0, … 30000 in all"),
        (np.array([True, False]), "bool [2]: True, False"),
        (Pretender(), "Pretender"),
        (object(), "object"),
    ],
)
def test_a_value_in_a_few_words(value, text):
    assert value_text(value) == text


def test_any_value_is_bounded():
    value = {f"key{i}": ["x" * 1000] * 1000 for i in range(1000)}
    assert len(value_text(value)) == 240
    endless = []
    endless.append(endless)
    assert len(value_text(endless)) <= 240
