"""What there is to know of a session, for people and for the REST route."""

from __future__ import annotations

from dataclasses import dataclass

from wslink_jupyter.rpc.outbox import Counters


@dataclass(frozen=True, slots=True)
class SessionInfo:
    """A snapshot of one session.

    Attributes
    ----------
    id : str
        Client id, ``c`` and 32 hexadecimal digits.
    user : str
        Name of the Jupyter user who opened it.
    client : str
        What the client calls itself; empty for stock clients.
    calls : int
        Calls that have not been answered.
    subscriptions : int or None
        Topics that the client listens to; None for stock clients, which get all.
    rtt_s : float or None
        Seconds to the client and back, when it was last measured; stock
        clients cannot tell.
    sent_messages_per_s, sent_bytes_per_s : float
        In the last seconds.
    put_messages, put_bytes, queued_messages, queued_bytes, sent_messages, sent_bytes,
    coalesced_messages, coalesced_bytes, dropped_messages, dropped_bytes : int
        See `wslink_jupyter.rpc.outbox.Counters`.
    """

    id: str
    user: str
    client: str
    calls: int
    subscriptions: int | None
    rtt_s: float | None
    sent_messages_per_s: float
    sent_bytes_per_s: float
    put_messages: int
    put_bytes: int
    queued_messages: int
    queued_bytes: int
    sent_messages: int
    sent_bytes: int
    coalesced_messages: int
    coalesced_bytes: int
    dropped_messages: int
    dropped_bytes: int


class SendRate:
    """What a session sent per second, over the last tick or two."""

    def __init__(self) -> None:
        self._last: tuple[float, int, int] | None = None
        self.messages_per_s = 0.0
        self.bytes_per_s = 0.0

    def tick(self, now_s: float, counters: Counters) -> None:
        """Take a sample."""
        last, self._last = self._last, (now_s, counters.sent_messages, counters.sent_bytes)
        if last is None or now_s <= last[0]:
            return
        duration_s = now_s - last[0]
        self.messages_per_s = (counters.sent_messages - last[1]) / duration_s
        self.bytes_per_s = (counters.sent_bytes - last[2]) / duration_s
