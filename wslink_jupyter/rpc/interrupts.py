"""Procedures on the kernel's main thread can be interrupted.

ipykernel ignores SIGINT outside a cell (7.4, ``kernelapp.py:600``), so a
handler that runs between cells could not be interrupted without this.
"""

from __future__ import annotations

import inspect
import signal
import threading
from collections.abc import Callable, Coroutine, Generator
from contextvars import Context
from types import FrameType
from typing import Any

from wslink_jupyter.rpc.execution import Invocation
from wslink_jupyter.rpc.procedure import Turn
from wslink_jupyter.wire.message import Message


class Interruptible:
    """An invocation that an interrupt ends; see `Invocation`."""

    def __init__(self, invocation: Invocation) -> None:
        self._invocation = invocation

    @property
    def context(self) -> Context:
        """A context of this call alone."""
        return self._invocation.context

    @property
    def turn(self) -> Turn:
        """Shared with the other procedures of the same object."""
        return self._invocation.turn

    @property
    def session_id(self) -> str:
        """Whose call it is."""
        return self._invocation.session_id

    @property
    def is_async(self) -> bool:
        """Whether the function is known to await."""
        return self._invocation.is_async

    def tell(self, state: str, reason: str) -> None:
        """Tell the caller what becomes of a call that has to wait."""
        self._invocation.tell(state, reason)

    def start(self) -> Any:
        """Call the function; an interrupt raises `KeyboardInterrupt` in it."""
        return call_interruptible(self._invocation.start)

    def returned(self, value: Any) -> Message:
        """Take the value."""
        return self._invocation.returned(value)

    def ended(self) -> None:
        """Note that the procedure has returned or raised."""
        self._invocation.ended()


def call_interruptible(function: Callable[[], Any]) -> Any:
    """Call a function; an interrupt raises `KeyboardInterrupt` in it, or in its coroutine."""
    value = _call(function)
    return _InterruptibleSteps(value) if inspect.iscoroutine(value) else value


class _InterruptibleSteps:
    """A coroutine, each of whose steps from await to await an interrupt ends."""

    def __init__(self, coroutine: Coroutine[Any, Any, Any]) -> None:
        self._coroutine = coroutine

    def __await__(self) -> Generator[Any, Any, Any]:
        step: Callable[[Any], Any] = self._coroutine.send
        argument: Any = None
        while True:
            try:
                waited = _call(step, argument)
            except StopIteration as end:
                return end.value
            try:
                argument = yield waited
                step = self._coroutine.send
            except BaseException as error:  # handed on, whatever it is
                step, argument = self._coroutine.throw, error


def _call(function: Callable[..., Any], *args: Any) -> Any:
    """Call a function; SIGINT raises `KeyboardInterrupt` in it, and nowhere else."""
    on_main_thread = threading.current_thread() is threading.main_thread()
    if not on_main_thread or signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        return function(*args)  # a cell that awaits has its own handler in place
    raises = False

    def interrupt(signum: int, frame: FrameType | None) -> None:
        if raises:
            raise KeyboardInterrupt

    signal.signal(signal.SIGINT, interrupt)
    # In this one frame, so that whatever interrupts, the handler is taken back.
    try:
        raises = True
        return function(*args)
    finally:
        raises = False
        signal.signal(signal.SIGINT, signal.SIG_IGN)
