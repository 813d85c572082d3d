"""How long it takes to a client and back."""

from __future__ import annotations

import asyncio
from collections.abc import Callable


class RoundTrip:
    """Measures one client's round trip when it is asked, and never otherwise.

    Parameters
    ----------
    send : callable
        Sends a ping with a number, which the client acknowledges at once.

    Attributes
    ----------
    last_s : float or None
        Seconds, as last measured.
    """

    def __init__(self, send: Callable[[int], None]) -> None:
        self._send = send
        self._number = 0
        self._waiting: asyncio.Future[None] | None = None
        self.last_s: float | None = None

    async def measure(self, timeout_s: float) -> None:
        """Ping, and wait for the acknowledgement; keep the last figure if none comes."""
        loop = asyncio.get_running_loop()
        if self._waiting is None:
            self._waiting = loop.create_future()
            self._number += 1
            sent_s = loop.time()
            self._waiting.add_done_callback(lambda _: self._measured(loop.time() - sent_s))
            self._send(self._number)
        await asyncio.wait((self._waiting,), timeout=timeout_s)

    def _measured(self, round_trip_s: float) -> None:
        self.last_s = round_trip_s

    def acknowledged(self, number: int) -> None:
        """Note that the client has the ping of that number."""
        if self._waiting is not None and number == self._number:
            self._waiting.set_result(None)
            self._waiting = None
