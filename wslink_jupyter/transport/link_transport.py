"""Frames over a link connection, after its OPEN."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Iterator, Sequence
from typing import NoReturn

from wslink_jupyter.codes import CloseCode
from wslink_jupyter.errors import ConnectionClosed, LinkError
from wslink_jupyter.transport import link
from wslink_jupyter.transport.base import FrameTransport, PassOn, TakeFrame, cut_reason
from wslink_jupyter.transport.stream import LinkStream
from wslink_jupyter.wire.header import Buffer

#: Seconds to let the peer read a CLOSE before the socket goes.
_CLOSE_TIMEOUT_S = 2.0


class LinkTransport(FrameTransport):
    """Frames over a link connection after its OPEN.

    Parameters
    ----------
    stream : LinkStream
    max_frame_bytes : int
        Largest frame that the peer may send.
    """

    def __init__(self, stream: LinkStream, max_frame_bytes: int) -> None:
        self._stream = stream
        self._max_frame_bytes = max_frame_bytes
        self._closed: ConnectionClosed | None = None
        self._read_lock = asyncio.Lock()
        #: Asked for every large frame before it is delivered.
        self.pass_on: PassOn | None = None

    async def read(self) -> Buffer:
        """Wait for the next frame."""
        self._check_open()
        with self._ending():
            async with self._read_lock:
                kind, payload = await self._stream.read(self._max_frame_bytes)
            self._check_open()
            if kind is not link.Kind.DATA:
                raise _closed_by(kind, payload)
            return payload
        raise AssertionError("the end raises")

    async def deliver(self, take: TakeFrame) -> NoReturn:
        """Hand every frame to `take` as it comes."""

        def take_message(kind: link.Kind, payload: Buffer) -> Awaitable[None] | None:
            self._check_open()
            if kind is not link.Kind.DATA:
                raise _closed_by(kind, payload)
            return take(payload)

        self._check_open()
        with self._ending():
            async with self._read_lock:
                await self._stream.deliver(take_message, self._max_frame_bytes, self.pass_on)
        raise AssertionError("the end raises")

    @contextlib.contextmanager
    def _ending(self) -> Iterator[None]:
        """Note how the conversation ends; the first end counts."""
        try:
            yield
        except ConnectionClosed as error:
            self._closed = self._closed or error
            self._stream.abort(self._closed)
            self._check_open()
        except LinkError as error:
            self.abort()
            raise ConnectionClosed(CloseCode.ABNORMAL, str(error)) from error

    def send(self, parts: Sequence[Buffer]) -> Awaitable[None] | None:
        """Write one frame; return what to wait for before the next, if anything."""
        self._check_open()
        header = link.encode_header(link.Kind.DATA, sum(map(len, parts)))
        return self._stream.send((header, *parts))

    async def close(self, code: int, reason: str) -> None:
        """Send CLOSE, and close when the peer has."""
        if self._closed is not None:
            return
        reason = cut_reason(reason)
        self._closed = ConnectionClosed(code, reason)
        message = link.encode(link.Kind.CLOSE, {"code": int(code), "reason": reason})
        with contextlib.suppress(ConnectionClosed, TimeoutError):
            async with asyncio.timeout(_CLOSE_TIMEOUT_S):
                await self._stream.write((message,))
                async with self._read_lock:
                    await self._stream.finish()
        self._stream.abort(self._closed)

    def abort(self) -> None:
        """Drop the connection at once."""
        self._closed = self._closed or ConnectionClosed(CloseCode.ABNORMAL, "link lost")
        self._stream.abort(self._closed)

    def _check_open(self) -> None:
        if self._closed is not None:
            raise ConnectionClosed(self._closed.code, self._closed.reason)


def _closed_by(kind: link.Kind, payload: Buffer) -> ConnectionClosed:
    """Return how the peer's CLOSE says that it ends.

    Raises
    ------
    LinkError
        If it is no CLOSE.
    """
    if kind is not link.Kind.CLOSE:
        raise LinkError(f"link: expected DATA or CLOSE, got {kind.name}")
    fields = link.decode_fields(kind, payload)
    code, reason = fields.get("code"), str(fields.get("reason", ""))
    return ConnectionClosed(code if isinstance(code, int) else CloseCode.ABNORMAL, reason)
