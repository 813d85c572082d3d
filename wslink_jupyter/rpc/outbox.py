"""What waits to be sent to one session: bounded, by priority, in chunks.

Invariant: replies pass publications at the next chunk, within a class the
order is that of `put`, and at most `max_queued_bytes` wait, beside one message
that is larger than that by itself.
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
        self.counters = Counters()

    def put(self, message: bytes, priority: Priority) -> bool:
        """Queue `message`; return False if the queue is full or closed."""
        counters, limits = self.counters, self._wire.limits
        is_giant = len(message) > limits.max_queued_bytes
        waiting_bytes = counters.queued_bytes - self._giant_bytes()
        if is_giant:
            is_full = self._giant is not None
        else:
            is_full = waiting_bytes + len(message) > limits.max_queued_bytes
        if self._closed or is_full or counters.queued_messages >= limits.max_queued_messages:
            counters.dropped_messages += 1
            return False
        outgoing = _Outgoing(message)
        if is_giant:
            self._giant = outgoing
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

    def _giant_bytes(self) -> int:
        return 0 if self._giant is None else len(self._giant.message) - self._giant.sent

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
        self.counters.queued_messages = 0
        self.counters.queued_bytes = 0
