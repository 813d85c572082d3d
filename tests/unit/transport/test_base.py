import pytest

from wslink_jupyter.transport.base import MAX_REASON_BYTES, cut_reason


@pytest.mark.parametrize(
    ("reason", "cut"),
    [
        ("", ""),
        ("x" * 123, "x" * 123),
        ("x" * 124, "x" * 120 + "..."),
        ("ü" * 61, "ü" * 61),
        ("ü" * 62, "ü" * 60 + "..."),
        ("x" + "🥁" * 40, "x" + "🥁" * 29 + "..."),
        ("\ud800", "?"),
    ],
)
def test_a_reason_is_cut_between_characters(reason, cut):
    assert cut_reason(reason) == cut
    assert len(cut.encode()) <= MAX_REASON_BYTES
