"""Procedures that decorators named: of a protocol, and of the module that defines it."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable
from contextvars import copy_context
from functools import partial
from types import FunctionType
from typing import Any

from wslink_jupyter.rpc.binding import check_free
from wslink_jupyter.rpc.procedure import DEFAULT_POLICY, Mark, Procedure, mark_of

#: Where stock wslink's ``register`` notes the names (wslink 2.6.0, ``core.py``).
STOCK_URIS = "_wslinkuris"


def names_of(function: object) -> list[Mark]:
    """Return every name that decorators, ours or stock wslink's, gave to `function`.

    Of several, stock serves the first only (2.6.0, ``protocol.py:164-168``).
    """
    uris = [info["uri"] for info in getattr(function, STOCK_URIS, ())]
    names = {uri: Mark(uri, DEFAULT_POLICY) for uri in uris}
    if (mark := mark_of(function)) is not None:
        names[mark.uri] = mark  # it may say where to run, too
    return list(names.values())


def named_methods(protocol: object) -> dict[str, list[Mark]]:
    """Return the methods of a protocol that have names, as its class has them.

    One that a class overrides has the names that are given there.
    """
    methods = {}
    # Looks at what is written: no user's descriptor is asked.
    for method, value in inspect.getmembers_static(type(protocol)):
        function = value.__func__ if isinstance(value, staticmethod | classmethod) else value
        if inspect.isroutine(function) and (names := names_of(function)):
            methods[method] = names
    return methods


def procedures_beside(cls: type) -> list[Procedure]:
    """Return the named functions of the module that defines `cls`.

    Raises
    ------
    RegistrationError
        If a name is not valid.
    """
    context = copy_context()
    found = []
    for function in list(vars(sys.modules[cls.__module__]).values()):
        for name in names_of(function) if isinstance(function, FunctionType) else ():
            find = partial(_itself, function)
            found.append(Procedure(check_free(name.uri), find, name.run, context, function))
    return found


def _itself(function: Callable[..., Any]) -> Callable[..., Any]:
    return function
