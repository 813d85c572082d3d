"""Binds a protocol, what it registered, and the functions beside it to an endpoint."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from contextvars import copy_context
from functools import partial
from types import FunctionType
from typing import Any

from wslink_jupyter.errors import ServeError
from wslink_jupyter.rpc.binding import check_free
from wslink_jupyter.rpc.endpoint import Endpoint
from wslink_jupyter.rpc.execution import Runner
from wslink_jupyter.rpc.procedure import Procedure, mark_of
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
        endpoint.registry.bind(f"functions_{number}", _procedures_beside(cls))
    StockProtocols(endpoint, run_main, stop).expose(protocol, "protocol", None, None)
    if not endpoint.registry.procedures():
        raise ServeError(
            f"serve: expected methods named with @Server.expose in {type(protocol).__name__}, "
            "found none"
        )


def _procedures_beside(cls: type) -> list[Procedure]:
    """Return the named functions of the module that defines `cls`."""
    context = copy_context()
    functions = (each for each in vars(sys.modules[cls.__module__]).values())
    marked = [(each, mark_of(each)) for each in functions if isinstance(each, FunctionType)]
    return [
        Procedure(check_free(mark.uri), partial(_itself, function), mark.run, context, function)
        for function, mark in marked
        if mark is not None
    ]


def _itself(function: Callable[..., Any]) -> Callable[..., Any]:
    return function
