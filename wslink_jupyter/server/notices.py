"""What the relay tells our own client, as text messages beside the frames.

Only the newest notice matters, so at most one waits for a slow browser.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Awaitable, Callable
from typing import Literal

KernelState = Literal["absent", "ready", "busy", "restarted", "dead"]


def kernel_notice(state: KernelState, epoch: str | None, reason: str = "") -> str:
    """Return the text that tells how the kernel is."""
    return json.dumps({"type": "kernel", "state": state, "epoch": epoch, "reason": reason})


class Notices:
    """Writes the newest notice, one at a time.

    Parameters
    ----------
    write : callable
        Writes a text message; its result is awaited before the next.
    """

    def __init__(self, write: Callable[[str], Awaitable[None]]) -> None:
        self._write = write
        self._newest: str | None = None
        self._changed = asyncio.Event()
        self._written = asyncio.Event()
        self._written.set()

    def tell(self, state: KernelState, epoch: str | None, reason: str = "") -> None:
        """Replace the notice that waits, if any."""
        notice = kernel_notice(state, epoch, reason)
        if notice != self._newest:
            self._newest = notice
            self._written.clear()
            self._changed.set()

    async def flush(self, timeout_s: float = 1.0) -> None:
        """Wait until the newest notice is written, or the time is up."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                await self._written.wait()

    async def run(self) -> None:
        """Write notices until cancelled."""
        while True:
            await self._changed.wait()
            self._changed.clear()
            if self._newest is not None:
                await self._write(self._newest)
            if not self._changed.is_set():
                self._written.set()
