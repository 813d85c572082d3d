"""Tells a server of ours how much has come, so that it keeps little on the way."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from wslink_jupyter.limits import KIB, MIB

#: Less needs no receipt: a server has more on the way to everybody.
_LEAST_BYTES = 32 * KIB
_MOST_BYTES = MIB
_PAUSE_S = 0.005


class Receipts:
    """The receipts of one connection.

    Parameters
    ----------
    send : callable
        Sends a receipt for so many bytes since the connection began.

    Attributes
    ----------
    is_wanted : bool
        Whether the server has said that it takes receipts.
    """

    def __init__(self, send: Callable[[int], None]) -> None:
        self.is_wanted = False
        self._send = send
        self._loop = asyncio.get_running_loop()
        self._come_bytes = self._told_bytes = 0
        self._told_s = self._loop.time()
        self._timer: asyncio.TimerHandle | None = None

    def came(self, size_bytes: int) -> None:
        """Note a frame that has come; tell soon, and not of every one."""
        self._come_bytes += size_bytes
        untold_bytes = self._come_bytes - self._told_bytes
        if not self.is_wanted or untold_bytes < _LEAST_BYTES:
            return
        if untold_bytes >= _MOST_BYTES or self._loop.time() - self._told_s >= _PAUSE_S:
            self._tell()
        elif self._timer is None:
            self._timer = self._loop.call_later(_PAUSE_S, self._tell)

    def _tell(self) -> None:
        self.stop()
        self._told_bytes, self._told_s = self._come_bytes, self._loop.time()
        self._send(self._come_bytes)

    def stop(self) -> None:
        """Tell no more of what has come until now."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
