"""Notices a browser that is gone without a word, and nothing else.

Any data counts as life. Time in which *we* did not read, or the loop did not
run, does not count as silence: a slow peer is never cut for it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager

#: A wake-up this late means that the loop stood still, not the peer.
_LATE_S = 1.0


class Heartbeat:
    """Pings one peer and watches for its silence.

    Parameters
    ----------
    ping : callable
        Sends a ping.
    interval_s, timeout_s : float
        The peer is gone when it was silent for the sum of both.
    """

    def __init__(self, ping: Callable[[], None], interval_s: float, timeout_s: float) -> None:
        self._ping = ping
        self._interval_s = interval_s
        self._limit_s = interval_s + timeout_s
        self._loop = asyncio.get_running_loop()
        self._heard_s = self._loop.time()
        self._not_reading = 0

    def heard(self) -> None:
        """Note a sign of life."""
        self._heard_s = self._loop.time()

    @contextmanager
    def not_reading(self) -> Iterator[None]:
        """Stop counting silence while we keep the peer waiting ourselves."""
        self._not_reading += 1
        try:
            yield
        finally:
            self._not_reading -= 1
            self.heard()

    async def until_silent(self) -> float:
        """Ping until the peer is gone; return the seconds of its silence."""
        loop = self._loop
        next_ping_s = loop.time() + self._interval_s
        while True:
            wake_s = min(next_ping_s, self._heard_s + self._limit_s)
            await asyncio.sleep(max(wake_s - loop.time(), 0.01))
            now_s = loop.time()
            if self._not_reading or now_s - wake_s > _LATE_S:
                self.heard()
            silence_s = now_s - self._heard_s
            if silence_s >= self._limit_s:
                return silence_s
            if now_s >= next_ping_s:
                self._ping()
                next_ping_s = now_s + self._interval_s
