"""Where procedures run: one runner per policy.

============  =====================================  =====================
``run=``      where                                  while a cell runs
============  =====================================  =====================
``"main"``    the loop of the kernel's main thread,  queued
              in order
``"thread"``  a pool of worker threads, the          answered
              procedures of one object in turn
``"loop"``    the link's own loop: short calls only  answered
============  =====================================  =====================

``async def`` and procedures that return awaitables work under each.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import inspect
from collections.abc import Awaitable, Callable
from contextvars import Context
from functools import partial
from typing import Any, Protocol

from wslink_jupyter.rpc.procedure import Policy, Turn
from wslink_jupyter.rpc.worker_pool import WorkerPool


class Invocation(Protocol):
    """One call, ready to run: the function with its arguments."""

    @property
    def context(self) -> Context:
        """A context of this call alone."""

    @property
    def turn(self) -> Turn:
        """Shared with the other procedures of the same object."""

    def start(self) -> Any:
        """Call the function; return its value, or an awaitable of it."""

    def returned(self) -> None:
        """Note that the value is there, on the thread that made it."""


Runner = Callable[[Invocation], Awaitable[Any]]
Runners = dict[Policy, Runner]


def is_future(value: object) -> bool:
    """Return whether a value has to be waited for."""
    return inspect.isawaitable(value) or isinstance(value, concurrent.futures.Future)


async def complete(invocation: Invocation) -> Any:
    """Run an invocation on the running loop, whatever kind of function it is."""
    return await finish(invocation, invocation.start())


async def finish(invocation: Invocation, value: Any) -> Any:
    """Wait for what an invocation's `start` returned, as long as it has to be waited for."""
    while is_future(value):
        if isinstance(value, concurrent.futures.Future):
            value = asyncio.wrap_future(value)
        value = await value
    invocation.returned()
    return value


def _complete_in_thread(invocation: Invocation) -> Any:
    value = invocation.start()
    if is_future(value):
        return asyncio.run(finish(invocation, value))
    invocation.returned()
    return value


async def run_on_this_loop(invocation: Invocation) -> Any:
    """``run="loop"``: run here and now, on the loop of the caller."""
    return await asyncio.get_running_loop().create_task(
        complete(invocation), context=invocation.context
    )


def run_on_loop(loop: asyncio.AbstractEventLoop) -> Runner:
    """``run="main"``: run on `loop`, which another thread runs, in order.

    Cancelling the returned awaitable cancels the procedure at its next await.
    """

    async def run(invocation: Invocation) -> Any:
        future = invocation.context.run(
            asyncio.run_coroutine_threadsafe, complete(invocation), loop
        )
        return await asyncio.wrap_future(future)

    return run


def run_in_pool(pool: WorkerPool) -> Runner:
    """``run="thread"``: run in `pool`, one procedure of an object at a time.

    Cancelling gives up waiting; a thread cannot be stopped, so the object
    stays taken until the procedure has returned.
    """

    async def run(invocation: Invocation) -> Any:
        lock = invocation.turn.lock
        await lock.acquire()
        try:
            job = partial(invocation.context.run, _complete_in_thread, invocation)
            future = asyncio.wrap_future(pool.submit(job))
        except BaseException:
            lock.release()
            raise
        future.add_done_callback(lambda _: lock.release())
        return await asyncio.shield(future)

    return run
