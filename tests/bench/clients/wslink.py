"""A wslink client that decodes what it needs and nothing more.

Large messages are reassembled by counting their bytes: joining them would
measure this program. Ids are read from a message's first bytes.
"""

from __future__ import annotations

import contextlib
import struct
from dataclasses import dataclass
from typing import Any

import aiohttp
import msgpack

from bench.clients.base import CallFailed, Client
from wslink_jupyter.client.receipts import Receipts

_HEADER = struct.Struct("<III")
#: ``{"wslink": "1.0", "id":`` in msgpack, as every wslink server writes it.
_ID_OFFSET = 15
_FIXSTR, _STR8 = 0xA0, 0xD9
#: The key ``ack``, true: our endpoint wants to hear that a publication arrived.
_ACK = b"\xa3ack\xc3"
_HELLO_ID = "system:c0:0"
_SECRET = "wslink-secret"


@dataclass(frozen=True)
class Dialect:
    """How a client of one system behaves, where clients differ.

    Attributes
    ----------
    frame_bytes : int
        Largest frame that it sends; 0 is what the server's hello says, as
        stock wslink clients do.
    protocol : int
        Of our extensions, for the hello; 0 is a stock client.
    topics : tuple of str
        Asked for after the hello, with `protocol`.
    """

    frame_bytes: int = 0
    protocol: int = 0
    topics: tuple[str, ...] = ()


class WslinkClient(Client):
    """One session with a wslink server, or with the limit that looks like one."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse, dialect: Dialect) -> None:
        super().__init__(socket)
        self._socket = socket
        self._dialect = dialect
        self._frame_bytes = 512
        self._prefix = ""
        self._messages = 0
        self._system_requests = 0
        self._receipts = Receipts(self._send_receipt)
        #: Bytes received and first frame of messages of which chunks are missing.
        self._pending: dict[int, tuple[int, bytes]] = {}
        self._start_reading()

    @classmethod
    async def connect(
        cls,
        session: aiohttp.ClientSession,
        url: str,
        dialect: Dialect,
        headers: dict[str, str] | None = None,
    ) -> WslinkClient:
        """Connect and say hello.

        Compression is offered, as browsers do; what comes of it is the server's choice.
        """
        socket = await session.ws_connect(url, headers=headers, max_msg_size=0, compress=15)
        client = cls(socket, dialect)
        try:
            await client._greet()
        except BaseException:
            await client.close()
            raise
        return client

    async def _greet(self) -> None:
        details: dict[str, Any] = {"secret": _SECRET}
        if self._dialect.protocol:
            details |= {"client": "bench", "version": "0", "protocol": self._dialect.protocol}
            details["receipts"] = True
        hello = await self._ask(_HELLO_ID, "wslink.hello", [details])
        if hello.get("receipts") is True:
            self._receipts.start()
        self._prefix = f"rpc:{hello['clientID']}:"
        self._frame_bytes = self._dialect.frame_bytes or hello["maxMsgSize"]
        if self._dialect.topics:
            # An endpoint without subscriptions refuses, and sends everything to everyone.
            with contextlib.suppress(CallFailed):
                await self._ask_system("wslink_jupyter.subscribe", list(self._dialect.topics))

    async def _ask(self, message_id: str, method: str, args: list[Any]) -> Any:
        """Send a system request, whose reply has no number of ours."""
        # Below the numbers of calls, which start at 0.
        number = -1 - int(message_id.rpartition(":")[2])
        future = self._expect(number)
        await self._send(self._pack(message_id, method, args))
        return await future

    async def _ask_system(self, method: str, args: list[Any]) -> Any:
        self._system_requests += 1
        return await self._ask(f"system:c0:{self._system_requests}", method, args)

    async def _send_call(self, number: int, method: str, args: tuple[Any, ...]) -> None:
        await self._send(self._pack(f"{self._prefix}{number}", method, args))

    @staticmethod
    def _pack(message_id: str, method: str, args: Any) -> bytes:
        envelope = {"wslink": "1.0", "id": message_id, "method": method, "args": args, "kwargs": {}}
        packed: bytes = msgpack.packb(envelope)
        return packed

    async def _send(self, message: bytes) -> None:
        self._messages = (self._messages + 1) & 0xFFFFFFFF
        key, total = self._messages, len(message)
        content_bytes = self._frame_bytes - _HEADER.size
        if total <= content_bytes:
            await self._socket.send_bytes(_HEADER.pack(key, 0, total) + message)
            return
        view = memoryview(message)
        for offset in range(0, total, content_bytes):
            chunk = view[offset : offset + content_bytes]
            await self._socket.send_bytes(b"".join((_HEADER.pack(key, offset, total), chunk)))

    async def _read(self) -> str:
        receive, pending = self._socket.receive, self._pending
        while True:
            if not self._reading.is_set():
                await self._reading.wait()
            frame = await receive()
            if frame.type is not aiohttp.WSMsgType.BINARY:
                return f"{frame.type.name} {self._socket.close_code} {frame.extra or ''}".strip()
            data = frame.data
            self._receipts.received(len(data))
            key, offset, total = _HEADER.unpack_from(data)
            content = len(data) - _HEADER.size
            if content == total:
                await self._take(data, data, total)
                continue
            received, first = pending.get(key, (0, b""))
            received += content
            if offset == 0:
                first = data
            if received < total:
                pending[key] = received, first
                continue
            del pending[key]
            await self._take(first, data, total)

    async def _take(self, first: bytes, last: bytes, total: int) -> None:
        """Take a whole message, by its first and last frame."""
        kind = first[_HEADER.size + _ID_OFFSET]
        start = _HEADER.size + _ID_OFFSET + (2 if kind == _STR8 else 1)
        length = first[start - 1] if kind == _STR8 else kind - _FIXSTR
        end = start + length
        prefix, _, rest = first[start:end].decode().partition(":")
        name, _, number = rest.rpartition(":")
        if prefix == "publish":
            self.publications += 1
            if first.startswith(_ACK, end) or last.endswith(_ACK):
                await self._acknowledge(name, int(number))
            self.on_publication(name, total)
            return
        # A reply of one frame is small enough to decode; larger ones only count.
        reply = msgpack.unpackb(first[_HEADER.size :]) if first is last else {}
        error = reply.get("error")
        call = int(number) if prefix == "rpc" else -1 - int(number)
        self._answer(call, reply.get("result", total), str(error) if error else "")

    async def _acknowledge(self, topic: str, number: int) -> None:
        await self._tell("wslink_jupyter.ack", [topic, number])

    def _send_receipt(self, received_bytes: int) -> None:
        self._spawn(self._tell("wslink_jupyter.received", [received_bytes]))

    async def _tell(self, method: str, args: list[Any]) -> None:
        """Send a system request that has no reply."""
        self._system_requests += 1
        await self._send(self._pack(f"system:c0:{self._system_requests}", method, args))

    async def _disconnect(self) -> None:
        self._receipts.end()
        await self._socket.close()
