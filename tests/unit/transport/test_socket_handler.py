import json

import pytest

from wslink_jupyter.transport.socket_handler import answer_text


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ('{"type": "ping", "id": 7}', {"type": "pong", "id": 7}),
        ('{"type": "ping", "id": 7, "more": []}', {"type": "pong", "id": 7}),
        ('{"type": "ping"}', {"type": "pong", "id": 0}),
        ('{"type": "ping", "id": "x"}', {"type": "pong", "id": 0}),
        ('{"type": "ping", "id": 1e999}', {"type": "pong", "id": 0}),
        ('{"type": "pong", "id": 7}', None),
        ('{"id": 7}', None),
        ("[]", None),
        ('"ping"', None),
        ("", None),
        ("{", None),
        ("[" * 100_000, None),
    ],
)
def test_only_pings_are_answered(text, answer):
    answered = answer_text(text)
    assert answered == answer if answer is None else json.loads(answered) == answer
