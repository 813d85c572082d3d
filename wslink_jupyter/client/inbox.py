"""What was published for one subscription and has not been taken yet."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Acknowledge = Callable[[], None]


@dataclass(frozen=True, slots=True)
class Arrival:
    """A value; `acknowledge` is to be called when it is dealt with, if there is one.

    That is so of topics of which only the newest value matters: one of those waits
    at most, whose `size_bytes` count for nothing.
    """

    value: Any
    size_bytes: int
    acknowledge: Acknowledge | None = None


class Inbox:
    """The values that wait for one subscription, in order.

    Of those that are acknowledged, at most the newest waits.

    Parameters
    ----------
    on_change : callable
        Called with the bytes by which what waits has grown.
    """

    def __init__(self, on_change: Callable[[int], None]) -> None:
        self._on_change = on_change
        self._waiting: deque[Arrival] = deque()
        #: Of the value that was taken last.
        self._acknowledge: Acknowledge | None = None
        self._arrived = asyncio.Event()
        self._make_end: Callable[[], Exception] | None = None

    def put(self, arrival: Arrival) -> None:
        """Let a value wait."""
        if self._make_end is not None:
            return
        if arrival.acknowledge and self._waiting and (older := self._waiting[-1].acknowledge):
            self._waiting.pop()
            older()
        self._waiting.append(arrival)
        self._on_change(arrival.size_bytes)
        self._arrived.set()

    async def take(self) -> Any:
        """Wait for the next value; whoever comes back for one has dealt with the last.

        Raises
        ------
        Exception
            What `end` was told to, once every value is taken.
        """
        self._done()
        while not self._waiting:
            if self._make_end is not None:
                raise self._make_end()
            self._arrived.clear()
            await self._arrived.wait()
        arrival = self._waiting.popleft()
        self._acknowledge = arrival.acknowledge
        self._on_change(-arrival.size_bytes)
        return arrival.value

    def end(self, make_error: Callable[[], Exception]) -> None:
        """Let `take` raise behind the last value. The first end counts."""
        self._make_end = self._make_end or make_error
        self._arrived.set()

    def close(self) -> None:
        """Forget what waits: nobody is going to take it."""
        self.end(StopAsyncIteration)
        self._done()
        for arrival in self._waiting:
            if arrival.acknowledge is not None:
                arrival.acknowledge()
        self._on_change(-sum(arrival.size_bytes for arrival in self._waiting))
        self._waiting.clear()

    def _done(self) -> None:
        if self._acknowledge is not None:
            self._acknowledge()
            self._acknowledge = None
