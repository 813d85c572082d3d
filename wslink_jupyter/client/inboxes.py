"""The inboxes of a session, by topic."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from wslink_jupyter.client.inbox import Acknowledge, Arrival, Inbox
from wslink_jupyter.codes import CloseCode
from wslink_jupyter.errors import ConnectionClosed
from wslink_jupyter.limits import MIB
from wslink_jupyter.wire.envelopes import Publication

#: Publications that wait to be taken: from here on nothing more should be read,
#: so that a full socket tells the server.
_HIGH_WATER_BYTES = 8 * MIB
#: ... from here on the connection ends: replies that are behind them are not
#: worth the memory.
_MAX_WAITING_BYTES = 64 * MIB


class Inboxes:
    """Puts publications into the inboxes of their topic.

    Parameters
    ----------
    on_interest : callable
        Called with a topic and whether it has inboxes from now on.
    """

    def __init__(self, on_interest: Callable[[str, bool], None]) -> None:
        self._on_interest = on_interest
        self._waiting_bytes = 0
        self._changes = asyncio.Event()
        self._topics: dict[str, list[Inbox]] = {}
        #: For who subscribes later to what is heard already.
        self._retained: dict[str, Any] = {}
        self._make_end: Callable[[], Exception] | None = None

    def open(self, topic: str) -> Inbox:
        """Return a new inbox for `topic`; what was retained is in it."""
        inbox = Inbox(self._changed)
        inboxes = self._topics.setdefault(topic, [])
        inboxes.append(inbox)
        if len(inboxes) == 1:
            self._on_interest(topic, True)
        elif topic in self._retained:
            inbox.put(Arrival(self._retained[topic], 0))
        if self._make_end is not None:
            inbox.end(self._make_end)
        return inbox

    def close(self, topic: str, inbox: Inbox) -> None:
        """Forget an inbox. Idempotent."""
        inbox.close()
        inboxes = self._topics.get(topic, [])
        if inbox in inboxes:
            inboxes.remove(inbox)
            if not inboxes:
                del self._topics[topic]
                self._retained.pop(topic, None)
                self._on_interest(topic, False)

    def deliver(
        self, publication: Publication, size_bytes: int, acknowledge: Acknowledge | None
    ) -> None:
        """Put a value into the inboxes of its topic.

        Raises
        ------
        ConnectionClosed
            If too much waits: the connection must end.
        """
        if acknowledge is not None:
            size_bytes = 0
        waiting_bytes = self._waiting_bytes + size_bytes
        if waiting_bytes > _MAX_WAITING_BYTES and waiting_bytes > size_bytes:
            raise ConnectionClosed(
                CloseCode.SLOW_CONSUMER,
                f"slow consumer: expected at most {_MAX_WAITING_BYTES} published bytes that wait "
                f"to be taken during a call, got {waiting_bytes}",
            )
        topic = publication.topic
        inboxes = self._topics.get(topic, [])
        self._retained.pop(topic, None)  # also if it is not retained any more
        if publication.retain and inboxes:
            self._retained[topic] = publication.value
        for inbox in inboxes:
            inbox.put(Arrival(publication.value, size_bytes, acknowledge))
        if not inboxes and acknowledge is not None:
            acknowledge()

    async def until_room(self, is_awaited: Callable[[], bool]) -> None:
        """Wait while much waits to be taken, unless something else is awaited."""
        while self._waiting_bytes > _HIGH_WATER_BYTES and not is_awaited():
            if self._make_end is not None:
                return
            self._changes.clear()
            await self._changes.wait()

    def look_again(self) -> None:
        """Have `until_room` ask again what is awaited."""
        self._changes.set()

    def end(self, make_error: Callable[[], Exception]) -> None:
        """Let every `take` raise, behind the values that came. The first end counts."""
        self._make_end = self._make_end or make_error
        self._changes.set()
        for inboxes in self._topics.values():
            for inbox in inboxes:
                inbox.end(make_error)

    def _changed(self, growth_bytes: int) -> None:
        self._waiting_bytes += growth_bytes
        self._changes.set()
