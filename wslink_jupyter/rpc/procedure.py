"""What a client can call: one procedure, and the mark that names it."""

from __future__ import annotations

import asyncio
import inspect
import re
from collections.abc import Callable
from contextvars import Context
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar, get_args

from wslink_jupyter.errors import InvalidParams, RegistrationError

#: Where a procedure runs; see `wslink_jupyter.rpc.execution`.
Policy = Literal["main", "thread", "loop"]
POLICIES: tuple[Policy, ...] = get_args(Policy)
DEFAULT_POLICY: Policy = "main"

#: First part of the names that belong to this package.
RESERVED = "jupyter"

_URI = re.compile(r"[A-Za-z][A-Za-z0-9_]*(?:\.[A-Za-z][A-Za-z0-9_]*)*", re.ASCII)
_MARK = "__wslink_procedure__"

F = TypeVar("F", bound=Callable[..., Any])


def check_uri(uri: object) -> str:
    """Return `uri` if it may name a procedure.

    Raises
    ------
    RegistrationError
        If it is not dotted ASCII words that start with a letter: nothing
        private can have a name.
    """
    if not isinstance(uri, str) or _URI.fullmatch(uri) is None or len(uri) > 255:
        raise RegistrationError(
            f"procedure name: expected words of letters, digits and _ joined by dots, each "
            f"starting with a letter, got {uri!r:.80}"
        )
    return uri


def check_policy(run: object) -> Policy:
    """Return `run` if it is a policy, else raise `RegistrationError`."""
    for policy in POLICIES:
        if run == policy:
            return policy
    raise RegistrationError(f"run: expected one of {', '.join(map(repr, POLICIES))}, got {run!r}")


@dataclass(frozen=True, slots=True)
class Mark:
    """The full name and the policy that `@procedure` gave to a function."""

    uri: str
    run: Policy


def procedure(uri: str, *, run: Policy = DEFAULT_POLICY) -> Callable[[F], F]:
    """Mark a function or method with its full name and execution policy.

    Marking binds nothing: exposing the function, or an instance of the class
    that has the method, does.

    Parameters
    ----------
    uri : str
        Full name, such as ``"math.add"``.
    run : {"main", "thread", "loop"}
        Where it runs.

    Raises
    ------
    RegistrationError
        If the name or the policy is not valid.
    """
    mark = Mark(check_uri(uri), check_policy(run))

    def decorate(function: F) -> F:
        setattr(function, _MARK, mark)
        return function

    return decorate


def mark_of(function: object) -> Mark | None:
    """Return what `@procedure` said of `function`, if anything."""
    mark = getattr(function, _MARK, None)
    return mark if isinstance(mark, Mark) else None


class Turn:
    """The procedures of one exposed object take turns under ``run="thread"``.

    Attributes
    ----------
    lock : asyncio.Lock
        Held, on the link's loop, while a worker thread is inside the object:
        waiting costs no thread.
    """

    __slots__ = ("lock",)

    def __init__(self) -> None:
        self.lock = asyncio.Lock()


@dataclass(frozen=True, slots=True)
class Shape:
    """What there is to know of a function before it is called.

    Attributes
    ----------
    signature : inspect.Signature or None
        None of builtins that have none.
    is_async : bool
        Whether it is an ``async def``.
    positional_counts : range
        Of positional arguments that fit by themselves; empty if that is not
        all there is to say.
    """

    signature: inspect.Signature | None
    is_async: bool
    positional_counts: range

    @classmethod
    def of(cls, function: Callable[..., Any]) -> Shape:
        """Look at a function; takes longer than a short call."""
        try:
            signature = inspect.signature(function)
        except (TypeError, ValueError):
            signature = None
        is_async = inspect.iscoroutinefunction(inspect.unwrap(function))
        return cls(signature, is_async, _positional_counts(signature))


@dataclass(frozen=True, slots=True)
class Procedure:
    """A callable under a name.

    Attributes
    ----------
    uri : str
    find : callable
        Returns the function to call *now*: attributes are looked up late.
    run : {"main", "thread", "loop"}
    context : contextvars.Context
        Of the place that exposed it; each call runs in a copy, so ``print``
        lands in the exposing cell.
    owner : object
        Whose turn a call takes: the object that was exposed, or whose method;
        None takes a turn of its own.
    turn : Turn
        Shared by the procedures of one owner, in all bindings of a registry.
    """

    uri: str
    find: Callable[[], Callable[..., Any]]
    run: Policy
    context: Context
    owner: object = None
    turn: Turn = field(default_factory=Turn)
    #: The function looked at last, and what was seen.
    _seen: list[tuple[object, Shape]] = field(default_factory=list, repr=False, compare=False)

    def shape(self, function: Callable[..., Any]) -> Shape:
        """Return the shape of what `find` returned."""
        plain = getattr(function, "__func__", function)  # a bound method is new each time
        for seen, shape in self._seen:
            if seen is plain:
                return shape
        shape = Shape.of(function)
        self._seen[:] = [(plain, shape)]
        return shape

    def signature_text(self) -> str:
        """Return ``name(parameters) -> result`` for people."""
        try:
            signature = Shape.of(self.find()).signature
            return f"{self.uri}{signature if signature is not None else '(...)'}"
        except Exception as error:  # the attribute's and the defaults' code is the user's
            return f"{self.uri}: {type(error).__name__}: {error}"

    def doc(self) -> str:
        """Return the docstring, or an empty text."""
        try:
            return inspect.getdoc(self.find()) or ""
        except Exception:  # looking the attribute up is user code
            return ""

    def check_arguments(self, shape: Shape, args: Any, kwargs: Any) -> None:
        """Check the arguments against the signature.

        Raises
        ------
        InvalidParams
            If they do not fit; names the expected signature.
        """
        signature = shape.signature
        # Binding takes longer than many a procedure does.
        if signature is None or (not kwargs and len(args) in shape.positional_counts):
            return
        try:
            signature.bind(*args, **kwargs)
        except TypeError as error:
            raise InvalidParams(f"expected {self.uri}{signature}, got: {error}") from error


def _positional_counts(signature: inspect.Signature | None) -> range:
    parameters = list(signature.parameters.values()) if signature is not None else []
    positional = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    if any(parameter.kind not in positional for parameter in parameters):
        return range(0)
    required = sum(parameter.default is inspect.Parameter.empty for parameter in parameters)
    return range(required, len(parameters) + 1)
