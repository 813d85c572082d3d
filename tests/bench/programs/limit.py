"""The limit: a WebSocket server on tornado that does nothing but move bytes.

It answers the benchmark's wslink client without decoding what need not be: an
echo is the request sent back, which begins with its id as a reply does, and
what is published was encoded before.
"""

from __future__ import annotations

import asyncio
import contextlib
import struct
from functools import partial
from typing import Any

import msgpack
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application
from tornado.websocket import WebSocketClosedError, WebSocketHandler

from bench.programs.lifetime import announce_port, end_with_starter
from bench.programs.payloads import PAYLOADS, random_bytes
from bench.programs.stream import TOPIC, Stream, repeat

_HEADER = struct.Struct("<III")
#: Where the method's name is, in the first frame of a call.
_HEAD_BYTES = 160
#: What this path moves fastest, both ways: tried from 64 KiB to whole messages, which
#: halve the rate of 6 MB pictures.
_FRAME_BYTES = 256 * 1024


class Work:
    """What clients ask for, shared by all of them."""

    def __init__(self) -> None:
        self.clients: set[Socket] = set()
        self._stream = Stream(lambda number: None, 0)

    def stream(self, name: str, window: int) -> bool:
        """Publish as fast as it goes."""
        frames = _frames(_publication(random_bytes(PAYLOADS[name].size_bytes)))
        self._stream = Stream(lambda number: self._publish(frames), window)
        self._stream.acknowledge(0)
        return True

    def ack(self, count: int) -> bool:
        self._stream.acknowledge(count)
        return True

    def stop(self) -> int:
        return self._stream.stop()

    def flood(self, name: str, rate_hz: float, seconds: float) -> bool:
        """Publish at a rate, whoever reads."""
        frames = _frames(_publication(random_bytes(PAYLOADS[name].size_bytes)))
        self._flood = asyncio.ensure_future(
            repeat(lambda number: self._publish(frames), rate_hz, seconds)
        )
        return True

    def _publish(self, frames: list[bytes]) -> None:
        for client in self.clients:
            for frame in frames:
                client.send(frame)


class Socket(WebSocketHandler):
    """One client."""

    def initialize(self, work: Work) -> None:
        self._work = work
        #: Id and bytes received of messages of which frames are missing.
        self._pending: dict[int, tuple[str, int]] = {}

    def open(self, *args: str, **kwargs: str) -> None:
        self._work.clients.add(self)

    def on_close(self) -> None:
        self._work.clients.discard(self)

    def on_message(self, frame: str | bytes) -> None:
        assert isinstance(frame, bytes)
        head = frame[:_HEAD_BYTES]
        if b"bench.echo" in head:
            self.send(frame)
            return
        key, _, total = _HEADER.unpack_from(frame)
        if key in self._pending or b"bench.upload" in head:
            self._count(key, head, len(frame) - _HEADER.size, total)
            return
        request = msgpack.unpackb(frame[_HEADER.size :])
        answer = partial(self._reply, request["id"])
        if request["method"] == "wslink.hello":
            answer({"clientID": f"c{id(self)}", "maxMsgSize": _FRAME_BYTES})
            return
        if request["id"].startswith("system:"):
            return
        method = getattr(self._work, request["method"].removeprefix("bench."))
        answer(method(*request["args"]))

    def _count(self, key: int, head: bytes, content: int, total: int) -> None:
        message_id, received = self._pending.pop(key, ("", 0))
        if not message_id:
            unpacker = msgpack.Unpacker()
            unpacker.feed(head[_HEADER.size :])
            unpacker.read_map_header()
            message_id = [unpacker.unpack() for _ in range(4)][3]
        if received + content < total:
            self._pending[key] = message_id, received + content
        else:
            self._reply(message_id, total)

    def _reply(self, message_id: str, result: Any) -> None:
        message = msgpack.packb({"wslink": "1.0", "id": message_id, "result": result})
        self.send(_frames(message)[0])

    def send(self, frame: bytes) -> None:
        """Write without waiting: windows bound what waits."""
        with contextlib.suppress(WebSocketClosedError):
            self.write_message(frame, binary=True).add_done_callback(_forget)


def _forget(written: asyncio.Future[None]) -> None:
    if not written.cancelled():
        written.exception()  # of a client that left meanwhile


def _publication(value: bytes) -> bytes:
    message: bytes = msgpack.packb({"wslink": "1.0", "id": f"publish:{TOPIC}:0", "result": value})
    return message


def _frames(message: bytes) -> list[bytes]:
    step = _FRAME_BYTES - _HEADER.size
    return [
        _HEADER.pack(1, offset, len(message)) + message[offset : offset + step]
        for offset in range(0, len(message), step)
    ]


async def serve() -> None:
    """Listen until the starter is gone."""
    application = Application([("/ws", Socket, {"work": Work()})])
    (socket,) = bind_sockets(0, "127.0.0.1")
    server = HTTPServer(application)
    server.add_socket(socket)
    announce_port(socket.getsockname()[1])
    await asyncio.Event().wait()


if __name__ == "__main__":
    end_with_starter()
    asyncio.run(serve())
