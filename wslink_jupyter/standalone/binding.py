"""Binds a protocol, what it registered, and the functions beside it to an endpoint."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from wslink_jupyter.errors import ServeError
from wslink_jupyter.rpc.endpoint import Endpoint
from wslink_jupyter.rpc.execution import Runner
from wslink_jupyter.rpc.named import procedures_beside
from wslink_jupyter.stock.protocols import StockProtocols


def bind_protocol(
    endpoint: Endpoint,
    run_main: Runner,
    protocol: Any,
    modules_of: Iterable[type],
    stop: Callable[[], object],
) -> None:
    """Let an endpoint serve a protocol: one for all clients.

    Parameters
    ----------
    endpoint : Endpoint
    run_main : callable
        The runner of ``run="main"``.
    protocol : object
        With named methods; perhaps ``linkProtocols``.
    modules_of : iterable of type
        Whose modules' named functions are served, too.
    stop : callable
        Called when a protocol asks for the end of its server.

    Raises
    ------
    ServeError
        If there is nothing that a client could call.
    RegistrationError
        If a name is not valid.
    """
    for number, cls in enumerate(modules_of):
        endpoint.registry.bind(f"functions_{number}", procedures_beside(cls))
    StockProtocols(endpoint, run_main, stop).expose(protocol, "protocol", None, None)
    if not endpoint.registry.procedures():
        raise ServeError(
            f"serve: expected methods named with @Server.expose in {type(protocol).__name__}, "
            "found none"
        )
