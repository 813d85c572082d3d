"""Drives one session over one transport until either ends."""

from __future__ import annotations

import asyncio

from wslink_jupyter.codes import CloseCode
from wslink_jupyter.errors import ConnectionClosed, RemoteProtocolError
from wslink_jupyter.rpc.session import Session
from wslink_jupyter.transport.base import FrameTransport
from wslink_jupyter.wire.connection import State

#: Seconds to write what is queued after the session asked to close.
_DRAIN_TIMEOUT_S = 2.0


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
    reader = asyncio.create_task(_read(session, transport), name=f"read {session.id}")
    writer = asyncio.create_task(_write(session, transport), name=f"write {session.id}")
    watch = asyncio.create_task(_watch(session), name=f"watch {session.id}")
    try:
        await asyncio.wait(
            (reader, writer, watch, session.closing), return_when=asyncio.FIRST_COMPLETED
        )
        closed = _outcome(reader, writer, watch, session)
        if not (reader.done() and isinstance(reader.exception(), ConnectionClosed)):
            await session.finish(closed.code, closed.reason)
        session.outbox.close()
        if not writer.done():
            # Errors and replies that explain the close go out before it.
            await asyncio.wait((writer,), timeout=_DRAIN_TIMEOUT_S)
        await transport.close(closed.code, closed.reason)
        return closed
    finally:
        for task in (reader, writer, watch):
            task.cancel()
        await asyncio.gather(reader, writer, watch, return_exceptions=True)
        transport.abort()


def _outcome(
    reader: asyncio.Task[None],
    writer: asyncio.Task[None],
    watch: asyncio.Task[None],
    session: Session,
) -> ConnectionClosed:
    for task in (reader, writer, watch):
        error = task.exception() if task.done() and not task.cancelled() else None
        if isinstance(error, RemoteProtocolError):
            return ConnectionClosed(error.close_code, str(error))
        if isinstance(error, ConnectionClosed):
            return error
        if error is not None:
            raise error
    if session.closing.done():
        return ConnectionClosed(*session.closing.result())
    return ConnectionClosed(CloseCode.NORMAL)


async def _read(session: Session, transport: FrameTransport) -> None:
    loop = asyncio.get_running_loop()
    while True:
        session.receive_frame(await transport.read(), loop.time())


async def _write(session: Session, transport: FrameTransport) -> None:
    while (chunk := await session.outbox.get()) is not None:
        await transport.write(chunk)


async def _watch(session: Session) -> None:
    """Raise when the client does not say hello, or stops in the middle of a message."""
    loop = asyncio.get_running_loop()
    limits = session.wire.limits
    await asyncio.sleep(limits.hello_timeout_s)
    if session.wire.state is State.GREETING:
        reason = f"expected a hello within {limits.hello_timeout_s:g} s"
        raise ConnectionClosed(CloseCode.HEARTBEAT_TIMEOUT, reason)
    interval_s = limits.pending_timeout_s / 10
    while True:
        await asyncio.sleep(interval_s)
        session.wire.check_time(loop.time())
