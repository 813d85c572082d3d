"""How much may be on its way to one client: what it takes in a little while.

On a slow line, megabytes would else lie in the buffers of proxies, and what is
urgent behind them. The client says how much has come, in receipts; its speed and
the line's own delay follow from them. The delay that we add is bounded, as with
LEDBAT (RFC 6817), but found from the rate and not by small steps. Who lends memory
learns the speed of a borrower in the same way, from what is returned.
"""

from __future__ import annotations

from collections.abc import Callable

from wslink_jupyter.limits import KIB, MIB

#: Of a client that we know nothing of yet.
_FIRST_BYTES = 256 * KIB
#: More than a client may keep without a receipt (32 KiB), so that nobody waits for ever.
_LEAST_BYTES = 64 * KIB
#: More than any line here needs to be full.
_MOST_BYTES = 16 * MIB
_LEAST_CHUNK_BYTES, _MOST_CHUNK_BYTES = 16 * KIB, MIB
#: How long what we have on the way may delay what comes behind it, if it is so much at most ...
_DELAY_S = 0.1
_QUEUE_BYTES = 2 * MIB
#: ... and on a line on which more takes no longer than this. A client of the same machine
#: reads much faster what it finds in its buffers than what it is woken for.
_FAST_DELAY_S = 0.01


class FlowWindow:
    """Bounds what was sent and has not come, by what receipts say.

    Parameters
    ----------
    clock : callable
        Returns monotonic seconds.
    first_bytes : int
        The window of who is not known yet.

    Attributes
    ----------
    window_bytes : int
    received_bytes : int
        Since the connection began.

    Notes
    -----
    It measures in rounds: from a chunk that is sent until it has come. What came
    meanwhile tells the rate `r`, if all was on the way that was allowed; with a least
    delay `m`, that allows ``r * m``, which fills the line, and a queue by which it
    grows until it is full: ``r * 0.1 s`` up to 2 MiB, or ``r * 0.01 s`` if that is more.
    """

    def __init__(self, clock: Callable[[], float], first_bytes: int = _FIRST_BYTES) -> None:
        self._clock = clock
        self.window_bytes = first_bytes
        self._sent_bytes = self.received_bytes = 0
        self._least_s = float("inf")
        self._is_limited = False
        #: Of the round: when it began, what had come then, and what ends it.
        self._began_s = 0.0
        self._began_bytes = 0
        self._ends_bytes: int | None = None

    @property
    def chunk_bytes(self) -> int:
        """How large a chunk should be, so that little is in front of what is urgent."""
        return min(max(self.window_bytes // 4, _LEAST_CHUNK_BYTES), _MOST_CHUNK_BYTES)

    def has_room(self) -> bool:
        """Return whether more may be sent; that there was no room tells the rate of the line."""
        if self._sent_bytes - self.received_bytes < self.window_bytes:
            return True
        self._is_limited = True
        return False

    def sent(self, total_bytes: int) -> None:
        """Note what has been sent since the connection began."""
        self._sent_bytes = total_bytes
        if self._ends_bytes is None:
            self._began_s, self._began_bytes = self._clock(), self.received_bytes
            self._ends_bytes = total_bytes
            self._is_limited = False

    def received(self, total_bytes: object) -> None:
        """Take a receipt: what has come since the connection began.

        One that says less than was said before, or more than was sent, says nothing.
        """
        if type(total_bytes) is not int:
            return
        if not self.received_bytes < total_bytes <= self._sent_bytes:
            return
        self.received_bytes = total_bytes
        if self._ends_bytes is not None and total_bytes >= self._ends_bytes:
            self._measure()
            self._ends_bytes = None  # the next chunk begins the next round

    def _measure(self) -> None:
        delay_s = max(self._clock() - self._began_s, 1e-6)
        self._least_s = min(self._least_s, delay_s)
        if self._is_limited:
            rate = (self.received_bytes - self._began_bytes) / delay_s
            queue_bytes = max(min(rate * _DELAY_S, _QUEUE_BYTES), rate * _FAST_DELAY_S)
            allowed_bytes = int(rate * self._least_s + queue_bytes)
            self.window_bytes = min(max(allowed_bytes, _LEAST_BYTES), _MOST_BYTES)
