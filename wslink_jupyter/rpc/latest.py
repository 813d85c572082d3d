"""Values of which only the newest matters: one per topic, and part of it, waits for a client.

Invariant: of a part, at most `WINDOW` values are on their way or with the
client without its acknowledgement, and at most one waits.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from wslink_jupyter.rpc.queues import Outgoing
from wslink_jupyter.rpc.topics import EncodedPublication

#: One that the client draws, and one that is ready when it has (jupyter_rfb, widget.py:59).
WINDOW = 2
#: A client that does not acknowledge for this long gets one value more.
ACK_TIMEOUT_S = 5.0


@dataclass(slots=True)
class _Topic:
    """What is known of one part of a topic while it has anything on the way."""

    waiting: Outgoing | None = None
    waiting_number: int = 0
    unacknowledged: deque[int] = field(default_factory=deque)
    window: int = WINDOW
    silent_since_s: float | None = None


class LatestQueue:
    """The newest values that wait for one session.

    Attributes
    ----------
    expects_acks : bool
        Whether the client acknowledges; values are not held back otherwise.
    """

    def __init__(self) -> None:
        self.expects_acks = False
        #: By name and part.
        self._topics: dict[tuple[str, str], _Topic] = {}
        #: Those with a value that waits, the longest waiting first.
        self._waiting: dict[tuple[str, str], _Topic] = {}
        self._begun: Outgoing | None = None

    def replace(self, publication: EncodedPublication) -> Outgoing | None:
        """Let `publication` wait; return the older value that it replaced, if any."""
        key = publication.topic, publication.part
        topic = self._topics.setdefault(key, _Topic())
        replaced, topic.waiting = topic.waiting, Outgoing(publication.message, publication.on_sent)
        topic.waiting_number = publication.number
        self._waiting.setdefault(key, topic)
        return replaced

    def take(self) -> Outgoing | None:
        """Remove and return the value that was begun, or the next that may be sent."""
        if self._begun is not None:
            begun, self._begun = self._begun, None
            return begun
        for key, topic in self._waiting.items():
            if not self.expects_acks or len(topic.unacknowledged) < topic.window:
                return self._take(key, topic)
        return None

    def _take(self, key: tuple[str, str], topic: _Topic) -> Outgoing | None:
        del self._waiting[key]
        outgoing, topic.waiting = topic.waiting, None
        if self.expects_acks:
            topic.unacknowledged.append(topic.waiting_number)
        else:
            del self._topics[key]
        return outgoing

    def put_back(self, outgoing: Outgoing) -> None:
        """Let a value go on first: half a value cannot be replaced."""
        self._begun = outgoing

    def finish(self, outgoing: Outgoing) -> None:
        """Do nothing."""

    def acknowledge(self, name: str, number: int) -> None:
        """Note that the client is done with the values up to `number`.

        Numbers that came before change nothing; one to come is all that was sent.
        """
        for key, topic in list(self._topics.items()):
            if key[0] == name and topic.unacknowledged and number >= topic.unacknowledged[0]:
                self._acknowledge(key, topic, number)

    def _acknowledge(self, key: tuple[str, str], topic: _Topic, number: int) -> None:
        while topic.unacknowledged and topic.unacknowledged[0] <= number:
            topic.unacknowledged.popleft()
        topic.window = WINDOW
        topic.silent_since_s = None
        if not topic.unacknowledged and topic.waiting is None:
            del self._topics[key]

    def check_time(self, now_s: float) -> None:
        """Give up on acknowledgements that do not come: a picture must not stand still."""
        for topic in self._topics.values():
            if not topic.unacknowledged:
                continue
            if topic.silent_since_s is None:
                topic.silent_since_s = now_s
            elif now_s - topic.silent_since_s >= ACK_TIMEOUT_S:
                topic.unacknowledged.clear()
                topic.silent_since_s = None
                topic.window = 1

    def clear(self) -> list[Outgoing]:
        """Forget everything; return what was queued."""
        queued = [topic.waiting for topic in self._waiting.values() if topic.waiting is not None]
        if self._begun is not None:
            queued.append(self._begun)
        self._topics.clear()
        self._waiting.clear()
        self._begun = None
        return queued
