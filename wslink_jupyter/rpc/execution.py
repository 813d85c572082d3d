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
import threading
from collections.abc import Awaitable, Callable
from contextvars import Context
from functools import partial
from typing import Any, Protocol

from wslink_jupyter.rpc.procedure import Policy, Turn
from wslink_jupyter.rpc.worker_pool import WorkerPool
from wslink_jupyter.wire.message import Message


class Invocation(Protocol):
    """One call, ready to run: the function with its arguments."""

    @property
    def context(self) -> Context:
        """A context of this call alone."""

    @property
    def turn(self) -> Turn:
        """Shared with the other procedures of the same object."""

    @property
    def session_id(self) -> str:
        """Whose call it is."""

    @property
    def is_async(self) -> bool:
        """Whether the function is known to await."""

    def tell(self, state: str, reason: str) -> None:
        """Tell the caller what becomes of a call that has to wait. From every thread."""

    def start(self) -> Any:
        """Call the function; return its value, or an awaitable of it."""

    def returned(self, value: Any) -> Message:
        """Take the value, on the thread that made it; return the encoded reply."""

    def ended(self) -> None:
        """Note, on the procedure's thread, that it has returned or raised. Idempotent."""


Runner = Callable[[Invocation], Awaitable[Message]]
Runners = dict[Policy, Runner]


#: Types of most results.
_PLAIN = frozenset({type(None), bool, int, float, str, bytes, list, dict, tuple})


class ProgramExit(Exception):
    """A procedure raised what is no `Exception`, such as `SystemExit`.

    asyncio lets those out of a task, through its loop: one would end the
    kernel. `error` is what was raised.
    """

    def __init__(self, error: BaseException) -> None:
        super().__init__(error)
        self.error = error


def is_future(value: object) -> bool:
    """Return whether a value has to be waited for."""
    if type(value) in _PLAIN:
        return False  # quicker than to look for methods
    return inspect.isawaitable(value) or isinstance(value, concurrent.futures.Future)


async def complete(invocation: Invocation) -> Message:
    """Run an invocation on the running loop, whatever kind of function it is.

    Raises
    ------
    ProgramExit
        If the procedure raises what is neither an `Exception` nor a
        cancellation.
    Exception
        Whatever else the procedure raises.
    """
    try:
        return await settle(invocation, start(invocation))
    finally:
        invocation.ended()


def start(invocation: Invocation) -> Any:
    """Call an invocation's function, with what asyncio cannot take made into what it can.

    Raises as `complete`.
    """
    try:
        return invocation.start()
    except StopIteration as error:
        # No future takes one: it would look like the end of a coroutine.
        raise RuntimeError("the procedure raised StopIteration") from error
    except (Exception, asyncio.CancelledError):
        raise
    except BaseException as error:
        raise ProgramExit(error) from error


async def settle(invocation: Invocation, value: Any) -> Message:
    """Wait for what `start` returned, as long as it has to be waited for."""
    try:
        while is_future(value):
            if isinstance(value, concurrent.futures.Future):
                value = asyncio.wrap_future(value)
            value = await value
        return invocation.returned(value)
    except (SystemExit, KeyboardInterrupt) as error:
        raise ProgramExit(error) from error
    finally:
        invocation.ended()  # before the loop takes its next turn


def run_at_once(invocation: Invocation) -> Message | Awaitable[Message]:
    """``run="loop"``: call a function on this loop; return its reply, or an awaitable of it.

    Raises as `complete`.
    """
    context = invocation.context
    try:
        value = context.run(start, invocation)
        if is_future(value):
            rest = settle(invocation, value)
            return asyncio.get_running_loop().create_task(rest, context=context)
        return context.run(invocation.returned, value)
    finally:
        invocation.ended()


def run_on_this_loop(invocation: Invocation) -> asyncio.Task[Message]:
    """``run="loop"``: run in the next turn of the caller's loop."""
    return asyncio.get_running_loop().create_task(complete(invocation), context=invocation.context)


class _ThreadJob:
    """One invocation in a worker thread, and how to stop what can be stopped."""

    def __init__(self, invocation: Invocation) -> None:
        self._invocation = invocation
        self._lock = threading.Lock()
        self._cancel: Callable[[], object] | None = None
        self._cancelled = False

    def run(self) -> Message:
        try:
            value = start(self._invocation)
            if not is_future(value):
                return self._invocation.returned(value)
            return asyncio.run(self._await(value))
        finally:
            self._invocation.ended()

    async def _await(self, value: Any) -> Message:
        loop, task = asyncio.get_running_loop(), asyncio.current_task()
        assert task is not None  # we are in one
        with self._lock:
            self._cancel = partial(loop.call_soon_threadsafe, task.cancel)
            if self._cancelled:
                task.cancel()
        try:
            return await settle(self._invocation, value)
        finally:
            with self._lock:
                self._cancel = None

    def cancel(self) -> None:
        """Cancel an ``async def`` at its next await; nothing stops other code."""
        with self._lock:
            self._cancelled = True
            if self._cancel is not None:
                self._cancel()


def _release(lock: asyncio.Lock, done: asyncio.Future[Message]) -> None:
    lock.release()
    if not done.cancelled():
        done.exception()  # seen: who waited may have given up


def run_in_pool(pool: WorkerPool) -> Runner:
    """``run="thread"``: run in `pool`, one procedure of an object at a time.

    Cancelling drops a call that has not begun and cancels an ``async def``; a
    thread cannot be stopped otherwise, so the object stays taken until the
    procedure has returned.
    """

    async def run(invocation: Invocation) -> Message:
        lock = invocation.turn.lock
        await lock.acquire()
        job = _ThreadJob(invocation)
        try:
            running = pool.submit(partial(invocation.context.run, job.run))
        except BaseException:
            lock.release()
            raise
        future = asyncio.wrap_future(running)
        future.add_done_callback(partial(_release, lock))
        try:
            return await asyncio.shield(future)
        except asyncio.CancelledError:
            running.cancel()
            job.cancel()
            raise

    return run
