"""Frames from the link to who may be slow to take them: urgent ones pass the others.

On a slow line, what the kernel has lent takes seconds. References to it are
small, so it is read on meanwhile, for what is urgent.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable

from wslink_jupyter.limits import KIB
from wslink_jupyter.rpc.queues import OVERHEAD_BYTES
from wslink_jupyter.transport.base import TakeFrame
from wslink_jupyter.wire.header import Buffer

#: No more is read while so much is held: of what goes in order, and of what is urgent.
MAX_HELD_BYTES = 64 * KIB

_Act = Callable[[], Awaitable[None] | None]


class Passing:
    """Hands frames over, in their order but for urgent ones.

    Parameters
    ----------
    take : callable
        Takes an urgent frame.
    fail : callable
        Told what a frame that nobody waits for failed with.

    Notes
    -----
    What the methods return, if anything, has to be awaited before more is read.
    """

    def __init__(self, take: TakeFrame, fail: Callable[[BaseException], None]) -> None:
        self._take = take
        self._fail = fail
        self._waiting: deque[tuple[_Act, int]] = deque()
        self._held_bytes = 0
        #: Takes what goes in order, as long as something waits.
        self._taking: asyncio.Future[None] | None = None
        self._urgent: set[asyncio.Future[None]] = set()
        self._urgent_bytes = 0

    def in_order(self, act: _Act, size_bytes: int) -> Awaitable[None] | None:
        """Hand over with `act` what must not pass anything that came before it.

        Parameters
        ----------
        act : callable
            What it returns, if anything, is awaited before the next.
        size_bytes : int
            What is held until then; `MAX_HELD_BYTES` has to be awaited in any case.

        Raises
        ------
        Exception
            Whatever `act`, or one before it, has failed with; also from the awaitable.
        """
        cost_bytes = size_bytes + OVERHEAD_BYTES
        if self._taking is not None:
            if not self._taking.done():
                self._waiting.append((act, cost_bytes))
                self._held_bytes += cost_bytes
                return None if self._held_bytes < MAX_HELD_BYTES else _done(self._taking)
            self._taking.result()
        pending = act()
        if pending is None or cost_bytes >= MAX_HELD_BYTES:
            return pending
        self._held_bytes = cost_bytes
        self._taking = asyncio.ensure_future(self._take_all(pending, cost_bytes))
        self._taking.add_done_callback(self._taken)
        return None

    async def _take_all(self, first: Awaitable[None], cost_bytes: int) -> None:
        await first
        self._held_bytes -= cost_bytes
        while self._waiting:
            act, cost_bytes = self._waiting.popleft()
            pending = act()
            if pending is not None:
                await pending
            self._held_bytes -= cost_bytes

    def urgent(self, frame: Buffer) -> Awaitable[None] | None:
        """Hand a frame over at once."""
        pending = self._take(frame)
        if pending is None:
            return None
        taking = asyncio.ensure_future(pending)
        cost_bytes = len(frame) + OVERHEAD_BYTES
        self._urgent.add(taking)
        self._urgent_bytes += cost_bytes

        def taken(taking: asyncio.Future[None]) -> None:
            self._urgent.discard(taking)
            self._urgent_bytes -= cost_bytes
            self._taken(taking)

        taking.add_done_callback(taken)
        return taking if self._urgent_bytes >= MAX_HELD_BYTES else None

    def _taken(self, taking: asyncio.Future[None]) -> None:
        error = None if taking.cancelled() else taking.exception()
        if error is not None:
            self._fail(error)

    def stop(self) -> None:
        """Hand nothing over any more, and tell nobody."""
        self._fail = lambda error: None
        self._waiting.clear()
        for taking in (self._taking, *self._urgent):
            if taking is not None:
                # One that was made in this turn has yet to begin with what it awaits.
                taking.get_loop().call_soon(taking.cancel)


async def _done(taking: asyncio.Future[None]) -> None:
    await asyncio.wait((taking,))  # its end is not ours: who reads may be cancelled
    taking.result()
