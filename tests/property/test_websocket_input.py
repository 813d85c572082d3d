"""A browser's messages: whatever frames and pieces they come in, they are as they were."""

from __future__ import annotations

import contextlib
import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.pairs import socket_pair

from wslink_jupyter.errors import ConnectionClosed
from wslink_jupyter.limits import KIB
from wslink_jupyter.rpc.buffer_pool import BufferPool
from wslink_jupyter.transport.websocket_input import (
    BINARY,
    CLOSE,
    PING,
    PONG,
    TEXT,
    WebSocketInput,
)

MAX_BYTES = 1024 * KIB
#: Around the sizes of headers, and of what is read together.
SIZES = st.sampled_from(
    [0, 1, 3, 125, 126, 127, 65535, 65536, 64 * KIB - 15, 64 * KIB - 14, 200_001, 600_000]
)
CONTROLS = st.lists(st.tuples(st.sampled_from([PING, PONG, CLOSE]), st.integers(0, 125)))
#: A message: opcode, sizes of its frames, and the control frames after each.
MESSAGES = st.lists(
    st.tuples(
        st.sampled_from([TEXT, BINARY]),
        st.lists(st.tuples(SIZES, CONTROLS), min_size=1, max_size=3),
    ),
    min_size=1,
    max_size=4,
)


def masked(first: int, content: bytes, key: bytes = b"\x01\xfe\x7f\x80") -> bytes:
    """Return a client's frame, as RFC 6455, section 5.2, says."""
    size = len(content)
    if size < 126:
        head = struct.pack("!BB", first, 0x80 | size)
    elif size < 65536:
        head = struct.pack("!BBH", first, 0x80 | 126, size)
    else:
        head = struct.pack("!BBQ", first, 0x80 | 127, size)
    table = [bytes.maketrans(bytes(range(256)), bytes(i ^ k for i in range(256))) for k in key]
    body = bytearray(content)
    for place in range(4):
        body[place::4] = body[place::4].translate(table[place])
    return head + key + body


def frames_of(messages: list[tuple[int, list[tuple[int, list[tuple[int, int]]]]]]):
    """Return the bytes on the wire, and the messages that they say."""
    data, said, number = b"", [], 0
    for opcode, pieces in messages:
        whole = b""
        between = []
        for index, (size, controls) in enumerate(pieces):
            number += 1
            content = bytes([number % 251, 7, 200]) * (size // 3 + 1)
            whole += content[:size]
            is_last = index == len(pieces) - 1
            data += masked((opcode if index == 0 else 0) | (0x80 if is_last else 0), content[:size])
            if is_last:
                said += [*between, (opcode, whole)]
                between = said
            for control, length in controls:
                data += masked(0x80 | control, bytes(range(length)))
                between.append((control, bytes(range(length))))
    return data, said


@settings(max_examples=60)
@given(MESSAGES, st.lists(st.integers(1, 70_000), min_size=1, max_size=20), st.booleans())
def test_messages_are_found_however_they_are_torn(messages, steps, is_pooled):
    data, said = frames_of(messages)
    allocate = BufferPool().take if is_pooled else None
    writer, reader = socket_pair("unix")
    begun, rest = data[: steps[0]], data[steps[0] :]
    found = []
    with writer, reader:
        incoming = WebSocketInput(reader, 2 * MAX_BYTES, allocate, begun)

        def take() -> None:
            while (message := incoming.next_message()) is not None:
                found.append((message[0], bytes(message[1])))

        take()
        at, turn = 0, 0
        while at < len(rest):
            step = max(steps[turn % len(steps)], len(rest) // 300)
            turn += 1
            with contextlib.suppress(BlockingIOError):
                at += writer.send(rest[at : at + step])
            incoming.fill()
            take()
        for _ in range(1000):
            if len(found) == len(said):
                break
            incoming.fill()
            take()
        assert found == said
        writer.close()
        with pytest.raises(ConnectionClosed, match="connection lost"):
            incoming.fill()


@pytest.mark.parametrize(
    ("data", "code", "what"),
    [
        (masked(0xC2, b"x"), 1002, "without extensions, got 0xc2"),
        (masked(0x83, b"x"), 1002, "without extensions, got 0x83"),
        (b"\x82\x01x", 1002, "expected masked frames"),
        (masked(0x09, b"x"), 1002, "control frame"),
        (masked(0x89, bytes(126)), 1002, "control frame"),
        (masked(0x80, b"x"), 1002, "the next piece of a message after its first"),
        (masked(0x02, b"x") + masked(0x82, b"y"), 1002, "the next piece of a message"),
        (masked(0x82, bytes(1001))[:14], 1009, "at most 1000 bytes, got 1001"),
        (masked(0x02, bytes(600)) + masked(0x80, bytes(401))[:8], 1009, "got 1001"),
        (b"\x82\xff" + b"\xff" * 12, 1009, "at most 1000 bytes"),
    ],
)
def test_broken_frames_say_how_to_close(data, code, what):
    writer, reader = socket_pair("unix")
    with writer, reader:
        incoming = WebSocketInput(reader, 1000, None, masked(0x82, bytes(1000)) + data)
        assert incoming.next_message() == (BINARY, bytes(1000))
        with pytest.raises(ConnectionClosed, match=what) as caught:
            incoming.next_message()
        assert caught.value.code == code


def read_to_the_end(incoming: WebSocketInput) -> None:
    for _ in range(10):
        incoming.fill()


def test_what_is_forgotten_is_read_to_the_end():
    writer, reader = socket_pair("unix")
    with writer, reader:
        incoming = WebSocketInput(reader, MAX_BYTES)
        incoming.forget()
        for _ in range(5):
            writer.send(masked(0x82, bytes(40_000)))
            incoming.fill()
            assert incoming.next_message() is None
        writer.close()
        with pytest.raises(ConnectionClosed):
            read_to_the_end(incoming)
