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


def name_of(function: object) -> Mark | None:
    """Return what a decorator, ours or stock wslink's, said of `function`, if anything."""
    mark = mark_of(function)
    if mark is not None:
        return mark
    uris = getattr(function, STOCK_URIS, None)
    # Stock serves the first of several only (``protocol.py:164-168``).
    return Mark(uris[0]["uri"], DEFAULT_POLICY) if uris else None


def procedures_of(protocol: object) -> list[Procedure]:
    """Return the procedures of a protocol: the methods that have a name, and no other.

    Raises
    ------
    RegistrationError
        If a name is not valid.
    """
    context = copy_context()
    found = []
    for name, function in inspect.getmembers(type(protocol), inspect.isroutine):
        mark = name_of(function)
        if mark is not None:
            find: Callable[[], Callable[..., Any]] = partial(getattr, protocol, name)
            found.append(Procedure(check_free(mark.uri), find, mark.run, context, protocol))
    return found


def procedures_beside(cls: type) -> list[Procedure]:
    """Return the named functions of the module that defines `cls`. Raises as `procedures_of`."""
    context = copy_context()
    found = []
    for function in list(vars(sys.modules[cls.__module__]).values()):
        mark = name_of(function) if isinstance(function, FunctionType) else None
        if mark is not None:
            find = partial(_itself, function)
            found.append(Procedure(check_free(mark.uri), find, mark.run, context, function))
    return found


def _itself(function: Callable[..., Any]) -> Callable[..., Any]:
    return function
