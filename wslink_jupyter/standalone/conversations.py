"""The conversations of a standalone server, from a socket's opening to its end."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from dataclasses import dataclass

from wslink_jupyter.codes import CloseCode
from wslink_jupyter.limits import Limits
from wslink_jupyter.rpc.endpoint import Endpoint
from wslink_jupyter.rpc.session import Session
from wslink_jupyter.transport.heartbeat import Heartbeat
from wslink_jupyter.transport.pump import pump
from wslink_jupyter.transport.websocket import ServerWebSocket

_log = logging.getLogger("wslink_jupyter.standalone")

#: How long clients may take to read what was queued before the end.
_GOODBYE_TIMEOUT_S = 1.0


@dataclass(frozen=True)
class HeartbeatTimes:
    """When a silent client is gone: after the sum of both.

    Attributes
    ----------
    interval_s, timeout_s : float
    """

    interval_s: float = 18.0
    timeout_s: float = 20.0


class Conversations:
    """Holds conversations, on the loop of the sockets.

    Parameters
    ----------
    endpoint : Endpoint
    limits : Limits
    heartbeat : HeartbeatTimes
    max_sockets : int
    """

    def __init__(
        self,
        endpoint: Endpoint,
        limits: Limits,
        heartbeat: HeartbeatTimes,
        max_sockets: int,
    ) -> None:
        self.limits = limits
        self.heartbeat = heartbeat
        #: Returns memory for large frames.
        self.allocate = endpoint.hub.pool.take
        self._endpoint = endpoint
        self._max_sockets = max_sockets
        self._held: dict[Session, asyncio.Task[None]] = {}
        #: Sockets that are open, also those that only wait for the client to close, too.
        self._open: set[ServerWebSocket] = set()
        self._all_left = asyncio.Event()
        self._is_over = False

    async def hold(self, address: str, frames: ServerWebSocket, heartbeat: Heartbeat) -> None:
        """Hold a conversation until either side ends it.

        Parameters
        ----------
        address : str
            Of the client; it has no other name.
        frames : ServerWebSocket
        heartbeat : Heartbeat
        """
        self._open.add(frames)
        if self._is_over:
            await frames.close(CloseCode.GOING_AWAY, "the server stops")
            return
        if len(self._held) >= self._max_sockets:
            await frames.close(CloseCode.TOO_MANY_CONNECTIONS, "too many connections")
            return
        session = self._endpoint.open_session(address)
        task = asyncio.current_task()
        assert task is not None  # we are in one
        self._held[session] = task
        watch = asyncio.create_task(self._until_silent(session, frames, heartbeat))
        try:
            await pump(session, frames)
        except Exception:  # a fault of ours must not be silent, nor end the others
            _log.exception("wslink socket failed")
        finally:
            watch.cancel()
            del self._held[session]
            self._endpoint.close_session(session)

    def left(self, frames: ServerWebSocket) -> None:
        """Note that a socket has closed."""
        self._open.discard(frames)
        if not self._open:
            self._all_left.set()

    @staticmethod
    async def _until_silent(
        session: Session, frames: ServerWebSocket, heartbeat: Heartbeat
    ) -> None:
        silence_s = await heartbeat.until_silent()
        _log.info("a client (%s) was silent for %.0f s", session.client or session.id, silence_s)
        await frames.close(CloseCode.HEARTBEAT_TIMEOUT, "no sign of life from the client")
        frames.drop()  # nobody is there to answer

    async def end(self, code: int, reason: str) -> None:
        """Answer what is in flight, close every socket and hold no more."""
        self._is_over = True
        await asyncio.gather(*(session.finish(code, reason) for session in list(self._held)))
        tasks = list(self._held.values())
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=_GOODBYE_TIMEOUT_S)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        self._all_left.clear()
        if self._open:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_GOODBYE_TIMEOUT_S):
                    await self._all_left.wait()
        for frames in list(self._open):
            frames.drop()
