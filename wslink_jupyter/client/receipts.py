"""Tells a server of ours how much has come, so that it keeps little on the way."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from wslink_jupyter.limits import KIB, MIB

#: So much is told of, though not oftener than every `_PAUSE_S`.
_RECEIPT_BYTES = 32 * KIB
#: So much is told of without a pause: on a fast line, the server waits to send more.
_AT_ONCE_BYTES = 4 * MIB
_PAUSE_S = 0.005


class Receipts:
    """The receipts of one connection.

    Parameters
    ----------
    send : callable
        Sends a receipt for so many bytes since the connection began.
    """

    def __init__(self, send: Callable[[int], None]) -> None:
        self._is_wanted = False
        self._send = send
        self._loop = asyncio.get_running_loop()
        self._received_bytes = self._told_bytes = 0
        self._told_s = self._loop.time()
        self._timer: asyncio.TimerHandle | None = None

    def start(self) -> None:
        """Tell from now on; what came before is counted, too."""
        self._is_wanted = True

    def received(self, size_bytes: int) -> None:
        """Note a frame that has come; tell soon, and not of every one."""
        self._received_bytes += size_bytes
        untold_bytes = self._received_bytes - self._told_bytes
        if not self._is_wanted or untold_bytes < _RECEIPT_BYTES:
            return
        if untold_bytes >= _AT_ONCE_BYTES or self._loop.time() - self._told_s >= _PAUSE_S:
            self._tell()
        elif self._timer is None:
            self._timer = self._loop.call_later(_PAUSE_S, self._tell)

    def _tell(self) -> None:
        self._stop_timer()
        self._told_bytes, self._told_s = self._received_bytes, self._loop.time()
        self._send(self._received_bytes)

    def end(self) -> None:
        """Tell no more."""
        self._is_wanted = False
        self._stop_timer()

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
