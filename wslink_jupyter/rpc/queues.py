"""The queues of an outbox: each gives its next message, and takes back what is not sent whole."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from typing import Protocol

from wslink_jupyter.limits import HEADER_BYTES
from wslink_jupyter.wire.chunks import Chunk, FrameBytes
from wslink_jupyter.wire.connection import WireConnection
from wslink_jupyter.wire.message import Message

#: Of a message that waits, beside its bytes.
OVERHEAD_BYTES = 256
#: Long replies that share the line, so that peers with 16 unfinished messages can take them.
_MAX_BEGUN = 4


class Outgoing:
    """One message on its way: its remaining chunks, made when needed.

    Attributes
    ----------
    message : Message
    unsent_bytes : int
    on_sent : callable or None
        Called when its last chunk was taken, or a newer one takes its place.
    """

    __slots__ = ("_chunks", "message", "on_sent", "unsent_bytes")

    def __init__(self, message: Message, on_sent: Callable[[], object] | None = None) -> None:
        self.message = message
        self.on_sent = on_sent
        self.unsent_bytes = len(message)
        self._chunks: Iterator[Chunk] | None = None

    @property
    def cost_bytes(self) -> int:
        """What waiting costs: a small message is more than its bytes."""
        return len(self.message) + OVERHEAD_BYTES

    def cut(self, wire: WireConnection, frame_bytes: FrameBytes) -> tuple[Chunk, int]:
        """Return the next chunk, and the bytes of the message in it.

        The first call says how large it may be, and the others.
        """
        if self._chunks is None:
            self._chunks = wire.chunks(self.message, frame_bytes)
        chunk = next(self._chunks)
        size = sum(map(len, chunk)) - HEADER_BYTES
        self.unsent_bytes -= size
        return chunk, size


class Queue(Protocol):
    """What an outbox asks of a queue."""

    def take(self) -> Outgoing | None:
        """Remove and return the message whose chunk goes next, if any may go."""

    def put_back(self, outgoing: Outgoing) -> None:
        """Take a message back that has chunks left."""

    def finish(self, outgoing: Outgoing) -> None:
        """Note that a taken message has no chunks left."""

    def clear(self) -> list[Outgoing]:
        """Forget everything; return what was queued."""


class FifoQueue:
    """One message after the other."""

    def __init__(self) -> None:
        self._queue: deque[Outgoing] = deque()

    def put(self, outgoing: Outgoing) -> None:
        """Queue a message."""
        self._queue.append(outgoing)

    def take(self) -> Outgoing | None:
        """Remove and return the first message."""
        return self._queue.popleft() if self._queue else None

    def take_whole(self, max_bytes: int) -> Outgoing | None:
        """Remove and return the first message of at most so many bytes that was not begun."""
        for index, outgoing in enumerate(self._queue):
            if outgoing.unsent_bytes == len(outgoing.message) <= max_bytes:
                del self._queue[index]
                return outgoing
        return None

    def put_back(self, outgoing: Outgoing) -> None:
        """Let a message go on first."""
        self._queue.appendleft(outgoing)

    def finish(self, outgoing: Outgoing) -> None:
        """Do nothing."""

    def clear(self) -> list[Outgoing]:
        """Forget everything; return what was queued."""
        queued = list(self._queue)
        self._queue.clear()
        return queued


class TurnQueue(FifoQueue):
    """Messages that take turns by chunk: a short one does not wait for a long one."""

    def __init__(self) -> None:
        super().__init__()
        self._begun: deque[Outgoing] = deque()
        self._new_is_next = True

    def take(self) -> Outgoing | None:
        """Remove and return a new message and one that was begun, in turn."""
        may_begin = len(self._begun) < _MAX_BEGUN and (self._new_is_next or not self._begun)
        outgoing = super().take() if may_begin else None
        self._new_is_next = outgoing is None
        if outgoing is None and self._begun:
            outgoing = self._begun.popleft()
        return outgoing

    def put_back(self, outgoing: Outgoing) -> None:
        """Let a message wait for its next turn."""
        self._begun.append(outgoing)

    def clear(self) -> list[Outgoing]:
        """Forget everything; return what was queued."""
        queued = [*self._begun, *super().clear()]
        self._begun.clear()
        return queued


class BoundedQueue(FifoQueue):
    """One message after the other, up to a number of bytes.

    Parameters
    ----------
    max_bytes : int
        Of all messages; one that is larger by itself is taken beside them.
    """

    def __init__(self, max_bytes: int) -> None:
        super().__init__()
        self._max_bytes = max_bytes
        self._bytes = 0
        #: A message above the limit while it is sent: what comes meanwhile is not its fault.
        self._giant: Outgoing | None = None

    def offer(self, outgoing: Outgoing) -> bool:
        """Queue a message; return False if there is no room."""
        if outgoing.cost_bytes > self._max_bytes:
            if self._giant is not None:
                return False
            self._giant = outgoing
        elif self._bytes + outgoing.cost_bytes > self._max_bytes:
            return False
        else:
            self._bytes += outgoing.cost_bytes
        self.put(outgoing)
        return True

    def waiting_bytes(self) -> int:
        """Return what waits behind the first message: that one may take its time."""
        first = self._queue[0] if self._queue else None
        if first is None or first is self._giant:
            return self._bytes
        return self._bytes - first.cost_bytes

    def finish(self, outgoing: Outgoing) -> None:
        """Make room."""
        if outgoing is self._giant:
            self._giant = None
        else:
            self._bytes -= outgoing.cost_bytes

    def clear(self) -> list[Outgoing]:
        """Forget everything; return what was queued."""
        self._bytes = 0
        self._giant = None
        return super().clear()
