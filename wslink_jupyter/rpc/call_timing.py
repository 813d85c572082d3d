"""When one call came, began and ended, for a client that wants to know."""

from __future__ import annotations

import time
from typing import Any


class CallTiming:
    """Times of one call on the kernel's own clock, whose zero means nothing.

    Parameters
    ----------
    call_id : str

    Attributes
    ----------
    received_s : float
        When it was complete here.
    started_s : float or None
        When its procedure began; None if it did not.
    ended_s : float or None
        When that had returned or raised, and its result was encoded.
    """

    __slots__ = ("call_id", "ended_s", "received_s", "started_s")

    def __init__(self, call_id: str) -> None:
        self.call_id = call_id
        self.received_s = time.perf_counter()
        self.started_s: float | None = None
        self.ended_s: float | None = None

    def started(self) -> None:
        """Note, on the procedure's thread, that it begins."""
        self.started_s = time.perf_counter()

    def ended(self) -> None:
        """Note, on the procedure's thread, that it has ended. Idempotent."""
        if self.ended_s is None:
            self.ended_s = time.perf_counter()

    def describe(self) -> dict[str, Any]:
        """Return what the caller is told, just before the reply."""
        # A call that was refused or cancelled has waited, and nothing else.
        ended_s = time.perf_counter() if self.ended_s is None else self.ended_s
        return {
            "id": self.call_id,
            "received_s": self.received_s,
            "started_s": ended_s if self.started_s is None else self.started_s,
            "ended_s": ended_s,
        }
