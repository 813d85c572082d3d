"""What a broken or hostile client sends ends its own socket, and nothing else."""

from __future__ import annotations

import contextlib
import random
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import msgpack
import psutil
import pytest
from support.jupyter import JupyterServer
from support.kernel import Kernel
from support.memory import memory_bytes
from support.sockets import HELLO, RawSocket, call, chunk, frame, raw_socket
from support.waiting import asynchronous
from tornado.websocket import WebSocketClosedError

from wslink_jupyter.client import connect

MIB = 1024 * 1024


@asynccontextmanager
async def _beside_another(kernel: Kernel) -> AsyncIterator[RawSocket]:
    """Give a socket to misuse; another session must not notice."""
    server = kernel.server
    async with connect(kernel.socket_url, token=server.token) as other:
        await other.call("jupyter.views.list")
        async with raw_socket(kernel.socket_url, token=server.token) as socket:
            await socket.hello()
            yield socket
            assert isinstance(await other.call("jupyter.views.list"), list)


def _packed_in_frame(packed: bytes) -> bytes:
    return chunk(9, 0, len(packed), packed)


@pytest.mark.parametrize(
    ("frames", "code", "reason"),
    [
        ([b""], 4000, "expected at least 12 bytes, got 0"),
        ([b"short"], 4000, "expected at least 12 bytes, got 5"),
        ([struct.pack("<III", 1, 0, 10)], 4000, ""),
        ([chunk(1, 0, 0, b"")], 4000, ""),
        ([chunk(1, 0, 2**32 - 1, b"x")], 4009, "4294967295"),
        ([chunk(1, 0, 65 * MIB, b"x")], 4009, "expected at most 67108864 bytes"),
        ([chunk(1, 0, 100, b"x" * 50), chunk(1, 40, 100, b"x" * 60)], 4000, ""),
        ([chunk(1, 0, 100, b"x" * 50), chunk(1, 0, 100, b"x" * 50)], 4000, ""),
        ([chunk(1, 0, 100, b"x" * 50), chunk(1, 50, 99, b"x" * 49)], 4000, ""),
        ([chunk(1, 90, 100, b"x" * 11)], 4000, ""),
        ([chunk(1, 2**32 - 1, 100, b"x")], 4000, ""),
        ([chunk(n, 0, 100, b"x") for n in range(17)], 4000, "expected at most 16"),
        ([chunk(1, n, 100_000, b"x") for n in range(200)], 4000, ""),
        ([_packed_in_frame(b"\xc1")], 4000, "expected msgpack"),
        ([_packed_in_frame(b"\x91" * 2000 + b"\x90")], 4000, ""),
        ([_packed_in_frame(b"\xdd\xff\xff\xff\xff")], 4000, ""),
        ([_packed_in_frame(msgpack.packb(None))], 4000, "expected a map, got nothing"),
        ([_packed_in_frame(msgpack.packb([1]))], 4000, "expected a map, got list"),
        ([_packed_in_frame(msgpack.packb({"method": "a"}))], 4000, "expected text"),
        ([_packed_in_frame(msgpack.packb({"id": 7, "method": "a"}))], 4000, "got int"),
        ([_packed_in_frame(msgpack.packb({"id": "a" * 256, "method": "a"}))], 4000, "256"),
    ],
    ids=str,
)
@asynchronous
async def test_broken_frames_close_their_socket_with_the_reason(
    kernel: Kernel, frames: list[bytes], code: int, reason: str
) -> None:
    async with _beside_another(kernel) as socket:
        with contextlib.suppress(WebSocketClosedError):  # the first may be the end of it
            for each in frames:
                await socket.send(each)
        closed = await socket.closed()
        assert closed[0] == code
        assert closed[1]
        assert reason in closed[1]


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        (msgpack.packb({"id": "a"}) + b"\x00", "1 bytes after its end"),
        (msgpack.packb({"id": "a", "x": msgpack.ExtType(5, b"")}), "expected no extension types"),
        (msgpack.packb({"id": "a", "x": 1})[:-1], "expected msgpack"),
    ],
    ids=str,
)
@asynchronous
async def test_messages_of_which_only_the_id_can_be_read_are_answered(
    kernel: Kernel, message: bytes, reason: str
) -> None:
    async with _beside_another(kernel) as socket:
        await socket.send(_packed_in_frame(message))
        reply = await socket.receive()
        assert reply["id"] == "a"
        assert reply["error"]["code"] == -32700
        assert reason in reply["error"]["message"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"method": None}, "expected text, got nothing - at $.method"),
        ({"method": 5}, "expected text, got int - at $.method"),
        ({"method": "a" * 256}, "expected at most 255 characters"),
        ({"args": 5}, "expected a list, got int - at $.args"),
        ({"args": {"a": 1}}, "expected a list, got dict - at $.args"),
        ({"kwargs": [1]}, "expected a map, got list - at $.kwargs"),
        ({"kwargs": {1: 2}}, "expected keys of text"),
    ],
    ids=str,
)
@asynchronous
async def test_wrong_envelopes_with_an_id_are_answered(
    kernel: Kernel, change: dict[str, Any], message: str
) -> None:
    async with _beside_another(kernel) as socket:
        reply = await socket.ask({**call(1, "jupyter.views.list"), **change})
        assert reply["error"]["code"] == -32600
        assert message in reply["error"]["message"]
        assert (await socket.ask(call(2, "jupyter.views.list")))["result"] is not None


@pytest.mark.parametrize(
    ("envelope", "code"),
    [
        (call(1, "application.exit"), -32601),
        (call(2, "application.exit.later", 1), -32601),
        (call(3, "wslink.hello", {"secret": "wslink-secret"}), -32601),
        ({**call(4, "x"), "id": "system:c0:1"}, -32601),
        ({**call(5, "wslink_jupyter.cancel"), "id": "system:c0:2"}, -32601),  # ours only
        ({**call(6, "jupyter.views.list"), "id": "nonsense"}, None),
        ({**call(7, "jupyter.views.list"), "wslink": 9, "more": [1]}, None),
        ({**call(8, "jupyter.views.get", "a", "b")}, -32602),
    ],
    ids=str,
)
@asynchronous
async def test_unusual_requests_are_answered(
    kernel: Kernel, envelope: dict[str, Any], code: int | None
) -> None:
    async with _beside_another(kernel) as socket:
        reply = await socket.ask(envelope)
        assert reply.get("error", {}).get("code") == code
        # Never both: the Python client of trame takes any `error` for one.
        assert ("error" in reply) != ("result" in reply)


@asynchronous
async def test_nothing_is_answered_before_the_hello(kernel: Kernel, server: JupyterServer) -> None:
    async with raw_socket(kernel.socket_url, token=server.token) as socket:
        assert (await socket.ask(call(0, "jupyter.views.list")))["error"]["code"] == -32000
        probe = {**call(0, "no.such"), "id": "system:c0:1"}
        assert (await socket.ask(probe))["error"]["code"] == -32601
        assert await socket.hello()
        assert "result" in await socket.ask(call(1, "jupyter.views.list"))
    async with raw_socket(kernel.socket_url, token=server.token) as socket:
        await socket.send(frame({**HELLO, "args": [{"secret": "x" * 5000}]}))
        assert (await socket.closed())[0] == 4009


@asynchronous
async def test_frame_above_the_websocket_limit(kernel: Kernel) -> None:
    async with _beside_another(kernel) as socket:
        # Tornado does not read what it refuses, so the code may be lost on the way.
        with contextlib.suppress(WebSocketClosedError):
            await socket.send(chunk(1, 0, 6 * MIB, bytes(5 * MIB)))
        assert (await socket.closed())[0] in (1009, None)


@asynchronous
async def test_claimed_sizes_cost_no_memory(kernel: Kernel, server: JupyterServer) -> None:
    async with kernel.console() as console:
        processes = [psutil.Process(server.pid), psutil.Process(await console.value("os.getpid()"))]
    before = memory_bytes(processes)
    for _ in range(20):
        async with raw_socket(kernel.socket_url, token=server.token) as socket:
            await socket.hello()
            for number in range(15):
                await socket.send(chunk(number, 0, 64 * MIB, b"x"))
            await socket.send(frame(call(0, "jupyter.views.list"), message_id=15))
            assert "result" in await socket.receive()
    after = memory_bytes(processes)
    assert after - before < 32 * MIB


@asynchronous
async def test_random_frames_never_hurt_the_others(kernel: Kernel, server: JupyterServer) -> None:
    dice = random.Random(7)
    async with connect(kernel.socket_url, token=server.token) as other:
        for _ in range(60):
            async with raw_socket(kernel.socket_url, token=server.token) as socket:
                await socket.hello()
                size = dice.randrange(0, 400)
                content = dice.randbytes(size)
                if dice.random() < 0.7:
                    content = _packed_in_frame(content or b"\xc0")
                await socket.send(content)
                code, _ = await socket.closed() if dice.random() < 0.5 else (4000, None)
                assert code in (4000, 4009)
        assert isinstance(await other.call("jupyter.views.list"), list)
        assert len(await kernel.sessions()) >= 1
