"""Frames over a link connection, after its OPEN and MEMORY."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterator, Sequence
from functools import partial
from typing import NoReturn

from wslink_jupyter.codes import CloseCode
from wslink_jupyter.errors import ConnectionClosed, LinkError
from wslink_jupyter.rpc.shared_memory import SharedMemory
from wslink_jupyter.transport import link
from wslink_jupyter.transport.base import FrameTransport, TakeFrame, TakeParts, cut_reason
from wslink_jupyter.transport.lending import MAY_READ_S, Borrower, Lender
from wslink_jupyter.transport.passing import MAX_HELD_BYTES, Passing
from wslink_jupyter.transport.stream import LinkStream
from wslink_jupyter.wire.header import Buffer

#: Seconds to let the peer read a CLOSE before the socket goes.
_CLOSE_TIMEOUT_S = 2.0


class LinkTransport(FrameTransport):
    """Frames over a link connection after its OPEN and MEMORY.

    Parameters
    ----------
    stream : LinkStream
    max_frame_bytes : int
        Largest frame that the peer may send.
    lends : SharedMemory, optional
        What is in it is not sent: the peer reads it there.
    borrows : memoryview, optional
        The memory of a peer that lends.
    reads_on : bool
        Whether what was lent is still taken when the peer has closed the connection. It
        keeps it a while longer; who may be held up for longer than that must not.
    """

    def __init__(
        self,
        stream: LinkStream,
        max_frame_bytes: int,
        *,
        lends: SharedMemory | None = None,
        borrows: memoryview | None = None,
        reads_on: bool = True,
    ) -> None:
        self._stream = stream
        self._max_frame_bytes = max_frame_bytes
        self._lender = Lender(lends, stream.clock) if lends is not None else None
        self._borrower: Borrower | None = None
        if borrows is not None:
            self._borrower = Borrower(borrows, stream.send)
        # Where what is large is lent, the socket holds little.
        self.lets_urgent_pass = lends is not None
        self._reads_on = reads_on
        #: When the peer said its last word.
        self._left_s: float | None = None
        self._closed: ConnectionClosed | None = None
        self._read_lock = asyncio.Lock()

    async def read(self) -> Buffer:
        """Wait for the next frame."""
        self._check_open()
        with self._ending():
            async with self._read_lock:
                while (frame := self._frame(*await self._read_message())) is None:
                    pass
            return frame
        raise AssertionError("the end raises")

    async def _read_message(self) -> tuple[link.Kind, Buffer]:
        message = await self._stream.read(self._max_frame_bytes)
        self._check_open()
        return message

    def _frame(self, kind: link.Kind, payload: Buffer) -> Buffer | None:
        if kind in (link.Kind.DATA, link.Kind.URGENT):
            return payload
        if kind is link.Kind.SHARED and self._borrower is not None:
            self._check_lent()
            parts = self._borrower.parts(payload)
            frame = b"".join(parts)
            self._borrower.give_back(parts)
            return frame
        self._take_other(kind, payload)
        return None

    def _take_other(self, kind: link.Kind, payload: Buffer) -> None:
        if kind is not link.Kind.RETURNED or self._lender is None:
            raise _closed_by(kind, payload)
        self._lender.returned(payload)

    def hand_over_parts(self, take: TakeParts, has_let_go: Callable[[], bool]) -> None:
        """Have `deliver` hand over the parts of frames that are lent."""
        if self._borrower is not None:
            self._borrower.hand_over_parts(take, has_let_go)

    async def deliver(self, take: TakeFrame) -> NoReturn:
        """Hand every frame to `take` as it comes."""

        def take_lent(payload: Buffer) -> Awaitable[None] | None:
            assert self._borrower is not None  # looked at before
            self._check_lent()
            return self._borrower.take(payload, take)

        def take_message(kind: link.Kind, payload: Buffer) -> Awaitable[None] | None:
            self._check_open()
            pending = take_content(kind, payload)
            if pending is None or self._lender is None:
                return pending
            return self._lender.while_unheard(pending)

        def take_content(kind: link.Kind, payload: Buffer) -> Awaitable[None] | None:
            if kind is link.Kind.DATA:
                return passing.in_order(partial(take, payload), len(payload))
            if kind is link.Kind.URGENT:
                return passing.urgent(payload)
            if kind is link.Kind.SHARED and self._borrower is not None:
                return passing.in_order(partial(take_lent, payload), len(payload))
            if kind is link.Kind.RETURNED and self._lender is not None:
                self._lender.returned(payload)
                return None
            self._left_s = self._stream.clock()
            # Awaited, so that nothing is read behind the end.
            return passing.in_order(partial(_end, kind, payload), MAX_HELD_BYTES)

        self._check_open()
        passing = Passing(take, self._stream.interrupt)
        with self._ending():
            try:
                async with self._read_lock:
                    await self._stream.deliver(take_message, self._max_frame_bytes)
            finally:
                passing.stop()
        raise AssertionError("the end raises")

    @contextlib.contextmanager
    def _ending(self) -> Iterator[None]:
        """Note how the conversation ends; the first end counts."""
        try:
            yield
        except ConnectionClosed as error:
            self._closed = self._closed or error
            self._end()
            self._check_open()
        except LinkError as error:
            self.abort()
            raise ConnectionClosed(CloseCode.ABNORMAL, str(error)) from error

    def send_urgent(self, parts: Sequence[Buffer]) -> Awaitable[None] | None:
        """Write one frame that the peer lets pass, where what is large is lent."""
        self._check_open()
        kind = link.Kind.URGENT if self._lender is not None else link.Kind.DATA
        return self._send(_message(kind, parts))

    def send(self, parts: Sequence[Buffer]) -> Awaitable[None] | None:
        """Write one frame; return what to wait for before the next, if anything."""
        self._check_open()
        message = self._lender.lend(parts) if self._lender is not None else None
        if message is None:
            return self._send(_message(link.Kind.DATA, parts))
        assert self._lender is not None  # it made the message
        written = self._send(message)
        return self._lender.when_room() or written

    def flush(self) -> bool:
        """Write what waits for company; return whether nothing is left, but for what is lent."""
        with contextlib.suppress(ConnectionClosed):
            return self._stream.flush()
        return True

    def _send(self, message: Sequence[Buffer]) -> Awaitable[None] | None:
        if self._borrower is not None:
            message = (*self._borrower.untold(), *message)
        return self._stream.send(message)

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
        self._end()

    def abort(self) -> None:
        """Drop the connection at once."""
        self._closed = self._closed or ConnectionClosed(CloseCode.ABNORMAL, "link lost")
        self._end()

    def _end(self) -> None:
        assert self._closed is not None  # by the caller
        self._stream.abort(self._closed)
        if self._lender is not None:
            self._lender.end(self._closed)
        if self._borrower is not None:
            self._borrower.end()

    def _check_lent(self) -> None:
        if self._reads_on:
            is_late = self._left_s is not None and self._stream.clock() > self._left_s + MAY_READ_S
        else:
            is_late = self._stream.is_hung_up
        if is_late:
            raise ConnectionClosed(CloseCode.ABNORMAL, "link lost")

    def _check_open(self) -> None:
        if self._closed is not None:
            raise ConnectionClosed(self._closed.code, self._closed.reason)


def _message(kind: link.Kind, parts: Sequence[Buffer]) -> Sequence[Buffer]:
    return (link.encode_header(kind, sum(map(len, parts))), *parts)


def _end(kind: link.Kind, payload: Buffer) -> NoReturn:
    raise _closed_by(kind, payload)


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
