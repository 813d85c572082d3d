"""Work of the package itself that runs where procedures run."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextvars import Context
from typing import Any, Generic, TypeVar

from wslink_jupyter.rpc.context import current_call
from wslink_jupyter.rpc.execution import Runner
from wslink_jupyter.rpc.procedure import Turn
from wslink_jupyter.wire.codec import pack
from wslink_jupyter.wire.message import Message

T = TypeVar("T")


class _Errand(Generic[T]):
    """An invocation that nobody called: its value stays here, and is not encoded."""

    session_id = ""
    is_async = False

    def __init__(self, function: Callable[[], T], context: Context, turn: Turn) -> None:
        self.context = context
        self.turn = turn
        self.values: list[T] = []
        self._function = function

    def tell(self, state: str, reason: str) -> None:
        """Nobody waits to be told."""

    def start(self) -> Any:
        """Call the function."""
        self.values.append(self._function())

    def returned(self, value: Any) -> Message:
        """Return an empty reply."""
        return pack(None)

    def ended(self) -> None:
        """Nothing is held for the end."""


async def run_errand(runner: Runner, function: Callable[[], T], context: Context, turn: Turn) -> T:
    """Call `function` where a policy's procedures run; return its value.

    Parameters
    ----------
    runner : callable
        Of the policy; see `wslink_jupyter.rpc.execution`.
    function : callable
        Not ``async``.
    context : contextvars.Context
        Whose copy it is called in: what it prints lands where that says.
    turn : Turn
        Errands of one turn do not overlap in the pool.

    Raises
    ------
    ProgramExit
        If it raises what is no `Exception`.
    Exception
        Whatever else it raises.
    """
    errand = _Errand(function, of_no_call(context), turn)
    await runner(errand)
    return errand.values[0]


def queue_errand(runner: Runner, function: Callable[[], object], context: Context) -> None:
    """Call `function` as `run_errand` does, behind what waits there now; nobody waits for it.

    On the loop from which the runner is used. What `function` raises is lost.
    """
    outcome = asyncio.ensure_future(runner(_Errand(function, of_no_call(context), Turn())))
    outcome.add_done_callback(lambda done: done.cancelled() or done.exception())


def of_no_call(context: Context) -> Context:
    """Return a copy of a context in which nobody's call is being answered."""
    own = context.copy()
    own.run(current_call.set, None)
    return own
