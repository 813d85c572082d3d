"""Quicker answers while a cell of pure Python runs, at a cost to that cell.

Such a cell gives the interpreter up only every `sys.getswitchinterval` (5 ms
by default), for which a call that arrives has to wait. The setting is the
whole process's, so it is shortened only while calls come, and restored.
"""

from __future__ import annotations

import asyncio
import sys

#: Calls come in series, such as those of a moving mouse.
_LINGER_S = 1.0


class SwitchInterval:
    """Shortens the switch interval while calls come. Used on one loop.

    Attributes
    ----------
    interval_s : float
        0 leaves the interpreter alone.
    """

    def __init__(self, interval_s: float) -> None:
        self.interval_s = interval_s
        self._last_call_s = 0.0
        self._changed: tuple[float, float] | None = None

    def call_came(self) -> None:
        """Shorten the interval, until no call has come for a second."""
        if not self.interval_s:
            return
        loop = asyncio.get_running_loop()
        self._last_call_s = loop.time()
        before_s = sys.getswitchinterval()
        if self._changed is None and before_s > self.interval_s:
            sys.setswitchinterval(self.interval_s)
            self._changed = (before_s, sys.getswitchinterval())
            loop.call_later(_LINGER_S, self._restore_when_quiet, loop)

    def _restore_when_quiet(self, loop: asyncio.AbstractEventLoop) -> None:
        quiet_s = loop.time() - self._last_call_s
        if quiet_s >= _LINGER_S:
            self.restore()
        else:
            loop.call_later(_LINGER_S - quiet_s, self._restore_when_quiet, loop)

    def restore(self) -> None:
        """Undo, unless somebody else has changed the interval meanwhile. Idempotent."""
        if self._changed is not None:
            before_s, ours_s = self._changed
            self._changed = None
            if sys.getswitchinterval() == ours_s:
                sys.setswitchinterval(before_s)
