"""``run="main"``: procedures on the kernel's main thread, interruptible.

ipykernel ignores SIGINT outside a cell (7.4, ``kernelapp.py:600``), so a
handler that runs between cells could not be interrupted without this.
"""

from __future__ import annotations

import asyncio
import signal
import threading
from contextvars import Context
from types import FrameType
from typing import Any

from wslink_jupyter.errors import CallCancelled
from wslink_jupyter.rpc.execution import Invocation, Runner, run_on_loop
from wslink_jupyter.rpc.procedure import Turn


class _Interruptible:
    """An invocation whose synchronous part an interrupt ends."""

    def __init__(self, invocation: Invocation) -> None:
        self._invocation = invocation
        self._running = False

    @property
    def context(self) -> Context:
        return self._invocation.context

    @property
    def turn(self) -> Turn:
        return self._invocation.turn

    def start(self) -> Any:
        on_main_thread = threading.current_thread() is threading.main_thread()
        if not on_main_thread or signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
            return self._start()  # a cell that awaits has its own handler in place
        signal.signal(signal.SIGINT, self._interrupt)
        try:
            return self._start()
        finally:
            signal.signal(signal.SIGINT, signal.SIG_IGN)

    def _start(self) -> Any:
        try:
            self._running = True
            value = self._invocation.start()
            self._running = False
        except KeyboardInterrupt:
            # Must not reach the loop's task: that would end the kernel's loop.
            raise CallCancelled("interrupted: the kernel was interrupted") from None
        finally:
            self._running = False
        return value

    def _interrupt(self, signum: int, frame: FrameType | None) -> None:
        if self._running:
            raise KeyboardInterrupt

    def returned(self) -> None:
        self._invocation.returned()


def run_on_main_thread(loop: asyncio.AbstractEventLoop) -> Runner:
    """Return the runner of ``run="main"`` for the main thread's `loop`."""
    run = run_on_loop(loop)

    async def run_interruptible(invocation: Invocation) -> Any:
        return await run(_Interruptible(invocation))

    return run_interruptible
