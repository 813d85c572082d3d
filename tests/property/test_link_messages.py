"""Link messages over a real socket: whatever the sizes and the pieces, they arrive as they were."""

from __future__ import annotations

import asyncio
import contextlib
import socket

from hypothesis import given, settings
from hypothesis import strategies as st
from support.pairs import socket_pair

from wslink_jupyter.errors import ConnectionClosed, LinkError
from wslink_jupyter.limits import KIB
from wslink_jupyter.transport import link
from wslink_jupyter.transport.link import Kind
from wslink_jupyter.transport.message_input import MessageInput
from wslink_jupyter.transport.stream import LinkStream

MAX_BYTES = 1024 * KIB
#: Around what is read together, what is written at once, and what makes a writer wait.
SIZES = st.integers(0, 40) | st.sampled_from(
    [near + off for near in (16 * KIB, 64 * KIB) for off in (-6, -5, -4, -1, 0, 1)]
    + [300_000, 1_000_000]
)
MESSAGES = st.lists(SIZES, min_size=1, max_size=12)


def content(number: int, size: int) -> bytes:
    """Return bytes that no other message has."""
    return bytes([number + 1]) * size


def encoded(contents: list[bytes]) -> bytes:
    return b"".join(link.encode_header(Kind.DATA, len(each)) + each for each in contents)


@settings(max_examples=60)
@given(MESSAGES, st.lists(st.integers(1, 70_000), min_size=1, max_size=20))
def test_messages_are_found_however_they_are_torn(sizes, steps):
    contents = [content(number, size) for number, size in enumerate(sizes)]
    data, found = encoded(contents), []
    writer, reader = socket_pair("unix")
    with writer, reader:
        messages = MessageInput(reader)
        at, turn = 0, 0
        while at < len(data):
            step = max(steps[turn % len(steps)], len(data) // 500)
            turn += 1
            with contextlib.suppress(BlockingIOError):
                at += writer.send(data[at : at + step])
            messages.fill()
            while (message := messages.next_message(MAX_BYTES)) is not None:
                found.append(message)
        for _ in range(10_000):
            if len(found) == len(contents):
                break
            messages.fill()
            while (message := messages.next_message(MAX_BYTES)) is not None:
                found.append(message)
    assert [(kind, bytes(payload)) for kind, payload in found] == [
        (Kind.DATA, each) for each in contents
    ]


@settings(max_examples=60)
@given(MESSAGES, st.lists(st.booleans(), min_size=1, max_size=5), st.integers(0, 3))
def test_what_is_sent_arrives_in_order_however_it_is_written_and_read(sizes, turns, parts):
    contents = [content(number, size) for number, size in enumerate(sizes)]

    async def carry() -> list[bytes]:
        loop = asyncio.get_running_loop()
        one, other = (LinkStream(sock, loop) for sock in socket_pair("unix"))
        found: list[bytes] = []

        def take(kind: Kind, payload: bytes) -> None:
            found.append(bytes(payload))

        delivering = asyncio.create_task(other.deliver(take, MAX_BYTES))
        for number, each in enumerate(contents):
            cut = len(each) // (parts + 1)
            pieces = [each[at : at + max(cut, 1)] for at in range(0, len(each), max(cut, 1))]
            pending = one.send((link.encode_header(Kind.DATA, len(each)), *pieces))
            if pending is not None:
                await pending
            elif turns[number % len(turns)]:
                await asyncio.sleep(0)  # else it goes with others of the same turn
        await one.close()
        await asyncio.wait((delivering,))
        assert isinstance(delivering.exception(), ConnectionClosed)
        other.abort()
        return found

    assert asyncio.run(carry()) == contents


@given(st.binary(max_size=40))
def test_any_bytes_are_messages_nothing_or_an_error_of_the_link(data):
    writer, reader = socket.socketpair()
    reader.setblocking(False)
    with writer, reader:
        writer.sendall(data)
        messages = MessageInput(reader)
        if data:
            messages.fill()
        with contextlib.suppress(LinkError):
            while (message := messages.next_message(20)) is not None:
                assert len(message[1]) <= 20
