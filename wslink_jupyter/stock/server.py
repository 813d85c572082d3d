"""wslink's own web server, without a web: its clients come through the link."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextvars import copy_context
from typing import Any

from wslink.backends.generic.core import GenericServer

from wslink_jupyter.stock.containment import Interruptible
from wslink_jupyter.stock.endpoint import StockEndpoint
from wslink_jupyter.stock.handler import TunnelHandler
from wslink_jupyter.stock.tunnel import Tunnel
from wslink_jupyter.transport.endpoint_table import EndpointTable


class TunnelServer(GenericServer):  # type: ignore[misc]  # wslink has no types
    """A stock web server whose clients come through the link.

    Parameters
    ----------
    config : dict
        As wslink makes it.
    loop : asyncio.AbstractEventLoop
        The kernel's main one.
    interruptible : callable
        See `contained`.

    Attributes
    ----------
    endpoint : StockEndpoint
    """

    endpoint: StockEndpoint

    def __init__(
        self,
        config: dict[str, Any],
        loop: asyncio.AbstractEventLoop,
        interruptible: Interruptible,
    ) -> None:
        super().__init__({})
        self._config = config
        self._loop = loop
        self._completion = loop.create_future()
        self._over: asyncio.Future[None] | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        #: What is printed goes to the cell that made the server.
        self._context = copy_context()
        for route, protocol in config.get("ws", {}).items():
            self._websockets[route] = TunnelHandler(protocol, self, loop, interruptible)
        self._handler: TunnelHandler = next(iter(self._websockets.values()))

    def serves(self, protocol: object) -> bool:
        """Return whether it is that protocol's."""
        return self._handler.serverProtocol is protocol

    def serve_as(self, endpoint: StockEndpoint, endpoints: EndpointTable) -> None:
        """Have clients come, through an endpoint."""
        self.endpoint = endpoint
        self._endpoints = endpoints
        endpoints.add(endpoint)

    def attend(self, tunnel: Tunnel) -> None:
        """Serve a client that has come."""
        task = self._loop.create_task(self._handler.attend(tunnel), context=self._context.copy())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def start(self, port_callback: Callable[[int], None] | None = None) -> None:
        """Say that it listens, and wait until it stops; cancelling stops it, too."""
        self._over = self._loop.create_future()
        try:
            if port_callback is not None:
                port_callback(self.get_port())
            await self._stop_event.wait()
        finally:
            self._end()
            self._over.set_result(None)

    async def stop(self) -> None:
        """Close every client, end the endpoint and wait for `start` to return. Idempotent."""
        self._end()
        if self._over is not None and asyncio.get_running_loop() is self._loop:
            await asyncio.wait([self._over])
            # trame notes that its server ended after that; it may be started again at once.
            await asyncio.sleep(0)

    def _end(self) -> None:
        self._endpoints.remove(self.endpoint, "the server stopped")
        self.ended()

    def ended(self) -> None:
        """Note that the endpoint serves no more."""
        self._stop_event.set()
        if not self._completion.done():
            self._completion.set_result(None)

    @property
    def procedures(self) -> list[str]:
        """The names that clients can call."""
        return list(self._handler.functionMap)

    @property
    def static(self) -> dict[str, Any]:
        """Folders that it serves, as they are now."""
        return dict(self._config.get("static") or {})
