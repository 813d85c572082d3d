"""Drives one session over one transport until either ends."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextvars import Context
from typing import Any

from wslink_jupyter.codes import CloseCode
from wslink_jupyter.errors import ConnectionClosed, RemoteProtocolError
from wslink_jupyter.limits import KIB
from wslink_jupyter.rpc.session import Session
from wslink_jupyter.transport.base import FrameTransport
from wslink_jupyter.wire.connection import State
from wslink_jupyter.wire.header import Buffer

#: Seconds to write what is queued after the session asked to close.
_DRAIN_TIMEOUT_S = 2.0
_CHECK_INTERVAL_S = 1.0
#: Writing leaves the loop to others after this much.
_TURN_BYTES = 512 * KIB


async def pump(session: Session, transport: FrameTransport) -> ConnectionClosed:
    """Move frames until the conversation is over.

    Parameters
    ----------
    session : Session
        Not ended by this function: its endpoint does that, whatever happens.
    transport : FrameTransport
        Closed when this returns or is cancelled.

    Returns
    -------
    ConnectionClosed
        How it ended, as the peer or the session said.
    """
    loop = asyncio.get_running_loop()

    def receive(frame: Buffer) -> None:
        session.receive_frame(frame, loop.time())

    def receive_lent(parts: Sequence[Buffer]) -> None:
        parts = [part for part in parts if len(part)]
        if len(parts) == 1:
            session.receive_frame(parts[0], loop.time(), is_lent=True)
        else:
            receive(b"".join(parts))

    transport.hand_over_parts(receive_lent, lambda: True)
    writer = _Writer(session, transport)
    reading = asyncio.create_task(transport.deliver(receive), name=f"read {session.id}")
    # Of no cell's context: what it warns of is for the cell that runs then.
    watch = asyncio.create_task(_watch(session), context=Context())
    try:
        ends = (reading, writer.ended, watch, session.closing)
        await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        closed = _outcome((reading, writer.ended, watch), session)
        if not (reading.done() and isinstance(reading.exception(), ConnectionClosed)):
            await session.finish(closed.code, closed.reason)
        session.outbox.close()
        if not writer.ended.done():
            # Errors and replies that explain the close go out before it.
            await asyncio.wait((writer.ended,), timeout=_DRAIN_TIMEOUT_S)
        await transport.close(closed.code, closed.reason)
        return closed
    finally:
        writer.stop()
        for task in (reading, watch):
            task.cancel()
        await asyncio.gather(reading, watch, return_exceptions=True)
        transport.abort()


class _Writer:
    """Writes what a session's outbox has, at once, as long as the transport takes it.

    Attributes
    ----------
    ended : asyncio.Future
        Done when a closed outbox is drained; fails when the transport does.
    """

    def __init__(self, session: Session, transport: FrameTransport) -> None:
        self._loop = asyncio.get_running_loop()
        self._outbox = session.outbox
        self._transport = transport
        self._pending: set[asyncio.Future[None]] = set()
        self._is_paused = self._is_urgent_paused = False
        self.ended: asyncio.Future[None] = self._loop.create_future()
        self._outbox.on_ready = self._ready
        self._ready()

    def _ready(self) -> None:
        if self.ended.done():
            return
        try:
            if self._transport.lets_urgent_pass and not self._is_urgent_paused:
                self._write_urgent()
            if not self._is_paused:
                self._write()
        except ConnectionClosed as error:
            self.ended.set_exception(error)

    def _write_urgent(self) -> None:
        while (chunk := self._outbox.next_urgent_chunk()) is not None:
            pending = self._transport.send_urgent(chunk)
            if pending is not None:
                self._is_urgent_paused = True
                self._await(pending, self._urgent_written)
                return

    def _write(self) -> None:
        left_bytes = _TURN_BYTES
        while (chunk := self._outbox.next_chunk()) is not None:
            pending = self._transport.send(chunk)
            if pending is not None:
                self._is_paused = True
                self._await(pending, self._go_on)
                return
            left_bytes -= sum(map(len, chunk))
            if left_bytes <= 0:
                self._is_paused = True
                self._loop.call_soon(self._go_on)
                return
        if self._outbox.is_closed:
            self.ended.set_result(None)

    def _await(self, pending: Awaitable[None], go_on: Callable[[], None]) -> None:
        def written(done: asyncio.Future[None]) -> None:
            self._pending.discard(done)
            if done.cancelled() or self.ended.done():
                return
            error = done.exception()
            if error is not None:
                self.ended.set_exception(error)
            else:
                go_on()

        waiting = asyncio.ensure_future(pending)
        self._pending.add(waiting)
        waiting.add_done_callback(written)

    def _go_on(self) -> None:
        self._is_paused = False
        self._ready()

    def _urgent_written(self) -> None:
        self._is_urgent_paused = False
        self._ready()

    def stop(self) -> None:
        """Write no more."""
        self._outbox.on_ready = lambda: None
        for waiting in self._pending:
            waiting.cancel()
        if self.ended.done():
            self.ended.exception()  # seen
        else:
            self.ended.set_result(None)


def _outcome(ends: Sequence[asyncio.Future[Any]], session: Session) -> ConnectionClosed:
    for end in ends:
        error = end.exception() if end.done() and not end.cancelled() else None
        if isinstance(error, RemoteProtocolError):
            return ConnectionClosed(error.close_code, str(error))
        if isinstance(error, ConnectionClosed):
            return error
        if error is not None:
            raise error
    if session.closing.done():
        return ConnectionClosed(*session.closing.result())
    return ConnectionClosed(CloseCode.NORMAL)


async def _watch(session: Session) -> None:
    """Raise when the client says no hello; let the session notice what stands still."""
    loop = asyncio.get_running_loop()
    hello_by_s = loop.time() + session.wire.limits.hello_timeout_s
    while True:
        await asyncio.sleep(_CHECK_INTERVAL_S)
        now_s = loop.time()
        if session.wire.state is State.GREETING and now_s >= hello_by_s:
            limit_s = session.wire.limits.hello_timeout_s
            reason = f"expected a hello within {limit_s:g} s"
            raise ConnectionClosed(CloseCode.HEARTBEAT_TIMEOUT, reason)
        session.check_time(now_s)
