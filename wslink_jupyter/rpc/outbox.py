"""What waits to be sent to one session: bounded, by priority, in chunks.

Invariant: replies pass publications at the next chunk, within a class the
order is that of `put`, and at most `max_queued_bytes` of publications wait,
beside one that is larger than that by itself. Replies are bounded by the calls
in flight: who asked for them is not slow.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum

from wslink_jupyter.limits import HEADER_BYTES
from wslink_jupyter.wire.chunks import Chunk
from wslink_jupyter.wire.connection import WireConnection

#: Of a message that waits, beside its bytes.
_OVERHEAD_BYTES = 256


class Priority(IntEnum):
    """Classes of traffic, the most urgent first."""

    CONTROL = 0
    REPLY = 1
    PUBLICATION = 2


@dataclass(slots=True)
class Counters:
    """What became of the messages of one session.

    Attributes
    ----------
    queued_messages, queued_bytes : int
        Waiting now.
    sent_messages, sent_bytes : int
        Handed to the transport, headers not counted.
    dropped_messages : int
        Refused or thrown away because the session was closed.
    """

    queued_messages: int = 0
    queued_bytes: int = 0
    sent_messages: int = 0
    sent_bytes: int = 0
    dropped_messages: int = 0


@dataclass(slots=True)
class _Outgoing:
    """One message on its way: its remaining chunks, made when needed."""

    message: bytes
    chunks: Iterator[Chunk] | None = None
    sent: int = 0

    @property
    def cost_bytes(self) -> int:
        """What waiting costs: a small message is more than its bytes."""
        return len(self.message) + _OVERHEAD_BYTES


class Outbox:
    """The queue between a session and its transport. Used by one loop only.

    Parameters
    ----------
    wire : WireConnection
        Numbers and cuts the messages.
    chunk_bytes : int
        Content of one chunk; smaller chunks let urgent messages pass sooner.
    """

    def __init__(self, wire: WireConnection, chunk_bytes: int) -> None:
        self._wire = wire
        self._frame_bytes = chunk_bytes + HEADER_BYTES
        self._queues: dict[Priority, deque[_Outgoing]] = {kind: deque() for kind in Priority}
        self._ready = asyncio.Event()
        self._closed = False
        #: A message above the limit while it is sent: what comes meanwhile is not its fault.
        self._giant: _Outgoing | None = None
        self._published_bytes = 0
        self.counters = Counters()

    def put(self, message: bytes, priority: Priority) -> bool:
        """Queue `message`; return False if the queue is full or closed."""
        counters = self.counters
        outgoing = _Outgoing(message)
        is_full = priority is Priority.PUBLICATION and not self._admit(outgoing)
        if self._closed or is_full:
            counters.dropped_messages += 1
            return False
        self._queues[priority].append(outgoing)
        counters.queued_messages += 1
        counters.queued_bytes += len(message)
        self._ready.set()
        return True

    async def get(self) -> Chunk | None:
        """Wait for the next chunk to send; None when closed and drained."""
        while True:
            for queue in self._queues.values():
                if queue:
                    return self._next_chunk(queue)
            if self._closed:
                return None
            self._ready.clear()
            await self._ready.wait()

    def _admit(self, outgoing: _Outgoing) -> bool:
        limit_bytes = self._wire.limits.max_queued_bytes
        if len(outgoing.message) > limit_bytes:
            if self._giant is not None:
                return False
            self._giant = outgoing
            return True
        if self._published_bytes + outgoing.cost_bytes > limit_bytes:
            return False
        self._published_bytes += outgoing.cost_bytes
        return True

    def _next_chunk(self, queue: deque[_Outgoing]) -> Chunk:
        outgoing = queue[0]
        if outgoing.chunks is None:
            outgoing.chunks = self._wire.chunks(outgoing.message, self._frame_bytes)
        header, content = next(outgoing.chunks)
        outgoing.sent += len(content)
        counters = self.counters
        counters.sent_bytes += len(content)
        counters.queued_bytes -= len(content)
        if outgoing.sent == len(outgoing.message):
            queue.popleft()
            if outgoing is self._giant:
                self._giant = None
            elif queue is self._queues[Priority.PUBLICATION]:
                self._published_bytes -= outgoing.cost_bytes
            counters.queued_messages -= 1
            counters.sent_messages += 1
        return header, content

    def close(self) -> None:
        """Take no more; what is queued can still be got."""
        self._closed = True
        self._ready.set()

    def clear(self) -> None:
        """Throw away what is queued, counting it."""
        for queue in self._queues.values():
            self.counters.dropped_messages += len(queue)
            queue.clear()
        self._giant = None
        self._published_bytes = 0
        self.counters.queued_messages = 0
        self.counters.queued_bytes = 0
