"""Jupyter's kernel WebSocket, as a notebook page speaks it."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import aiohttp

SUBPROTOCOL = "v1.kernel.websocket.jupyter.org"
_LENGTH_BYTES = 8

#: Called with message type, content (JSON) and buffers of what a kernel publishes.
Listener = Callable[[str, bytes, Sequence[memoryview]], None]


class CellFailed(Exception):
    """A cell raised."""


class KernelChannels:
    """All channels of a kernel in one WebSocket."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse, session_id: str) -> None:
        self.listener: Listener = lambda kind, content, buffers: None
        self.socket = socket
        self._session_id = session_id
        self._replies: dict[str, asyncio.Future[dict[str, Any]]] = {}

    @classmethod
    async def connect(
        cls, session: aiohttp.ClientSession, url: str, headers: dict[str, str]
    ) -> KernelChannels:
        """Connect; `read` must be run for anything to arrive."""
        session_id = uuid.uuid4().hex
        socket = await session.ws_connect(
            f"{url}?session_id={session_id}",
            headers=headers,
            protocols=(SUBPROTOCOL,),
            max_msg_size=0,
            compress=15,
        )
        if socket.protocol != SUBPROTOCOL:
            raise RuntimeError(f"expected a server that speaks {SUBPROTOCOL}")
        return cls(socket, session_id)

    async def send(
        self,
        channel: str,
        kind: str,
        content: dict[str, Any],
        buffers: Sequence[bytes] = (),
        subshell_id: str | None = None,
    ) -> str:
        """Send a message; return its id."""
        header = {
            "msg_id": uuid.uuid4().hex,
            "session": self._session_id,
            "username": "bench",
            "date": datetime.now(UTC).isoformat(),
            "msg_type": kind,
            "version": "5.5",
        }
        if subshell_id is not None:
            header["subshell_id"] = subshell_id
        parts = [json.dumps(part).encode() for part in (header, {}, {}, content)]
        await self.socket.send_bytes(_join(channel, [*parts, *buffers]))
        return header["msg_id"]

    async def request(self, channel: str, kind: str, content: dict[str, Any]) -> dict[str, Any]:
        """Send a request and return the content of its reply."""
        message_id = await self.send(channel, kind, content)
        future = asyncio.get_running_loop().create_future()
        self._replies[message_id] = future
        try:
            reply: dict[str, Any] = await future
            return reply
        finally:
            del self._replies[message_id]

    async def execute(self, code: str, expression: str = "None") -> Any:
        """Run a cell, which must not fail; return what `expression` then is."""
        content = {
            "code": code,
            "silent": False,
            "store_history": False,
            "user_expressions": {"value": expression},
            "allow_stdin": False,
            "stop_on_error": True,
        }
        reply = await self.request("shell", "execute_request", content)
        if reply["status"] != "ok":
            raise CellFailed(f"{reply.get('ename')}: {reply.get('evalue')} in a cell:\n{code}")
        value = reply["user_expressions"]["value"]
        if value["status"] != "ok":
            raise CellFailed(f"{value['ename']}: {value['evalue']} in {expression!r}")
        # What the kernel tells is a repr; bench programs return plain values.
        return eval(value["data"]["text/plain"])

    async def read(self, may_read: asyncio.Event) -> str:
        """Read until the connection ends; return how it ended."""
        while True:
            if not may_read.is_set():
                await may_read.wait()
            message = await self.socket.receive()
            if message.type is not aiohttp.WSMsgType.BINARY:
                return f"{message.type.name} {self.socket.close_code}"
            self._take(message.data)

    def _take(self, data: bytes) -> None:
        count = int.from_bytes(data[:_LENGTH_BYTES], "little")
        offsets = [
            int.from_bytes(data[at : at + _LENGTH_BYTES], "little")
            for at in range(_LENGTH_BYTES, (count + 1) * _LENGTH_BYTES, _LENGTH_BYTES)
        ]
        header_at, parent_at, metadata_at, content_at, *ends = offsets[1:]
        kind = json.loads(data[header_at:parent_at])["msg_type"]
        if kind.endswith("_reply"):
            parent = json.loads(data[parent_at:metadata_at])
            future = self._replies.get(parent.get("msg_id", ""))
            if future is not None and not future.done():
                future.set_result(json.loads(data[content_at : ends[0]]))
            return
        # Views: copying the buffers would measure this program.
        view = memoryview(data)
        buffers = [view[start:end] for start, end in pairwise(ends)]
        self.listener(kind, data[content_at : ends[0]], buffers)

    async def close(self) -> None:
        """Leave; the kernel stays."""
        await self.socket.close()


def _join(channel: str, parts: list[bytes]) -> bytes:
    name = channel.encode()
    offsets = [_LENGTH_BYTES * (len(parts) + 3)]
    for part in (name, *parts):
        offsets.append(offsets[-1] + len(part))
    numbers = (number.to_bytes(_LENGTH_BYTES, "little") for number in (len(offsets), *offsets))
    return b"".join((*numbers, name, *parts))
