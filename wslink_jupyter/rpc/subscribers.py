"""A client's callbacks, by topic."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from wslink_jupyter.wire.envelopes import Publication

Subscriber = Callable[[Any], None]


class Subscribers:
    """Hands publications to whoever subscribed to their topic, in order.

    Parameters
    ----------
    call : callable
        Calls a subscriber with a value, soon; sees to what it raises.
    on_change : callable
        Called with a topic and whether it has subscribers from now on.
    """

    def __init__(
        self,
        call: Callable[[Subscriber, Any], object],
        on_change: Callable[[str, bool], None],
    ) -> None:
        self._call = call
        self._on_change = on_change
        self._topics: dict[str, list[Subscriber]] = {}
        #: For who subscribes later to what is heard already.
        self._retained: dict[str, Any] = {}

    def add(self, topic: str, subscriber: Subscriber) -> Callable[[], None]:
        """Call `subscriber` with every value of `topic`; return the way to stop."""
        subscribers = self._topics.setdefault(topic, [])
        subscribers.append(subscriber)
        if len(subscribers) == 1:
            self._on_change(topic, True)
        elif topic in self._retained:
            self._call(subscriber, self._retained[topic])
        return partial(self._remove, topic, subscriber)

    def _remove(self, topic: str, subscriber: Subscriber) -> None:
        subscribers = self._topics[topic]
        subscribers.remove(subscriber)
        if not subscribers:
            self._retained.pop(topic, None)
            self._on_change(topic, False)

    def deliver(self, publication: Publication) -> None:
        """Hand a value to the subscribers of its topic."""
        subscribers = self._topics.get(publication.topic, [])
        self._retained.pop(publication.topic, None)  # also if it is not retained any more
        if publication.retain and subscribers:
            self._retained[publication.topic] = publication.value
        for subscriber in list(subscribers):
            self._call(subscriber, publication.value)
