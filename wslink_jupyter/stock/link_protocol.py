"""What a stock ``LinkProtocol`` binds: every method that ``wslink.register`` named.

Recognised by what it has, so that wslink need not be imported
(wslink 2.6.0, ``protocol.py:147-172`` and ``websocket.py:29-63``).
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator
from contextvars import Context, copy_context
from functools import partial
from typing import Any

from wslink_jupyter.errors import RegistrationError
from wslink_jupyter.rpc.binding import check_free, snake_case
from wslink_jupyter.rpc.procedure import DEFAULT_POLICY, Policy, Procedure, check_policy, mark_of

#: What wslink's ``register`` leaves on a function.
_URIS = "_wslinkuris"
_LINK_PROTOCOL = ("init", "getSharedObject", "onConnect", "onClose")
_SERVER_PROTOCOL = ("init", "registerLinkProtocol", "getLinkProtocols")

#: Makes the function that answers calls of a URI from the one that finds the method.
Guard = Callable[[str, Callable[[], Callable[..., Any]]], Callable[[], Callable[..., Any]]]


def is_link_protocol(target: object) -> bool:
    """Return whether an object is bound as stock wslink would, and not by its public methods."""
    if inspect.isclass(target) or inspect.isroutine(target) or inspect.ismodule(target):
        return False
    return _has(target, _LINK_PROTOCOL) or any(
        hasattr(function, _URIS) for _, function in _functions(target)
    )


def collect_link_protocol(
    target: Any,
    name: str | None,
    run: Policy | None,
    only: Iterable[str] | None,
    guard: Guard | None = None,
) -> tuple[str, list[Procedure]]:
    """Return the name of a binding and its procedures; see `wslink_jupyter.rpc.binding.collect`.

    Parameters
    ----------
    guard : callable, optional
        Stands before methods.

    Raises
    ------
    RegistrationError
        If `run` is not ``"main"``: in another thread, what wslink schedules is lost
        (``core.py:33-82``). A method of it that stands a thread can be marked
        with `procedure`. If it is a whole ``ServerProtocol``, a name is not valid, or
        `only` names what it does not have.
    """
    kind = type(target).__name__
    if _has(target, _SERVER_PROTOCOL):
        raise RegistrationError(
            f"expose: expected a LinkProtocol, got the whole server {kind}, which is an endpoint "
            "of its own: show it, wl.show(server), or expose its LinkProtocols one by one"
        )
    if run is not None and check_policy(run) != DEFAULT_POLICY:
        raise RegistrationError(
            f"expose: expected run='main' for {kind}, got {run!r}: what wslink schedules in "
            "another thread is lost. Mark single methods that stand it: "
            f"@wl.procedure('a.name', run={run!r})"
        )
    prefix = check_free(snake_case(kind) if name is None else name)
    context = copy_context()
    procedures = {
        method: list(_procedures(target, method, function, context, guard))
        for method, function in _functions(target)
    }
    procedures = {method: made for method, made in procedures.items() if made}
    if only is not None:
        wanted = {only} if isinstance(only, str) else set(only)
        if unknown := wanted - procedures.keys():
            raise RegistrationError(
                f"expose: expected `only` to name registered methods of {kind} "
                f"({', '.join(procedures) or 'it has none'}), got {min(unknown)!r}"
            )
        procedures = {method: procedures[method] for method in sorted(wanted)}
    return prefix, [procedure for made in procedures.values() for procedure in made]


def _procedures(
    target: object,
    method: str,
    function: object,
    context: Context,
    guard: Guard | None,
) -> Iterator[Procedure]:
    """Yield a procedure for every name that a method was given.

    Of several, stock wslink serves one.
    """
    find: Callable[[], Callable[..., Any]] = partial(getattr, target, method)
    for info in getattr(function, _URIS, ()):
        uri = check_free(info["uri"])
        guarded = find if guard is None else guard(uri, find)
        yield Procedure(uri, guarded, DEFAULT_POLICY, context, target)
    if (mark := mark_of(function)) is not None:
        yield Procedure(check_free(mark.uri), find, mark.run, context, target)


def _functions(target: object) -> list[tuple[str, Any]]:
    return inspect.getmembers(type(target), inspect.isroutine)


def _has(target: object, methods: Iterable[str]) -> bool:
    return all(callable(getattr(type(target), method, None)) for method in methods)
