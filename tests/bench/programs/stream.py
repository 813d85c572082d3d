"""Publishing as fast as the path takes it, within a window: one logic for all systems."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

TOPIC = "bench.stream"
LATEST_TOPIC = "bench.latest"
SMALL_TOPIC = "bench.small"


class Stream:
    """Publishes while fewer than `window` publications are unacknowledged.

    Driven by its acknowledgements alone, so it needs neither thread nor task
    and is the same wherever they arrive.

    Parameters
    ----------
    publish : callable
        Publishes the next value; called with its number, from 1.
    window : int
    """

    def __init__(self, publish: Callable[[int], None], window: int) -> None:
        self._publish = publish
        self._window = window
        self._acknowledged = 0
        self._published = 0
        self._running = True

    def acknowledge(self, count: int) -> None:
        """Note that `count` publications have arrived in all, and go on."""
        self._acknowledged = max(self._acknowledged, count)
        while self._running and self._published - self._acknowledged < self._window:
            self._published += 1
            self._publish(self._published)

    def stop(self) -> int:
        """Publish no more; return how many were published."""
        self._running = False
        return self._published


async def repeat(publish: Callable[[int], None], rate_hz: float, seconds: float) -> None:
    """Publish at a rate, whoever reads; for systems that publish on their loop."""
    for number in range(round(rate_hz * seconds)):
        publish(number)
        await asyncio.sleep(1 / rate_hz)
