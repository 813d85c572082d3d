"""Frames from the link to who may be slow to take them: urgent ones pass lent ones.

On a slow line, what the kernel has lent takes seconds. References to it are
small, so it is read on meanwhile, for what is urgent.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable

from wslink_jupyter.errors import LinkError
from wslink_jupyter.limits import KIB
from wslink_jupyter.transport.base import TakeFrame
from wslink_jupyter.wire.header import Buffer

#: Lent frames that may wait: more than a lender's window holds.
_MAX_WAITING = 1024
#: Urgent bytes that may be on their way before no more is read.
_MAX_URGENT_BYTES = 64 * KIB


class Passing:
    """Hands frames over, in their order but for urgent ones.

    Parameters
    ----------
    take : callable
        Takes a frame.
    take_lent : callable
        Takes the payload of a SHARED message.
    fail : callable
        Told what a frame that nobody waits for failed with.

    Notes
    -----
    What the methods return, if anything, has to be awaited before more is read.
    """

    def __init__(
        self,
        take: TakeFrame,
        take_lent: TakeFrame,
        fail: Callable[[Exception], None],
    ) -> None:
        self._take = take
        self._take_lent = take_lent
        self._fail = fail
        self._waiting: deque[Buffer] = deque()
        #: The lent frame that is being taken.
        self._taking: asyncio.Future[None] | None = None
        self._all_taken: asyncio.Future[None] | None = None
        self._urgent: set[asyncio.Future[None]] = set()
        self._urgent_bytes = 0

    def lent(self, payload: Buffer) -> None:
        """Hand a lent frame over, when those before it are taken.

        Raises
        ------
        LinkError
            If the peer lends without end.
        """
        if self._taking is None:
            self._is_done_with(payload)
        elif len(self._waiting) < _MAX_WAITING:
            self._waiting.append(payload)
        else:
            raise LinkError(f"link: expected at most {_MAX_WAITING} SHARED that wait, got more")

    def _is_done_with(self, payload: Buffer) -> bool:
        """Hand a lent frame over; return whether it was taken at once."""
        pending = self._take_lent(payload)
        if pending is None:
            return True
        self._taking = asyncio.ensure_future(pending)
        self._taking.add_done_callback(self._taken)
        return False

    def _taken(self, taking: asyncio.Future[None]) -> None:
        if taking.cancelled():
            return
        self._taking = None
        try:
            taking.result()
            while self._waiting:
                if not self._is_done_with(self._waiting.popleft()):
                    return
        except Exception as error:
            self._fail(error)
        if self._all_taken is not None and not self._all_taken.done():
            self._all_taken.set_result(None)

    def in_order(self, act: Callable[[], Awaitable[None] | None]) -> Awaitable[None] | None:
        """Do what has to be done behind all lent frames."""
        return act() if self._taking is None else self._when_taken(act)

    async def _when_taken(self, act: Callable[[], Awaitable[None] | None]) -> None:
        self._all_taken = asyncio.get_running_loop().create_future()
        await self._all_taken
        pending = act()
        if pending is not None:
            await pending

    def urgent(self, frame: Buffer) -> Awaitable[None] | None:
        """Hand a frame over at once."""
        pending = self._take(frame)
        if pending is None:
            return None
        taking = asyncio.ensure_future(pending)
        self._urgent.add(taking)
        self._urgent_bytes += len(frame)

        def taken(taking: asyncio.Future[None]) -> None:
            self._urgent.discard(taking)
            self._urgent_bytes -= len(frame)
            error = None if taking.cancelled() else taking.exception()
            if isinstance(error, Exception):
                self._fail(error)

        taking.add_done_callback(taken)
        return taking if self._urgent_bytes >= _MAX_URGENT_BYTES else None

    def stop(self) -> None:
        """Hand nothing over any more."""
        self._waiting.clear()
        for taking in (self._taking, *self._urgent):
            if taking is not None:
                taking.cancel()
