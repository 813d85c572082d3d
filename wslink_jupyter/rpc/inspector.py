"""What a running endpoint tells those who look into it, and only while they do.

While a client of ours listens to ``jupyter.inspect.topics``, publications are
counted and a summary goes out twice a second. A client that listens to
``jupyter.inspect.timings`` is told of each of its calls when it came, began and
ended, just before the reply. What others are sent stays the same.
"""

from __future__ import annotations

import asyncio
from contextvars import Context
from dataclasses import asdict
from typing import Any

from wslink_jupyter.rpc.context import current_call
from wslink_jupyter.rpc.description import describe_procedure
from wslink_jupyter.rpc.endpoint import Endpoint
from wslink_jupyter.rpc.procedure import RESERVED, Procedure
from wslink_jupyter.rpc.topic_watch import TopicWatch
from wslink_jupyter.rpc.topics import INSPECT_TOPICS_TOPIC, TopicSettings

_REPORT_INTERVAL_S = 0.5
_ROUND_TRIP_TIMEOUT_S = 0.5


class Inspector:
    """Answers what inspectors ask.

    Parameters
    ----------
    endpoint : Endpoint
        Gets the procedures ``jupyter.inspect.procedures`` and
        ``jupyter.inspect.sessions``.
    """

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._watch: TopicWatch | None = None
        self._timer: asyncio.TimerHandle | None = None
        endpoint.hub.configure(INSPECT_TOPICS_TOPIC, TopicSettings("latest"))
        endpoint.hub.on_heard(INSPECT_TOPICS_TOPIC, self._heard)
        prefix, context = f"{RESERVED}.inspect", Context()
        endpoint.registry.bind(
            prefix,
            [
                Procedure(f"{prefix}.procedures", lambda: self.procedures, "loop", context),
                Procedure(f"{prefix}.sessions", lambda: self.sessions, "loop", context),
            ],
        )

    def procedures(self) -> list[dict[str, Any]]:
        """Return what users have exposed (``jupyter.inspect.procedures``)."""
        return [
            describe_procedure(procedure)
            for procedure in self._endpoint.registry.procedures()
            if procedure.uri.partition(".")[0] != RESERVED
        ]

    async def sessions(self) -> dict[str, Any]:
        """Return who is connected, and which of them asks (``jupyter.inspect.sessions``)."""
        await self._endpoint.hub.measure_round_trips(_ROUND_TRIP_TIMEOUT_S)
        active = current_call.get()
        return {
            "own": None if active is None else active.session_id,
            "sessions": [asdict(info) for info in self._endpoint.hub.infos()],
        }

    def _heard(self, is_heard: bool) -> None:
        hub = self._endpoint.hub
        if is_heard:
            self._watch = TopicWatch(hub.loop.time())
            hub.on_publish = self._watch.note
            self._report(self._watch)
            return
        hub.on_publish = self._watch = None
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _report(self, watch: TopicWatch) -> None:
        hub = self._endpoint.hub
        self._timer = hub.loop.call_later(_REPORT_INTERVAL_S, self._report, watch)
        hub.publish(INSPECT_TOPICS_TOPIC, watch.report(hub.loop.time(), hub.listener_counts()))
