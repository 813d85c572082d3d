"""From a notebook object to procedures: what `expose` binds, and what never."""

from __future__ import annotations

import functools
import inspect
import re
from collections.abc import Callable, Iterable, Iterator
from contextvars import Context, copy_context
from typing import Any

from wslink_jupyter.errors import RegistrationError
from wslink_jupyter.rpc.procedure import (
    DEFAULT_POLICY,
    RESERVED,
    Mark,
    Policy,
    Procedure,
    check_policy,
    check_uri,
    mark_of,
)


def collect(
    target: Any, name: str | None, run: Policy | None, only: Iterable[str] | None
) -> tuple[str, list[Procedure]]:
    """Return the name of a binding and its procedures.

    Parameters
    ----------
    target : function, bound method or object
        Of an object: its public methods, including inherited ones.
    name : str, optional
        The procedure's name for a callable, the prefix for an object.
        By default the mark's name or ``__name__``; for an object its class
        name in snake_case.
    run : {"main", "thread", "loop"}, optional
        Overrides the marks; ``"main"`` where neither says.
    only : iterable of str, optional
        The methods to bind, instead of all public ones.

    Raises
    ------
    RegistrationError
        If the target has nothing to bind, is a class or module, or a name
        or policy is not valid.
    """
    context = copy_context()
    if run is not None:
        check_policy(run)
    if inspect.isclass(target):
        raise RegistrationError(
            f"expose: expected an object or a function, got the class {target.__name__}; "
            f"expose an instance: expose({target.__name__}(...))"
        )
    if inspect.ismodule(target):
        raise RegistrationError(
            f"expose: expected an object or a function, got the module {target.__name__}"
        )
    if inspect.isroutine(target) or isinstance(target, functools.partial):
        if only is not None:
            raise RegistrationError("expose: expected `only` with an object, got a function")
        return _collect_function(target, name, run, context)
    return _collect_object(target, name, run, only, context)


def _collect_function(
    function: Callable[..., Any], name: str | None, run: Policy | None, context: Context
) -> tuple[str, list[Procedure]]:
    own_name = getattr(function, "__name__", "")
    if own_name.startswith("_"):
        raise RegistrationError(f"expose: expected a public function, got {own_name!r}")
    mark = mark_of(function)
    if name is None:
        name = mark.uri if mark else own_name
    uri = check_free(name)
    policy = run or (mark.run if mark else DEFAULT_POLICY)
    owner = getattr(function, "__self__", function)
    return uri, [Procedure(uri, lambda: function, policy, context, owner)]


def _collect_object(
    target: Any,
    name: str | None,
    run: Policy | None,
    only: Iterable[str] | None,
    context: Context,
) -> tuple[str, list[Procedure]]:
    prefix = check_free(snake_case(type(target).__name__) if name is None else name)
    methods = dict(_public_methods(target))
    if only is not None:
        wanted = [only] if isinstance(only, str) else list(only)
        for method in wanted:
            if method not in methods:
                raise RegistrationError(
                    f"expose: expected `only` to name public methods of "
                    f"{type(target).__name__} ({', '.join(methods) or 'it has none'}), "
                    f"got {method!r}"
                )
        methods = {method: methods[method] for method in wanted}
    if not methods:
        raise RegistrationError(
            f"expose: expected an object with public methods, got {type(target).__name__} without"
        )
    procedures = []
    for method, mark in methods.items():
        uri = check_free(mark.uri) if mark else check_uri(f"{prefix}.{method}")
        policy = run or (mark.run if mark else DEFAULT_POLICY)
        procedures.append(Procedure(uri, _Attribute(target, method), policy, context, target))
    return prefix, procedures


class _Attribute:
    """Looks a method up when it is called, so that a patched one is found."""

    __slots__ = ("_name", "_target")

    def __init__(self, target: Any, name: str) -> None:
        self._target = target
        self._name = name

    def __call__(self) -> Callable[..., Any]:
        function: Callable[..., Any] = getattr(self._target, self._name)
        return function


def _public_methods(target: Any) -> Iterator[tuple[str, Mark | None]]:
    """Yield name and mark of the methods that a user wrote or inherited.

    Looks at classes, not at the instance: no property is evaluated.
    """
    seen: set[str] = set()
    for cls in type(target).__mro__:
        if cls is object:
            continue
        for name, value in vars(cls).items():
            if name in seen:
                continue
            seen.add(name)
            if not name.isascii() or not name[0].isalpha():
                if mark_of(value) is not None:
                    raise RegistrationError(
                        f"expose: expected a public name for a procedure of {cls.__name__}, "
                        f"got {name!r}"
                    )
                continue
            function = value.__func__ if isinstance(value, staticmethod | classmethod) else value
            # A cached property is a routine to `inspect`, but nothing to call.
            if inspect.isroutine(function) and (callable(function) or _is_partial(function)):
                yield name, mark_of(value) or mark_of(function)


def _is_partial(value: object) -> bool:
    return isinstance(value, functools.partialmethod | functools.singledispatchmethod)


def check_free(uri: object) -> str:
    """Return `uri` if it may name a user's procedure or binding.

    Raises
    ------
    RegistrationError
        If it is no name, or reserved.
    """
    checked = check_uri(uri)
    if checked.partition(".")[0] == RESERVED:
        raise RegistrationError(f"procedure name: {RESERVED!r} is reserved, got {checked!r}")
    return checked


def snake_case(name: str) -> str:
    """Return the name of a class as that of a variable."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
