"""What a stock ``LinkProtocol`` binds: every method that ``wslink.register`` named.

Recognised by what it has, so that wslink need not be imported
(wslink 2.6.0, ``protocol.py:147-172`` and ``websocket.py:29-63``).
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from contextvars import copy_context
from functools import partial
from typing import Any

from wslink_jupyter.errors import RegistrationError
from wslink_jupyter.rpc.binding import check_free
from wslink_jupyter.rpc.named import STOCK_URIS, named_methods
from wslink_jupyter.rpc.procedure import DEFAULT_POLICY, Policy, Procedure, check_policy

#: Makes what finds the function that answers calls of a URI from what finds the method.
Guard = Callable[[str, Callable[[], Callable[..., Any]]], Callable[[], Callable[..., Any]]]


def is_link_protocol(target: object) -> bool:
    """Return whether an object is bound as stock wslink would, and not by its public methods."""
    if inspect.isclass(target) or inspect.isroutine(target) or inspect.ismodule(target):
        return False
    if all(_has(target, method) for method in ("init", "getSharedObject", "onConnect", "onClose")):
        return True
    return any(
        hasattr(function, STOCK_URIS)
        for _, function in inspect.getmembers_static(type(target), inspect.isroutine)
    )


def protocols_of(target: Any) -> list[Any]:
    """Return the protocols that `target` has registered, such as the quickstart's, and itself."""
    registered = getattr(target, "linkProtocols", ())
    return [*(each for each in registered if each is not target), target]


def collect_link_protocol(
    protocol: Any,
    run: Policy | None = None,
    only: Iterable[str] | None = None,
    guard: Guard | None = None,
) -> list[Procedure]:
    """Return the procedures of a protocol.

    Parameters
    ----------
    run, only
        See `wslink_jupyter.rpc.binding.collect`.
    guard : callable, optional
        Stands before methods.

    Raises
    ------
    RegistrationError
        If `run` is not ``"main"``: in another thread, what wslink schedules is lost
        (``core.py:33-82``). A method of it that stands a thread can be marked
        with `procedure`. If a name is not valid, or `only` names what it does not have.
    """
    kind = type(protocol).__name__
    if run is not None and check_policy(run) != DEFAULT_POLICY:
        raise RegistrationError(
            f"expose: expected run='main' for {kind}, got {run!r}: what wslink schedules in "
            "another thread is lost. Mark single methods that stand it: "
            f"@wl.procedure('a.name', run={run!r})"
        )
    methods = named_methods(protocol)
    if only is not None:
        wanted = {only} if isinstance(only, str) else set(only)
        if unknown := wanted - methods.keys():
            raise RegistrationError(
                f"expose: expected `only` to name registered methods of {kind} "
                f"({', '.join(methods) or 'it has none'}), got {min(unknown)!r}"
            )
        methods = {method: methods[method] for method in sorted(wanted)}
    context, procedures = copy_context(), []
    for method, names in methods.items():
        find: Callable[[], Callable[..., Any]] = partial(getattr, protocol, method)
        for name in names:
            found = find if guard is None else guard(name.uri, find)
            procedures.append(Procedure(check_free(name.uri), found, name.run, context, protocol))
    return procedures


def _has(target: object, method: str) -> bool:
    return callable(getattr(type(target), method, None))
