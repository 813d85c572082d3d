"""How often and how much is published under each topic, while somebody looks."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from wslink_jupyter.rpc.procedure import RESERVED
from wslink_jupyter.rpc.topics import INSPECT_PREFIX
from wslink_jupyter.rpc.value_text import value_text

#: Rates are those between the newest and the oldest of so many reports.
_WINDOW_REPORTS = 5
#: Names may be made up as a program goes; those that come later are not counted.
_MAX_TOPICS = 200


@dataclass(slots=True)
class _Counts:
    """Of one topic, since it was first seen."""

    values: int = 0
    sent_bytes: int = 0
    last_bytes: int | None = None
    last_text: str = ""
    #: Time, values and bytes when reports were made.
    samples: deque[tuple[float, int, int]] = field(
        default_factory=lambda: deque(maxlen=_WINDOW_REPORTS)
    )


class TopicWatch:
    """Counts publications.

    Parameters
    ----------
    now_s : float
        When it begins to.
    """

    def __init__(self, now_s: float) -> None:
        self._lock = threading.Lock()
        self._topics: dict[str, _Counts] = {}
        self._last_report_s = now_s

    def note(self, topic: str, value: object, size_bytes: int | None) -> None:
        """Count a publication. From every thread; keeps nothing of the value.

        Parameters
        ----------
        size_bytes : int or None
            As it was encoded; None if it was not, because nobody listens.
        """
        if topic.startswith(INSPECT_PREFIX):
            return
        text = value_text(value)
        with self._lock:
            counts = self._find(topic)
            if counts is not None:
                counts.values += 1
                counts.sent_bytes += size_bytes or 0
                counts.last_bytes = size_bytes
                counts.last_text = text

    def _find(self, topic: str) -> _Counts | None:
        counts = self._topics.get(topic)
        if counts is None and len(self._topics) < _MAX_TOPICS:
            counts = self._topics[topic] = _Counts()
            counts.samples.append((self._last_report_s, 0, 0))
        return counts

    def report(self, now_s: float, listeners: Mapping[str, int]) -> list[dict[str, Any]]:
        """Return what was counted, by name of the topic.

        Parameters
        ----------
        now_s : float
        listeners : dict
            How many sessions listen to each topic. Users' topics without values
            are reported, too.
        """
        with self._lock:
            for topic in listeners:
                if topic.partition(".")[0] != RESERVED:
                    self._find(topic)
            self._last_report_s = now_s
            return [
                self._describe(topic, counts, now_s, listeners.get(topic, 0))
                for topic, counts in sorted(self._topics.items())
            ]

    @staticmethod
    def _describe(topic: str, counts: _Counts, now_s: float, listeners: int) -> dict[str, Any]:
        then_s, values, sent_bytes = counts.samples[0]
        counts.samples.append((now_s, counts.values, counts.sent_bytes))
        duration_s = max(now_s - then_s, 1e-3)
        return {
            "topic": topic,
            "listeners": listeners,
            "values": counts.values,
            "values_per_s": (counts.values - values) / duration_s,
            "bytes_per_s": (counts.sent_bytes - sent_bytes) / duration_s,
            "last_bytes": counts.last_bytes,
            "last_text": counts.last_text,
        }
