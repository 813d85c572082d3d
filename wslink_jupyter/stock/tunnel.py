"""One client's frames between the link's loop and the kernel's main one.

A stock server may only be touched on the main loop. What comes while a cell
runs waits, and a client that sends more than may wait is not read from.
"""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from collections import deque
from collections.abc import Awaitable, Callable, Hashable
from typing import Any

from wslink_jupyter.codes import CloseCode
from wslink_jupyter.errors import (
    ConnectionClosed,
    MessageTooBig,
    RemoteProtocolError,
    TooManyPending,
)
from wslink_jupyter.limits import Limits
from wslink_jupyter.stock.outgoing import Outgoing
from wslink_jupyter.transport.base import FrameTransport
from wslink_jupyter.wire.header import Buffer, ChunkHeader

#: What one frame costs beside its content.
_FRAME_COST_BYTES = 256
#: Seconds to write what is queued after the server asked to close.
_DRAIN_TIMEOUT_S = 2.0


class Tunnel:
    """One client, seen from both loops; says of each method which one it is for.

    Parameters
    ----------
    main_loop : asyncio.AbstractEventLoop
    limits : Limits
    user : str
    max_frame_bytes : int
        What the way to the client takes.

    Attributes
    ----------
    id : str
        Of the client, 32 hexadecimal digits.
    user : str
    max_frame_bytes : int
    received_messages, received_bytes : int
        Counted by frame.
    """

    def __init__(
        self,
        main_loop: asyncio.AbstractEventLoop,
        limits: Limits,
        user: str,
        max_frame_bytes: int,
    ) -> None:
        self.id = uuid.uuid4().hex
        self.user = user
        self.max_frame_bytes = max_frame_bytes
        self._limits = limits
        self._link_loop = asyncio.get_running_loop()
        self._main_loop = main_loop
        self.received_messages = self.received_bytes = 0
        # Counters and queues are changed at one end each, and read at both.
        self._incoming: deque[Buffer | None] = deque()
        self._came = asyncio.Event()
        self._came_cost = self._taken_cost = 0
        self._may_read: asyncio.Future[None] | None = None
        self._outgoing = Outgoing()
        self._wrote = asyncio.Event()
        self._may_write = asyncio.Event()
        self._closing: asyncio.Future[ConnectionClosed] = self._link_loop.create_future()
        self._is_over = False

    # --- on the link's loop ------------------------------------------------------

    async def carry(
        self, transport: FrameTransport, on_slow: Callable[[ConnectionClosed], None]
    ) -> None:
        """Move frames until the conversation is over; close the transport."""
        reading = asyncio.create_task(transport.deliver(self._take), name=f"read {self.id}")
        writing = asyncio.create_task(self._write(transport), name=f"write {self.id}")
        try:
            ends = (reading, writing, self._closing)
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
            closed = _outcome(ends)
            if closed.code == CloseCode.SLOW_CONSUMER:
                self._outgoing.clear()
                on_slow(closed)
            self._finish(closed)
            if not writing.done():
                await asyncio.wait((writing,), timeout=_DRAIN_TIMEOUT_S)
            await transport.close(closed.code, closed.reason)
        finally:
            self._finish(ConnectionClosed(CloseCode.GOING_AWAY, "the kernel stops"))
            for task in (reading, writing):
                task.cancel()
            await asyncio.gather(reading, writing, return_exceptions=True)
            self._outgoing.clear()
            transport.abort()

    def _take(self, frame: Buffer) -> Awaitable[None] | None:
        header = ChunkHeader.decode(frame)
        if header.total > self._limits.max_message_bytes:
            raise MessageTooBig(header.total, self._limits.max_message_bytes, "message")
        self.received_messages += 1
        self.received_bytes += len(frame)
        self._came_cost += len(frame) + _FRAME_COST_BYTES
        self._incoming.append(frame)
        self._on_main(self._came.set)
        if self._came_cost - self._taken_cost <= self._limits.max_pending_bytes:
            return None
        self._may_read = self._link_loop.create_future()
        return self._may_read

    def _go_on_reading(self) -> None:
        if self._may_read is not None and not self._may_read.done():
            self._may_read.set_result(None)

    async def _write(self, transport: FrameTransport) -> None:
        while True:
            self._wrote.clear()
            while (frame := self._outgoing.take()) is not None:
                await transport.write((frame,))
                if self._is_writable and not self._may_write.is_set():
                    self._on_main(self._may_write.set)
            if self._closing.done():
                return
            await self._wrote.wait()

    def _finish(self, closed: ConnectionClosed) -> None:
        """Let the main loop's end know, behind everything that came. Idempotent."""
        if not self._closing.done():
            self._closing.set_result(closed)
        self._wrote.set()
        if not self._is_over:
            self._is_over = True
            self._incoming.append(None)
            self._on_main(self._came.set)
            self._on_main(self._may_write.set)

    def _on_main(self, callback: Callable[[], object]) -> None:
        with contextlib.suppress(RuntimeError):  # the kernel ends, and its loop has
            self._main_loop.call_soon_threadsafe(callback)

    # --- on the main loop --------------------------------------------------------

    async def read(self) -> Buffer | None:
        """Wait for the next frame; None is the end.

        A client that does not read its answers is not heard further.
        """
        while not (self._is_writable or self._is_over):
            self._may_write.clear()
            if not self._is_writable:
                await self._may_write.wait()
        while not self._incoming:
            self._came.clear()
            if not self._incoming:
                await self._came.wait()
        frame = self._incoming.popleft()
        if frame is not None:
            self._taken_cost += len(frame) + _FRAME_COST_BYTES
            self._on_link(self._go_on_reading)
        return frame

    def check_pending(self, count: int) -> None:
        """Note how many messages of the client are unfinished.

        Raises
        ------
        TooManyPending
            If they are more than it may have.
        """
        if count > self._limits.max_pending_messages:
            raise TooManyPending(count, self._limits.max_pending_messages)

    def send(self, frame: bytes, replaces: Hashable = None) -> None:
        """Queue a frame; after the end, forget it.

        A client is closed as slow if too much of what was published waits for
        it. What `replaces` does, see `Outgoing.put`.
        """
        if self._is_over:
            return
        limit_bytes = self._limits.max_queued_bytes
        if self._outgoing.put(frame, replaces, limit_bytes):
            self._on_link(self._wrote.set)
        else:
            reason = f"more than {limit_bytes} bytes of publications were waiting"
            self.close(CloseCode.SLOW_CONSUMER, reason)

    @property
    def _is_writable(self) -> bool:
        return self._outgoing.waiting_bytes <= self._limits.max_queued_bytes

    @property
    def is_over(self) -> bool:
        """Whether nothing more can be sent."""
        return self._is_over

    # --- from any thread ---------------------------------------------------------

    def close(self, code: int, reason: str) -> None:
        """Write what is queued, and end the conversation. The first end counts."""
        closed = ConnectionClosed(code, reason)

        def close() -> None:
            if not self._closing.done():
                self._closing.set_result(closed)

        self._on_link(close)

    def _on_link(self, callback: Callable[[], object]) -> None:
        with contextlib.suppress(RuntimeError):  # the runtime was closed, and every client
            self._link_loop.call_soon_threadsafe(callback)

    def describe(self) -> dict[str, Any]:
        """Return what there is to know of the client."""
        return {
            "id": f"c{self.id}",
            "user": self.user,
            "received_messages": self.received_messages,
            "received_bytes": self.received_bytes,
            "queued_bytes": self._outgoing.waiting_bytes,
            "sent_messages": self._outgoing.sent_messages,
            "sent_bytes": self._outgoing.sent_bytes,
        }


def _outcome(ends: tuple[asyncio.Future[Any], ...]) -> ConnectionClosed:
    for end in ends:
        if not end.done() or end.cancelled():
            continue
        error = end.exception()
        if isinstance(error, RemoteProtocolError):
            return ConnectionClosed(error.close_code, str(error))
        if isinstance(error, ConnectionClosed):
            return error
        if error is not None:
            raise error
        if isinstance(end.result(), ConnectionClosed):
            return end.result()  # type: ignore[no-any-return]
    raise AssertionError("nothing has ended")
