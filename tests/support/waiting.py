"""Waiting for what must come, with a deadline; and coroutines as tests."""

from __future__ import annotations

import asyncio
import functools
import time
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

#: Generous: a deadline only says when a test that hangs has failed.
PATIENCE_S = 20.0
_STEP_S = 0.01


def asynchronous(test: Callable[P, Coroutine[Any, Any, None]]) -> Callable[P, None]:
    """Make a test of a coroutine function, in an event loop of its own."""

    @functools.wraps(test)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        asyncio.run(test(*args, **kwargs))

    return run


async def soon(awaitable: Awaitable[T], timeout_s: float = PATIENCE_S) -> T:
    """Return the value of what must end by itself."""
    async with asyncio.timeout(timeout_s):
        return await awaitable


async def until(
    ask: Callable[[], Any], what: str = "the condition", timeout_s: float = PATIENCE_S
) -> Any:
    """Ask again and again until the answer is true, and return it."""
    deadline_s = time.monotonic() + timeout_s
    while True:
        answer = ask()
        if isinstance(answer, Awaitable):
            answer = await answer
        if answer:
            return answer
        if time.monotonic() > deadline_s:
            raise AssertionError(f"expected {what} within {timeout_s:g} s, got {answer!r}")
        await asyncio.sleep(_STEP_S)
