"""Quicker answers while a cell of pure Python runs, at a cost to that cell.

Such a cell gives the interpreter up only every `sys.getswitchinterval` (5 ms
by default), for which a call that arrives has to wait. The setting is the
whole process's, so it is shortened only while calls come, and restored.
"""

from __future__ import annotations

import asyncio
import sys
from functools import partial

from wslink_jupyter.rpc.execution import Invocation, Runner
from wslink_jupyter.wire.message import Message

#: Calls come in series, such as those of a moving mouse.
_LINGER_S = 1.0


class SwitchInterval:
    """Shortens the switch interval while calls are answered. Used on one loop.

    Attributes
    ----------
    interval_s : float
        0 leaves the interpreter alone.
    """

    def __init__(self, interval_s: float) -> None:
        self.interval_s = interval_s
        self._calls = 0
        self._changed: tuple[float, float] | None = None
        self._timer: asyncio.TimerHandle | None = None

    def during(self, run: Runner) -> Runner:
        """Return a runner that does what `run` does, sooner."""
        return partial(self._run, run)

    async def _run(self, run: Runner, invocation: Invocation) -> Message:
        if not self.interval_s:
            return await run(invocation)
        self._calls += 1
        self._shorten()
        try:
            return await run(invocation)
        finally:
            self._calls -= 1
            if not self._calls:
                loop = asyncio.get_running_loop()
                self._timer = loop.call_later(_LINGER_S, self.restore)

    def _shorten(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        before_s = sys.getswitchinterval()
        if self._changed is None and before_s > self.interval_s:
            sys.setswitchinterval(self.interval_s)
            self._changed = (before_s, sys.getswitchinterval())

    def restore(self) -> None:
        """Undo, unless somebody else has changed the interval meanwhile. Idempotent."""
        if self._changed is not None:
            before_s, ours_s = self._changed
            self._changed = None
            if sys.getswitchinterval() == ours_s:
                sys.setswitchinterval(before_s)
