r"""Ids of envelopes, and the grammar of the names in them.

``kind:scope:number``, matched by stock clients with
``/^(rpc|publish|system):(\w+(?:\.\w+)*):(?:\d+)$/`` (npm wslink 2.5.0,
``session.js:25``): whatever does not match is lost without a word, so what we
*make* always matches. What we *receive* is echoed as it came; stock servers
never check it.
"""

from __future__ import annotations

import re

#: The id under which stock clients send their hello and accept its answer.
HELLO_ID = "system:c0:0"

_NAME = re.compile(r"[A-Za-z0-9_]+(?:\.[A-Za-z0-9_]+)*", re.ASCII)
SYSTEM_PREFIX = "system:"


def is_name(text: str, max_chars: int = 255) -> bool:
    """Return whether `text` may be a topic or client id: dotted ASCII words."""
    return len(text) <= max_chars and _NAME.fullmatch(text) is not None


def is_system(message_id: str) -> bool:
    """Return whether a request's id makes it a system request."""
    return message_id.startswith(SYSTEM_PREFIX)


def rpc_id(client_id: str, number: int) -> str:
    """Return the id of a client's call."""
    return f"rpc:{client_id}:{number}"


def publish_id(topic: str, number: int) -> str:
    """Return the id of a publication."""
    return f"publish:{topic}:{number}"


def system_id(number: int) -> str:
    """Return the id of a client's system request; number 0 is the hello."""
    return f"system:c0:{number}"


def parse_publish_id(message_id: str) -> tuple[str, int] | None:
    """Return topic and number of a publication's id, or None for other ids."""
    kind, _, rest = message_id.partition(":")
    topic, _, number = rest.rpartition(":")
    if kind != "publish" or not topic or not number.isdecimal():
        return None
    return topic, int(number)
