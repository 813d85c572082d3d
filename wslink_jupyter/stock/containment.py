"""Procedures of stock software, run so that what they raise never ends more than the call."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any

from wslink_jupyter.rpc.execution import ProgramExit

#: Calls a function so that an interrupt of the kernel ends it, and each step of the
#: coroutine that it may return.
Interruptible = Callable[[Callable[[], Any]], Any]


def contained(function: Callable[..., Any], interruptible: Interruptible) -> Callable[..., Any]:
    """Return a procedure that raises nothing but an `Exception`.

    asyncio lets `SystemExit` and `KeyboardInterrupt` out of a task, through
    its loop, which would end the kernel; a cancelled future that a procedure
    awaits would end the service of its client.

    Parameters
    ----------
    function : callable
    interruptible : callable
    """

    @wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        try:
            result = interruptible(lambda: function(*args, **kwargs))
        except (SystemExit, KeyboardInterrupt, asyncio.CancelledError) as error:
            raise ProgramExit(error) from error
        return _awaited(result) if inspect.isawaitable(result) else result

    return call


async def _awaited(result: Awaitable[Any]) -> Any:
    try:
        return await result
    except (SystemExit, KeyboardInterrupt) as error:
        raise ProgramExit(error) from error
    except asyncio.CancelledError as error:
        task = asyncio.current_task()
        if task is not None and task.cancelling():
            raise  # the server's own end, not the procedure's
        raise ProgramExit(error) from error
