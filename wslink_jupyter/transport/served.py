"""What a kernel's link serves: endpoints of every kind, behind one interface."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import asdict
from typing import Any, Protocol

from wslink_jupyter.codes import CloseCode
from wslink_jupyter.errors import ConnectionClosed
from wslink_jupyter.rpc.buffer_pool import BufferPool
from wslink_jupyter.rpc.endpoint import Endpoint, WebFile
from wslink_jupyter.rpc.session import Session
from wslink_jupyter.transport.base import FrameTransport
from wslink_jupyter.transport.pump import pump

#: How long clients may take to read what was queued before the end.
_GOODBYE_TIMEOUT_S = 1.0

#: Told of a client that is closed because it does not read: its own way is full.
OnSlow = Callable[[ConnectionClosed], None]


class ServedEndpoint(Protocol):
    """What clients connect to, by its name. Lives on the link's loop."""

    @property
    def name(self) -> str:
        """Part of the URL of its socket and files."""

    @property
    def kind(self) -> str:
        """What it is, in a word, for people."""

    @property
    def pool(self) -> BufferPool | None:
        """Memory for large values, which a Jupyter server may read there, if it has any."""

    async def serve(
        self, transport: FrameTransport, user: str, max_frame_bytes: int, on_slow: OnSlow
    ) -> None:
        """Talk to one client until it or the endpoint ends; close the transport.

        Parameters
        ----------
        transport : FrameTransport
        user : str
            Of Jupyter.
        max_frame_bytes : int
            What the way to the client takes.
        on_slow : callable
        """

    async def close(self, code: int, reason: str) -> None:
        """Answer what is in flight, close every client's transport. Idempotent."""

    def find_file(self, path: str) -> WebFile | None:
        """Return the web file at a path, or None. Not on the loop: disks are slow."""

    def describe(self) -> dict[str, Any]:
        """Return its fields for STATUS and the REST route."""

    async def measure_round_trips(self, timeout_s: float) -> None:
        """Measure how far the clients are that can tell."""


class SessionEndpoint:
    """An `Endpoint` of ours, served: each client has a session.

    Parameters
    ----------
    endpoint : Endpoint
    """

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._pumps: dict[Session, asyncio.Task[ConnectionClosed]] = {}

    @property
    def name(self) -> str:
        """The endpoint's."""
        return self._endpoint.name

    @property
    def kind(self) -> str:
        """The endpoint's."""
        return self._endpoint.kind

    @property
    def pool(self) -> BufferPool | None:
        """The endpoint's buffers."""
        return self._endpoint.hub.pool

    async def serve(
        self, transport: FrameTransport, user: str, max_frame_bytes: int, on_slow: OnSlow
    ) -> None:
        """Pump a new session until it ends."""
        session = self._endpoint.open_session(user, max_frame_bytes)

        def closing(outcome: asyncio.Future[tuple[int, str]]) -> None:
            if not outcome.cancelled() and outcome.result()[0] == CloseCode.SLOW_CONSUMER:
                on_slow(ConnectionClosed(*outcome.result()))

        session.closing.add_done_callback(closing)
        pumping = asyncio.create_task(pump(session, transport), name=f"pump {session.id}")
        self._pumps[session] = pumping
        try:
            await pumping
        finally:
            del self._pumps[session]
            self._endpoint.close_session(session)

    async def close(self, code: int, reason: str) -> None:
        """Answer what is in flight and end every session."""
        await asyncio.gather(*(session.finish(code, reason) for session in self._pumps))
        if self._pumps:
            await asyncio.wait(self._pumps.values(), timeout=_GOODBYE_TIMEOUT_S)

    def find_file(self, path: str) -> WebFile | None:
        """Return what the endpoint has at `path`."""
        return self._endpoint.find_file(path)

    def describe(self) -> dict[str, Any]:
        """Return name, kind, procedures and sessions."""
        endpoint = self._endpoint
        return {
            "name": endpoint.name,
            "kind": endpoint.kind,
            "procedures": [procedure.uri for procedure in endpoint.registry.procedures()],
            "sessions": [asdict(info) for info in endpoint.hub.infos()],
        }

    async def measure_round_trips(self, timeout_s: float) -> None:
        """Ask the clients that can tell."""
        await self._endpoint.hub.measure_round_trips(timeout_s)
