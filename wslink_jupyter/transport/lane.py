"""One direction of a transport inside one loop: a bounded queue that ends."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable

from wslink_jupyter.errors import ConnectionClosed
from wslink_jupyter.wire.header import Buffer


class Lane:
    """Frames on their way, and how the lane ended.

    Parameters
    ----------
    high_water_bytes : int
        Who puts has to wait while this much is held; 1 holds one frame at a time.
    """

    def __init__(self, high_water_bytes: int) -> None:
        self._high_water_bytes = high_water_bytes
        self._frames: deque[Buffer] = deque()
        self._held_bytes = 0
        self._ended: tuple[int, str] | None = None
        self._changed = asyncio.Event()

    @property
    def ended(self) -> tuple[int, str] | None:
        """Code and reason, if the lane takes no more."""
        return self._ended

    @property
    def holds_frames(self) -> bool:
        """Whether `get` would return at once."""
        return bool(self._frames)

    def put(self, frame: Buffer) -> Awaitable[None] | None:
        """Add a frame; return what to wait for before the next, if anything.

        Raises
        ------
        ConnectionClosed
            If the lane has ended; also from the awaitable.
        """
        if self._ended:
            raise ConnectionClosed(*self._ended)
        self._frames.append(frame)
        self._held_bytes += len(frame)
        self._changed.set()
        return self._until_room() if self._held_bytes >= self._high_water_bytes else None

    async def _until_room(self) -> None:
        await self._until(lambda: self._held_bytes < self._high_water_bytes or self._ended)
        if self._ended:
            raise ConnectionClosed(*self._ended)

    async def get(self) -> Buffer:
        """Take the next frame; waits for it.

        Raises
        ------
        ConnectionClosed
            If the lane has ended and is empty.
        """
        await self._until(lambda: self._frames or self._ended)
        if not self._frames:
            raise ConnectionClosed(*(self._ended or ()))
        frame = self._frames.popleft()
        self._held_bytes -= len(frame)
        self._changed.set()
        return frame

    def end(self, code: int, reason: str, *, lose: bool) -> None:
        """Take no more; `lose` what is held. The first end counts."""
        if self._ended is not None:
            return
        self._ended = (code, reason)
        if lose:
            self._frames.clear()
            self._held_bytes = 0
        self._changed.set()

    async def _until(self, is_true: Callable[[], object]) -> None:
        # One reader and one writer share the event: each looks again.
        while not is_true():
            self._changed.clear()
            await self._changed.wait()
