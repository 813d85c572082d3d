"""A whole stock server as an endpoint of the link."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any, Protocol

from wslink_jupyter.codes import CloseCode
from wslink_jupyter.limits import Limits
from wslink_jupyter.rpc.endpoint import WebFile
from wslink_jupyter.stock.files import find_file
from wslink_jupyter.stock.tunnel import Tunnel
from wslink_jupyter.transport.base import FrameTransport
from wslink_jupyter.transport.served import OnSlow

#: How long clients may take to read what was queued before the end.
_GOODBYE_TIMEOUT_S = 1.0


class StockServer(Protocol):
    """What an endpoint knows of its server. Lives on the kernel's main loop."""

    def attend(self, tunnel: Tunnel) -> None:
        """Serve a client that has come."""

    def ended(self) -> None:
        """Note that the endpoint serves no more."""

    def serves(self, protocol: object) -> bool:
        """Return whether it is that protocol's."""

    @property
    def procedures(self) -> list[str]:
        """The names that clients can call."""

    @property
    def static(self) -> dict[str, Any]:
        """Folders that it serves, by route; ``/`` is that of its page."""


class StockEndpoint:
    """Serves the clients of one stock server; see `ServedEndpoint`.

    Parameters
    ----------
    name, kind : str
    server : StockServer
    find_main_loop : callable
    limits : Limits
    """

    pool = None

    def __init__(
        self,
        name: str,
        kind: str,
        server: StockServer,
        find_main_loop: Callable[[], asyncio.AbstractEventLoop],
        limits: Limits,
    ) -> None:
        self.name = name
        self.kind = kind
        self._server = server
        self._find_main_loop = find_main_loop
        self._limits = limits
        self._carrying: dict[Tunnel, asyncio.Task[None]] = {}
        self._end: tuple[int, str] | None = None

    async def serve(
        self, transport: FrameTransport, user: str, max_frame_bytes: int, on_slow: OnSlow
    ) -> None:
        """Carry a client's frames to the server and back until either ends."""
        if self._end is not None:
            await transport.close(*self._end)
            return
        main_loop = self._find_main_loop()
        tunnel = Tunnel(main_loop, self._limits, user, max_frame_bytes)
        try:
            main_loop.call_soon_threadsafe(self._server.attend, tunnel)
        except RuntimeError:  # the kernel ends, and its loop has
            await transport.close(CloseCode.GOING_AWAY, "the kernel stops")
            return
        carrying = asyncio.create_task(tunnel.carry(transport, on_slow))
        self._carrying[tunnel] = carrying
        try:
            await carrying
        finally:
            del self._carrying[tunnel]

    async def close(self, code: int, reason: str) -> None:
        """Write what is queued and close every client."""
        if self._end is not None:
            return
        self._end = (code, reason)
        for tunnel in self._carrying:
            tunnel.close(code, reason)
        if self._carrying:
            await asyncio.wait(self._carrying.values(), timeout=_GOODBYE_TIMEOUT_S)
        with contextlib.suppress(RuntimeError):  # the kernel ends, and its loop has
            self._find_main_loop().call_soon_threadsafe(self._server.ended)

    def serves(self, protocol: object) -> bool:
        """Return whether it is that protocol's."""
        return self._server.serves(protocol)

    def find_file(self, path: str) -> WebFile | None:
        """Return the file of the server's folders at `path`, as part of its page."""
        return find_file(self._server.static, path)

    def describe(self) -> dict[str, Any]:
        """Return name, kind, procedures and clients."""
        return {
            "name": self.name,
            "kind": self.kind,
            "procedures": self._server.procedures,
            "sessions": [tunnel.describe() for tunnel in list(self._carrying)],
        }

    async def measure_round_trips(self, timeout_s: float) -> None:
        """Do nothing: stock clients cannot tell."""
