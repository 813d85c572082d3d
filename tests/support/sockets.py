"""WebSockets with nothing of the package in them: frames by hand."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import os
import socket
import struct
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import msgpack
from support.jupyter import JupyterServer, split_address
from support.waiting import PATIENCE_S, soon
from tornado.httpclient import HTTPClientError, HTTPRequest
from tornado.websocket import WebSocketClientConnection, websocket_connect

SUBPROTOCOL = "v1.wslink-jupyter"
HELLO = {
    "wslink": "1.0",
    "id": "system:c0:0",
    "method": "wslink.hello",
    "args": [{"secret": "wslink-secret"}],
    "kwargs": {},
}


def call(number: int, method: str, *args: Any, client_id: str = "c0") -> dict[str, Any]:
    """Return the envelope of a call."""
    return {
        "wslink": "1.0",
        "id": f"rpc:{client_id}:{number}",
        "method": method,
        "args": list(args),
        "kwargs": {},
    }


#: The hello of a client that subscribes and acknowledges.
OWN_HELLO = {**HELLO, "args": [{"client": "by hand", "protocol": 1}]}


def system(number: int, method: str, *args: Any) -> dict[str, Any]:
    """Return the envelope of a system request, such as a subscription."""
    return {**call(number, f"wslink_jupyter.{method}", *args), "id": f"system:c0:{number}"}


def chunk(message_id: int, offset: int, total: int, content: bytes) -> bytes:
    """Return one wslink frame."""
    return struct.pack("<III", message_id, offset, total) + content


def frame(envelope: object, message_id: int = 1) -> bytes:
    """Return an envelope in one wslink frame."""
    message = msgpack.packb(envelope)
    return chunk(message_id, 0, len(message), message)


class RawSocket:
    """A WebSocket on which a test says whatever it likes.

    Attributes
    ----------
    frames : list of bytes
        Every binary message that came.
    texts : list of str
        Every text message that came.
    """

    def __init__(self, connection: WebSocketClientConnection) -> None:
        self._connection = connection
        self.frames: list[bytes] = []
        self.texts: list[str] = []
        #: Urgent messages come between the chunks of others.
        self._unfinished: dict[int, bytearray] = {}
        self._ended = False

    @property
    def subprotocol(self) -> str | None:
        return self._connection.selected_subprotocol

    async def send(self, message: bytes | str | dict[str, Any]) -> None:
        """Send a frame, a text, or an envelope in one frame."""
        if isinstance(message, dict):
            message = frame(message)
        await soon(self._connection.write_message(message, binary=isinstance(message, bytes)))

    async def read(self) -> bytes | str | None:
        """Wait for the next message; None is the end."""
        message = None if self._ended else await soon(self._connection.read_message())
        self._ended = message is None
        if isinstance(message, bytes):
            self.frames.append(message)
        elif message is not None:
            self.texts.append(message)
        return message

    async def receive(self) -> dict[str, Any]:
        """Wait for the next envelope, in however many frames."""
        message = await self.receive_message()
        assert message is not None, f"closed: {self.close_code} {self.close_reason}"
        envelope: dict[str, Any] = msgpack.unpackb(message, timestamp=3, strict_map_key=False)
        return envelope

    async def receive_message(self) -> bytes | None:
        """Wait for the next envelope as it is encoded; None is the end."""
        while (message := await self.read()) is not None:
            if isinstance(message, str):
                continue
            number, offset, total = struct.unpack_from("<III", message)
            content = self._unfinished.setdefault(number, bytearray())
            assert offset == len(content)
            content += message[12:]
            if len(content) == total:
                return bytes(self._unfinished.pop(number))
        return None

    async def hello(self) -> dict[str, Any]:
        """Say hello as a stock client; return the result."""
        await self.send(HELLO)
        reply = await self.receive()
        result: dict[str, Any] = reply["result"]
        return result

    async def ask(self, envelope: dict[str, Any]) -> dict[str, Any]:
        """Send a request; return its reply."""
        await self.send(envelope)
        while True:
            reply = await self.receive()
            if reply["id"] == envelope["id"]:
                return reply

    async def closed(self) -> tuple[int | None, str | None]:
        """Read until the end; return code and reason."""
        while await self.read() is not None:
            pass
        return self.close_code, self.close_reason

    @property
    def close_code(self) -> int | None:
        return self._connection.close_code

    @property
    def close_reason(self) -> str | None:
        return self._connection.close_reason

    def close(self) -> None:
        """Close with a close frame."""
        self._connection.close()

    def vanish(self) -> None:
        """Drop the connection without a word."""
        protocol = self._connection.protocol
        if protocol is not None and protocol.stream is not None:
            protocol.stream.close()


@asynccontextmanager
async def raw_socket(
    url: str,
    *,
    token: str | None = None,
    subprotocol: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> AsyncIterator[RawSocket]:
    """Open a WebSocket; raises ``HTTPClientError`` where the upgrade is refused."""
    authorization = {"Authorization": f"token {token}"} if token else {}
    request = HTTPRequest(url, headers={**authorization, **(headers or {})})
    connection = await websocket_connect(
        request,
        max_message_size=64 * 1024 * 1024,
        subprotocols=[subprotocol] if subprotocol else None,
    )
    if connection.protocol is not None:
        connection.protocol.set_nodelay(True)  # as browsers do
    opened = RawSocket(connection)
    try:
        yield opened
    finally:
        opened.close()
        await opened.closed()


async def upgrade_status(url: str, **options: object) -> int:
    """Return the status of an upgrade: 101 when it was accepted."""
    try:
        async with raw_socket(url, **options):  # type: ignore[arg-type]
            return 101
    except HTTPClientError as error:
        return error.code


async def greet_as_own(socket: RawSocket, *topics: str) -> str:
    """Say hello as a client of ours, and subscribe; return the client id."""
    hello = await socket.ask(OWN_HELLO)
    subscribed = await socket.ask(system(1, "subscribe", *topics))
    assert "error" not in subscribed, subscribed
    client_id: str = hello["result"]["clientID"]
    return client_id


def _frame_header(size: int, opcode: int) -> bytes:
    """Return the header of a frame, masked with zeros."""
    if size < 126:
        length = bytes([0x80 | size])
    else:
        length = b"\xfe" + size.to_bytes(2) if size < 65536 else b"\xff" + size.to_bytes(8)
    return bytes([0x80 | opcode]) + length + bytes(4)


class SleepingClient:
    """A WebSocket client on plain TCP that reads only when it is told to.

    Attributes
    ----------
    close_code, close_reason : int and str, or None
        As the server said, once it was read.
    """

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._unread = b""
        self._skip_bytes = 0
        self.close_code: int | None = None
        self.close_reason: str | None = None

    @classmethod
    async def open(
        cls, server: JupyterServer, url: str, buffer_bytes: int = 4096
    ) -> SleepingClient:
        """Connect with a small receive buffer, and upgrade."""
        host, port, path = split_address(url)
        sock = socket.socket()
        sock.setblocking(False)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer_bytes)
        # As on a network: loopback's segments of 64 KB do not fit a small buffer.
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, 1400)
        loop = asyncio.get_running_loop()
        await loop.sock_connect(sock, (host, port))
        lines = [
            f"GET {path} HTTP/1.1",
            f"Host: {host}:{port}",
            "Upgrade: websocket",
            "Connection: Upgrade",
            "Sec-WebSocket-Version: 13",
            f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}",
            f"Authorization: token {server.token}",
        ]
        await loop.sock_sendall(sock, "\r\n".join([*lines, "", ""]).encode())
        answer = b""
        async with asyncio.timeout(PATIENCE_S):
            while not answer.endswith(b"\r\n\r\n"):
                answer += await loop.sock_recv(sock, 1)
        assert answer.startswith(b"HTTP/1.1 101"), answer
        return cls(sock)

    @property
    def port(self) -> int:
        """Its own, by which the server knows it."""
        port: int = self._sock.getsockname()[1]
        return port

    async def send(self, content: bytes, opcode: int = 2) -> None:
        """Send one message, masked with zeros."""
        data = _frame_header(len(content), opcode) + content
        await asyncio.get_running_loop().sock_sendall(self._sock, data)

    async def trickle(self, content: bytes, seconds: float) -> None:
        """Send one binary message in ten pieces, with pauses between them."""
        data, loop = _frame_header(len(content), 2) + content, asyncio.get_running_loop()
        step = -(-len(data) // 10)
        for at in range(0, len(data), step):
            await asyncio.sleep(seconds / 10)
            await loop.sock_sendall(self._sock, data[at : at + step])

    async def read(self, max_bytes: int) -> int:
        """Read what has come, answering pings on the way; return its size."""
        return len(await self._receive(max_bytes))

    async def read_up_to(self, marker: bytes) -> int:
        """Read little by little until `marker` has come; return how much came before it."""
        count, newest = 0, b""
        while marker not in newest:
            received = await self._receive(4096)
            assert received, f"closed: {self.close_code} {self.close_reason}"
            count += len(received)
            newest = newest[-len(marker) :] + received
        return count - len(newest) + newest.index(marker)

    async def _receive(self, max_bytes: int) -> bytes:
        received: bytes = await soon(asyncio.get_running_loop().sock_recv(self._sock, max_bytes))
        skipped = min(self._skip_bytes, len(received))
        self._skip_bytes -= skipped
        self._unread += received[skipped:]
        while (header := _read_header(self._unread)) is not None:
            opcode, start, size = header
            if opcode == 8:
                if len(self._unread) < start + size:
                    break
                self.close_code = int.from_bytes(self._unread[start : start + 2])
                self.close_reason = self._unread[start + 2 : start + size].decode()
            if opcode == 9:
                await self.send(b"", opcode=10)
            self._skip_bytes = max(start + size - len(self._unread), 0)
            self._unread = self._unread[start + size :]
        return received

    async def read_to_the_end(self) -> int | None:
        """Read until the server has closed, or cut the connection; return the code it said."""
        with contextlib.suppress(ConnectionError):
            while self.close_code is None and await self.read(1_000_000):
                pass
        return self.close_code

    def close(self) -> None:
        self._sock.close()


def _read_header(data: bytes) -> tuple[int, int, int] | None:
    """Return opcode, start and size of an unmasked message, if its header is there."""
    if len(data) < 10:
        short = len(data) >= 2 and data[1] < 126
        return (data[0] & 15, 2, data[1]) if short else None
    if data[1] == 127:
        return data[0] & 15, 10, int.from_bytes(data[2:10], "big")
    if data[1] == 126:
        return data[0] & 15, 4, int.from_bytes(data[2:4], "big")
    return data[0] & 15, 2, data[1]
