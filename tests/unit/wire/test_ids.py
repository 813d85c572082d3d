import re

import pytest

from wslink_jupyter.wire import ids

#: What npm wslink 2.5.0 takes (session.js:25); the rest is lost without a word.
STOCK = re.compile(r"^(rpc|publish|system):(\w+(?:\.\w+)*):(?:\d+)$", re.ASCII)


@pytest.mark.parametrize("name", ["a", "a.b", "A9_.b", "0", "_a._b", "x" * 255])
def test_a_name_makes_ids_that_stock_clients_take(name):
    assert ids.is_name(name)
    for made in (ids.rpc_id(name, 0), ids.publish_id(name, 12), ids.system_id(3)):
        assert STOCK.match(made)


@pytest.mark.parametrize(
    "name",
    ["", ".", "a.", ".a", "a..b", "a-b", "a/b", "a:b", "a b", "ä", "a\n", "٣", "x" * 256],
)
def test_other_names_are_refused(name):
    assert not ids.is_name(name)


@pytest.mark.parametrize(
    ("message_id", "expected"),
    [
        ("publish:a.b:0", ("a.b", 0)),
        ("publish:a:b:12", ("a:b", 12)),
        ("publish:a:", None),
        ("publish::1", None),
        ("publish:a:-1", None),
        ("publish:a:x", None),
        ("publish:a:²", None),
        ("publish", None),
        ("rpc:a:1", None),
        ("", None),
    ],
)
def test_publish_ids_are_read_leniently(message_id, expected):
    assert ids.parse_publish_id(message_id) == expected


@pytest.mark.parametrize(
    ("message_id", "expected"), [("system:c0:0", True), ("system:", True), ("rpc:system:0", False)]
)
def test_system_requests_are_told_by_their_id(message_id, expected):
    assert ids.is_system(message_id) is expected


def test_the_hello_is_system_request_0():
    assert ids.system_id(0) == ids.HELLO_ID
