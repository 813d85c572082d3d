"""Whole servers of stock wslink, each an endpoint of its kernel."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from typing import Any

from wslink_jupyter.errors import RegistrationError
from wslink_jupyter.limits import Limits
from wslink_jupyter.rpc.binding import snake_case
from wslink_jupyter.stock.containment import Interruptible
from wslink_jupyter.stock.endpoint import StockEndpoint
from wslink_jupyter.stock.recognition import is_trame_server
from wslink_jupyter.stock.server import TunnelServer
from wslink_jupyter.stock.trame import start_here
from wslink_jupyter.transport.endpoint_table import EndpointTable, check_endpoint_name


class StockServers:
    """Makes endpoints of servers.

    Parameters
    ----------
    find_main_loop : callable
        Returns the loop of the kernel's main thread.
    limits : Limits
    endpoints : EndpointTable
    interruptible : callable
        See `wslink_jupyter.stock.containment.contained`.
    """

    def __init__(
        self,
        find_main_loop: Callable[[], asyncio.AbstractEventLoop],
        limits: Limits,
        endpoints: EndpointTable,
        interruptible: Interruptible,
    ) -> None:
        self._find_main_loop = find_main_loop
        self._limits = limits
        self._endpoints = endpoints
        self._interruptible = interruptible

    def serve(self, server: Any, name: str | None = None) -> StockEndpoint:
        """Serve a whole server, as an endpoint from now on. On the main thread.

        Parameters
        ----------
        server : wslink.websocket.ServerProtocol, such a class, or a trame server
            One of trame is started, unless it runs.
        name : str, optional
            Of the endpoint; by default the class's in snake_case. One of trame
            has its own.

        Returns
        -------
        StockEndpoint

        Raises
        ------
        RegistrationError
            If the name is not valid, or a trame server runs elsewhere.
        """
        if is_trame_server(server):
            return self._serve_trame(server.root_server, name)
        if isinstance(server, type):
            server = server()
        return self.open({"ws": {"ws": server}}, name).endpoint

    def _serve_trame(self, server: Any, name: str | None) -> StockEndpoint:
        if name not in (None, server.name):
            raise RegistrationError(
                f"trame: expected no other name than the server's, {server.name!r}, got {name!r}"
            )
        start_here(server)
        web_server = server._server
        if not isinstance(web_server, TunnelServer):
            raise RegistrationError(
                f"trame: expected that {server.name!r} does not run yet, or here; "
                f"run `await server.stop()` first"
            )
        return web_server.endpoint

    def open(self, config: dict[str, Any], name: str | None = None) -> TunnelServer:
        """Serve what a configuration of wslink says, as an endpoint from now on.

        Raises
        ------
        RegistrationError
            If it has no protocol to serve, or one that is served under
            another name, or the name is not valid.
        """
        protocols = list((config.get("ws") or {}).values())
        if len(protocols) != 1:
            raise RegistrationError(
                f"wslink server: expected one WebSocket endpoint, got {len(protocols)}"
            )
        application = getattr(protocols[0], "server", None)  # trame's
        kind = "wslink" if application is None else "trame"
        if name is None:
            own_name = snake_case(type(protocols[0]).__name__)
            name = endpoint_name(getattr(application, "name", own_name))
            if name == self._endpoints.own_name:
                name += "_"
        self._check_free(protocols[0], check_endpoint_name(name))
        server = TunnelServer(config, self._find_main_loop(), self._interruptible)
        endpoint = StockEndpoint(name, kind, server, self._find_main_loop, self._limits)
        server.serve_as(endpoint, self._endpoints)
        return server

    def _check_free(self, protocol: object, name: str) -> None:
        """Raise `RegistrationError` if the protocol is served under another name.

        Its `publish` would reach the clients of the new one alone.
        """
        for endpoint in self._endpoints:
            if not isinstance(endpoint, StockEndpoint) or endpoint.name == name:
                continue
            if endpoint.serves(protocol):
                raise RegistrationError(
                    f"wslink server: expected one that is not served, got that of "
                    f"{endpoint.name!r}; run wl.unexpose({endpoint.name!r}) first"
                )

    def find(self, name: str) -> StockEndpoint | None:
        """Return the stock server's endpoint of that name, if there is one."""
        endpoint = self._endpoints.find(name)
        return endpoint if isinstance(endpoint, StockEndpoint) else None


def endpoint_name(name: str) -> str:
    """Return a name that can be part of a URL; the same for the same, and for no other."""
    quoted = re.sub(r"[^A-Za-z0-9_.-]", lambda found: f"_{ord(found[0]):x}_", name)
    return quoted if quoted[:1].isalnum() else f"_{quoted}"
