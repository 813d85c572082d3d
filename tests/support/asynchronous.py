"""Coroutines as tests, and what they must not leave behind."""

from __future__ import annotations

import asyncio
import functools
import threading
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

_TIMEOUT_S = 30.0
_DESCRIPTORS = Path("/proc/self/fd")


def async_test(test: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., None]:
    """Run a coroutine function as a test, in a loop of its own.

    Fails if it leaves a task, or takes longer than anything here may;
    ``tests/conftest.py`` looks after threads and sockets.
    """

    @functools.wraps(test)
    def run(*args: Any, **kwargs: Any) -> None:
        asyncio.run(_watched(test(*args, **kwargs)))

    run.is_async_test = True  # type: ignore[attr-defined]
    return run


async def _watched(test: Coroutine[Any, Any, None]) -> None:
    async with asyncio.timeout(_TIMEOUT_S):
        await test
    await turns(20)  # for tasks that were cancelled to end
    left = asyncio.all_tasks() - {asyncio.current_task()}
    assert not left, f"tasks left behind: {left}"


async def turns(count: int) -> None:
    """Let the loop turn: everything that is ready runs."""
    for _ in range(count):
        await asyncio.sleep(0)


async def until(is_true: Callable[[], object]) -> None:
    """Wait for what no event tells, such as a counter; the test's timeout bounds it."""
    while True:
        if is_true():
            return
        await asyncio.sleep(0.001)


def open_sockets() -> set[str]:
    """Return the sockets of this process; the empty set where it cannot be told."""
    found = set()
    for descriptor in _DESCRIPTORS.iterdir() if _DESCRIPTORS.is_dir() else ():
        try:
            name = str(descriptor.readlink())
        except OSError:
            continue  # closed meanwhile, such as the one that lists
        if name.startswith("socket:"):
            found.add(name)
    return found


def own_threads() -> list[threading.Thread]:
    """Return the live threads of the package."""
    return [thread for thread in threading.enumerate() if thread.name.startswith("wslink")]
