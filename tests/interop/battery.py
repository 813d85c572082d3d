"""What stock servers were seen to be sent, and what nobody should send: frames by hand.

Where a name says less than the frames, the frames are what counts.
"""

from __future__ import annotations

from typing import Any

import msgpack
from interop.apps import ERRORS, VALUES
from interop.conversation import Case
from support.sockets import HELLO, call, chunk, frame


def _hello(*args: Any, **changes: Any) -> dict[str, Any]:
    return {**HELLO, "args": list(args), **changes}


def _without(*keys: str) -> dict[str, Any]:
    return {key: value for key, value in _ECHO.items() if key not in keys}


def _with(**changes: Any) -> dict[str, Any]:
    return {**_ECHO, **changes}


def _spelled(value: bytes) -> bytes:
    """Return the frame of a call whose argument is already encoded."""
    message = msgpack.packb(call(1, "values.describe", 7)).replace(b"\x91\x07", b"\x91" + value)
    return chunk(7, 0, len(message), message)


def _cut(envelope: object, size: int, message_id: int = 7) -> list[bytes]:
    message = msgpack.packb(envelope)
    return [
        chunk(message_id, at, len(message), message[at : at + size])
        for at in range(0, len(message), size)
    ]


def _interleaved(first: list[bytes], second: list[bytes]) -> list[bytes]:
    return [each for pair in zip(first, second, strict=True) for each in pair]


_RIGHT = {"secret": "wslink-secret"}
_ECHO = call(1, "values.echo", 1)
_PACKED = msgpack.packb(_ECHO)
_SIZE = len(_PACKED)
_CHUNKS = _cut(_ECHO, 10)
_LARGE = call(1, "values.zeros", 30_000_000)
_ECHO_2 = call(2, "values.echo", 2)
_OTHER = _cut(call(2, "values.echo", 2), 10, message_id=8)

HELLOS = (
    Case("hello", [HELLO], greeted=False),
    Case("hello with more keys", [_hello({**_RIGHT, "more": [1]}, "more")], greeted=False),
    Case("hello under another system id", [_hello(_RIGHT, id="system:x:7")], greeted=False),
    Case("hello under a call's id", [_hello(_RIGHT, id="rpc:c0:0")], greeted=False),
    Case("hello with a wrong secret", [_hello({"secret": "wrong"})], greeted=False),
    Case("hello with a secret that is a number", [_hello({"secret": 7})], greeted=False),
    Case("hello without secret", [_hello({})], greeted=False),
    Case("hello without arguments", [_hello()], greeted=False),
    Case("hello with null", [_hello(None)], greeted=False),
    Case("hello with a map for a list", [{**HELLO, "args": _RIGHT}], greeted=False),
    Case("hello with a secret of 600 characters", [_hello({"secret": "x" * 600})], greeted=False),
    Case("a wrong hello, then a right one", [_hello({"secret": "wrong"}), HELLO], greeted=False),
    Case("a right hello, then a wrong one", [_hello({"secret": "wrong"})]),
    Case("hello twice", [HELLO]),
    Case("hello in chunks", _cut(HELLO, 10), greeted=False),
    Case("nothing before a call", [], greeted=False),
    Case("a system request before the hello", [_with(id="system:c0:1")], greeted=False),
    Case("a system request", [_with(id="system:c0:1")]),
    Case("600 bytes before the hello", [call(1, "values.same", "x" * 600)], greeted=False),
    Case("5000 bytes before the hello", [call(1, "values.same", "x" * 5000)], greeted=False),
)
ENVELOPES = (
    *(Case(f"{key} is missing", [_without(key)]) for key in _ECHO),
    *(Case(f"{key} is null", [_with(**{key: None})]) for key in _ECHO),
    *(Case(f"{key} is a number", [_with(**{key: 7})]) for key in _ECHO),
    *(Case(f"{key} is a list", [_with(**{key: [7]})]) for key in _ECHO),
    *(Case(f"{key} is a map", [_with(**{key: {"a": 7}})]) for key in _ECHO),
    *(Case(f"{key} is text", [_with(**{key: "2.0"})]) for key in _ECHO),
    Case("id is empty", [_with(id="")]),
    Case("id is one of a publication", [_with(id="publish:a.b:0")]),
    Case("id has two parts", [_with(id="rpc:1")]),
    Case("id is not ASCII", [_with(id="rpc:größe:1")]),
    Case("id of 300 characters", [_with(id="rpc:" + "c" * 300)]),
    Case("an id that is in flight", [call(1, "values.slow", 0.05), _ECHO], replies=2),
    Case("method is empty", [_with(method="")]),
    Case("method is not ASCII", [_with(method="größe")]),
    Case("method of 300 characters", [_with(method="m" * 300)]),
    Case("method is private", [_with(method="values._same")]),
    Case("keys that are numbers", [{**_ECHO, 1: 2}]),
    Case("more keys", [_with(more=[1])]),
    Case("keywords that are numbers", [_with(kwargs={1: 2})]),
    Case("a keyword that is unknown", [call(1, "values.same") | {"kwargs": {"other": 1}}]),
    Case("too few arguments", [call(1, "values.same")]),
    Case("too many arguments", [call(1, "values.same", 1, 2)]),
    Case("a list for a map", [frame([1])]),
    Case("text for a map", [frame("text")]),
    Case("null for a map", [frame(None)]),
    Case("a number for a map", [frame(7)]),
    Case("an empty map", [frame({})]),
    *(
        Case(f"{levels} levels", [_spelled(b"\x91" * levels + b"\0")])
        for levels in (60, 100, 500, 600, 2000)
    ),
    Case("almost a million numbers", [call(1, "values.describe", [0] * 999_000)], replies=1),
    Case("more than a million numbers", [call(1, "values.describe", [0] * 1_000_001)], replies=1),
)
FRAMES = (
    Case("no bytes", [b""]),
    Case("5 bytes", [b"\0" * 5]),
    Case("a header alone", [chunk(7, 0, _SIZE, b"")]),
    Case("a header alone that says 0", [chunk(7, 0, 0, b"")]),
    Case("content where 0 was said", [chunk(7, 0, 0, _PACKED)]),
    Case("no msgpack", [chunk(7, 0, 1, b"\xc1")]),
    Case("msgpack cut short", [chunk(7, 0, _SIZE - 1, _PACKED[:-1])]),
    Case("a byte behind the map", [chunk(7, 0, _SIZE + 1, _PACKED + b"\0")]),
    Case("text that is no UTF-8", [_spelled(b"\xa3\xed\xa0\x80")]),
    Case("text that is no UTF-8, as bytes", [_spelled(b"\xc4\x03\xed\xa0\x80")]),
    Case("the largest frame", [call(1, "values.same", bytes(4 * 2**20 - 80))], replies=1),
    Case("an offset behind the end", [chunk(7, _SIZE, _SIZE, _PACKED)]),
    Case("content beyond the end", [chunk(7, 0, _SIZE - 1, _PACKED)]),
    Case("the same chunk again and again", [_CHUNKS[0]] * 10),
    Case("chunks that overlap", [chunk(7, 0, _SIZE, _PACKED[:20]), chunk(7, 10, _SIZE, b"x" * 20)]),
    Case("a total that changes", [chunk(7, 0, 60, b"x" * 20), chunk(7, 20, 61, b"x" * 20)]),
    Case("chunks", _CHUNKS),
    Case("chunks of one byte", _cut(_ECHO, 1)),
    Case("chunks in reverse", _CHUNKS[::-1]),
    Case("chunks of two messages by turns", _interleaved(_CHUNKS, _OTHER)),
    Case("a message between chunks", [*_CHUNKS[:-1], call(2, "values.echo", 2), _CHUNKS[-1]]),
    Case("a message id that comes again", [*_CHUNKS, *_cut(_ECHO_2, 10)]),
    Case("an unfinished message", _CHUNKS[:-1]),
    Case("text", ["text"]),
    Case("a call of wslink 1.x", ['{"wslink": "1.0", "id": "rpc:c0:1", "method": "values.echo"}']),
    Case(
        "a hello of wslink 1.x",
        ['{"wslink": "1.0", "id": "system:c0:0", "method": "wslink.hello", "args": []}'],
        greeted=False,
    ),
)
CALLS = (
    *(Case(f"result: {name}", [call(1, "values.make", name)], replies=1) for name in VALUES),
    *(Case(f"raises: {name}", [call(1, "values.fail", name)]) for name in ERRORS),
    *(
        Case(f"argument: {name}", [call(1, "values.describe", value)])
        for name, value in {
            "null": None,
            "true": True,
            "1": 1,
            "1.0": 1.0,
            "2**64 - 1": 2**64 - 1,
            "text": "Größe",
            "bytes": b"\xff",
            "a list": [1],
            "a map": {"a": 1},
            "a timestamp": msgpack.Timestamp(1700000000, 5),
            "an extension type": msgpack.ExtType(5, b"five"),
        }.items()
    ),
    Case("argument: keywords", [call(1, "values.echo", 1) | {"kwargs": {"größe": [b"\0"]}}]),
    Case("argument: 3 MB of text", [call(1, "values.same", "ß" * 1_500_000)], replies=1),
    Case("an async method", [call(1, "values.later", 7)], replies=1),
    Case("a method that returns an awaitable", [call(1, "values.awaitable", 7)], replies=1),
    Case("an async method that raises", [call(1, "values.fail_later")], replies=1),
    Case("an async method that cancels itself", [call(1, "values.cancelled")]),
    Case("an async generator", [call(1, "values.several")]),
    Case("a class method", [call(1, "values.of_class")]),
    Case("a static method", [call(1, "values.of_nobody")]),
    Case("a method with two names, by the inner", [call(1, "values.inner")]),
    Case("a method with two names, by the outer", [call(1, "values.outer")]),
    Case("a slow call, then a quick one", [call(1, "values.slow", 0.05), _ECHO_2], replies=2),
    Case("a large result, then a small one", [_LARGE, _ECHO_2], replies=2),
    Case("the request of the connection", [call(1, "news.request")]),
    Case("a method of the server protocol", [call(1, "application.hello")]),
    Case("a shared object", [call(1, "news.shared", "answer")]),
    Case("a shared object that is missing", [call(1, "news.shared", "question")]),
)
CASES = (*HELLOS, *ENVELOPES, *FRAMES, *CALLS)
