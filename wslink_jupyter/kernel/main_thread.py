"""``run="main"``: procedures on the kernel's main thread, interruptible.

ipykernel ignores SIGINT outside a cell (7.4, ``kernelapp.py:600``), so a
handler that runs between cells could not be interrupted without this.
"""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import signal
import threading
from collections.abc import Callable, Coroutine, Generator, Iterator
from contextvars import Context
from types import FrameType
from typing import Any

from wslink_jupyter.rpc.execution import Invocation, Runner, run_on_loop
from wslink_jupyter.rpc.procedure import Turn


class _Interruptible:
    """An invocation that an interrupt ends."""

    def __init__(self, invocation: Invocation) -> None:
        self._invocation = invocation

    @property
    def context(self) -> Context:
        return self._invocation.context

    @property
    def turn(self) -> Turn:
        return self._invocation.turn

    def start(self) -> Any:
        with _interrupts_raise():
            value = self._invocation.start()
        return _InterruptibleSteps(value) if inspect.iscoroutine(value) else value

    def returned(self, value: Any) -> bytes:
        return self._invocation.returned(value)

    def ended(self) -> None:
        self._invocation.ended()


class _InterruptibleSteps:
    """A coroutine, each of whose steps from await to await an interrupt ends."""

    def __init__(self, coroutine: Coroutine[Any, Any, Any]) -> None:
        self._coroutine = coroutine

    def __await__(self) -> Generator[Any, Any, Any]:
        step: Callable[[Any], Any] = self._coroutine.send
        argument: Any = None
        while True:
            try:
                with _interrupts_raise():
                    waited = step(argument)
            except StopIteration as end:
                return end.value
            try:
                argument = yield waited
                step = self._coroutine.send
            except BaseException as error:  # handed on, whatever it is
                step, argument = self._coroutine.throw, error


@contextlib.contextmanager
def _interrupts_raise() -> Iterator[None]:
    """Let SIGINT raise `KeyboardInterrupt` in the block, and never after it."""
    on_main_thread = threading.current_thread() is threading.main_thread()
    if not on_main_thread or signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        yield  # a cell that awaits has its own handler in place
        return
    in_block = True

    def interrupt(signum: int, frame: FrameType | None) -> None:
        if in_block:
            raise KeyboardInterrupt

    signal.signal(signal.SIGINT, interrupt)
    try:
        yield
    finally:
        in_block = False
        signal.signal(signal.SIGINT, signal.SIG_IGN)


def run_on_main_thread(loop: asyncio.AbstractEventLoop) -> Runner:
    """Return the runner of ``run="main"`` for the main thread's `loop`."""
    run = run_on_loop(loop)

    async def run_interruptible(invocation: Invocation) -> bytes:
        return await run(_Interruptible(invocation))

    return run_interruptible
