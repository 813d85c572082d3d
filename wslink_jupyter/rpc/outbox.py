"""What waits to be sent to one session: bounded, by priority, in chunks.

Invariant: at every chunk the most urgent class goes first, and what was put
is sent, queued, replaced by a newer value or dropped: the counters add up.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from wslink_jupyter.limits import HEADER_BYTES
from wslink_jupyter.rpc.flow import FlowWindow
from wslink_jupyter.rpc.latest import LatestQueue
from wslink_jupyter.rpc.queues import BoundedQueue, FifoQueue, Outgoing, Queue, TurnQueue
from wslink_jupyter.rpc.topics import EncodedPublication
from wslink_jupyter.wire.chunks import Chunk, FrameBytes
from wslink_jupyter.wire.connection import WireConnection
from wslink_jupyter.wire.message import Message


@dataclass(slots=True)
class Counters:
    """What became of the messages of one session; ``put`` is the sum of all others.

    Attributes
    ----------
    put_messages, put_bytes : int
        Ever given to the outbox, headers not counted.
    queued_messages, queued_bytes : int
        Waiting now.
    sent_messages, sent_bytes : int
        Handed to the transport.
    coalesced_messages, coalesced_bytes : int
        Replaced by a newer value of their ``latest`` topic.
    dropped_messages, dropped_bytes : int
        Refused or thrown away because the session was closed.
    """

    put_messages: int = 0
    put_bytes: int = 0
    queued_messages: int = 0
    queued_bytes: int = 0
    sent_messages: int = 0
    sent_bytes: int = 0
    coalesced_messages: int = 0
    coalesced_bytes: int = 0
    dropped_messages: int = 0
    dropped_bytes: int = 0


class Outbox:
    """The queues between a session and its transport. Used by one loop only.

    The classes, the most urgent first: control, replies, which take turns by
    chunk and are bounded by the calls in flight (who asked for them is not
    slow), reliable publications, and the newest values of ``latest`` topics.

    Parameters
    ----------
    wire : WireConnection
        Numbers and cuts the messages.
    chunk_bytes : int
        Content of one chunk, of a client whose speed is not known; smaller chunks let
        urgent messages pass sooner.
    """

    def __init__(self, wire: WireConnection, chunk_bytes: int) -> None:
        self._wire = wire
        self._usual_chunk_bytes = chunk_bytes
        self._flow: FlowWindow | None = None
        self._sent_frame_bytes = 0
        self._control = FifoQueue()
        self._replies = TurnQueue()
        self._reliable = BoundedQueue(wire.limits.max_queued_bytes)
        self._latest = LatestQueue()
        self._queues: tuple[Queue, ...] = (
            self._control,
            self._replies,
            self._reliable,
            self._latest,
        )
        #: Called when there may be a chunk to send, or the outbox is closed.
        self.on_ready: Callable[[], None] = lambda: None
        self._is_idle = True
        self.is_closed = False
        self._sent_bytes_at_check = self._received_bytes_at_check = 0
        self._slow_since_s: float | None = None
        self.counters = Counters()

    def put_control(self, message: Message) -> None:
        """Queue a message that passes all others."""
        self._put(Outgoing(message), self._control)

    def put_reply(self, message: Message) -> None:
        """Queue the reply to a call."""
        self._put(Outgoing(message), self._replies)

    def put(self, publication: EncodedPublication) -> bool:
        """Queue a publication; return False if it is reliable and there is no room."""
        outgoing = Outgoing(publication.message, publication.on_sent)
        if self.is_closed:
            self._drop(outgoing)
        elif publication.is_latest:
            replaced = self._latest.replace(publication)
            if replaced is not None:
                self._coalesce(replaced)
            self._queued(outgoing)  # last: what is queued may be taken at once
        elif self._reliable.offer(outgoing):
            self._queued(outgoing)
        else:
            self._drop(outgoing)
            return False
        return True

    def expect_acks(self) -> None:
        """Hold values of ``latest`` topics back until the client has dealt with earlier ones."""
        self._latest.expects_acks = True

    def acknowledge(self, topic: str, number: int) -> None:
        """Note that the client has dealt with the values of a ``latest`` topic up to `number`."""
        self._latest.acknowledge(topic, number)
        self.on_ready()

    def expect_receipts(self, flow: FlowWindow) -> None:
        """Have no more on the way to the client than `flow` allows; what is urgent goes anyway."""
        self._flow = flow

    def received(self, total_bytes: object = None) -> None:
        """Take the client's receipt for so many bytes of frames."""
        if self._flow is not None:
            self._flow.received(total_bytes)
            self.on_ready()

    def next_chunk(self) -> Chunk | None:
        """Return the next chunk to send, if there is one that may be sent."""
        if self._flow is not None and self.counters.queued_messages and not self._flow.has_room():
            self._is_idle = False
            return self.next_urgent_chunk()
        for queue in self._queues if self.counters.queued_messages else ():
            outgoing = queue.take()
            if outgoing is not None:
                self._is_idle = False
                return self._cut(outgoing, queue, self._frame_bytes)
        self._is_idle = True
        return None

    def next_urgent_chunk(self) -> Chunk | None:
        """Return a whole control message or reply that is one chunk, if there is one.

        It may pass everything that was sent before it but others of its kind.
        """
        for queue in (self._control, self._replies) if self.counters.queued_messages else ():
            outgoing = queue.take_whole(self._usual_chunk_bytes)
            if outgoing is not None:
                # It says nothing of whether what it passes stands still.
                self._sent_bytes_at_check += outgoing.unsent_bytes
                return self._cut(outgoing, queue, self._usual_chunk_bytes + HEADER_BYTES)
        return None

    def _frame_bytes(self) -> int:
        flow = self._flow
        return HEADER_BYTES + (self._usual_chunk_bytes if flow is None else flow.chunk_bytes)

    def _cut(self, outgoing: Outgoing, queue: Queue, frame_bytes: FrameBytes) -> Chunk:
        chunk, size = outgoing.cut(self._wire, frame_bytes)
        self._sent_frame_bytes += size + HEADER_BYTES
        if self._flow is not None:
            self._flow.sent(self._sent_frame_bytes)
        counters = self.counters
        counters.sent_bytes += size
        counters.queued_bytes -= size
        if outgoing.unsent_bytes:
            queue.put_back(outgoing)
        else:
            queue.finish(outgoing)
            counters.queued_messages -= 1
            counters.sent_messages += 1
            if outgoing.on_sent is not None:
                outgoing.on_sent()
        return chunk

    def slow_for_s(self, now_s: float) -> float:
        """Return for how many seconds the client has not kept up; 0 if it does.

        To be called now and then. A client is slow while nothing is taken that
        waits for it, and no receipt comes, or while more than `soft_queued_bytes`
        of reliable publications wait behind the one that is being sent.
        """
        self._latest.check_time(now_s)
        self.on_ready()
        counters = self.counters
        received_bytes = 0 if self._flow is None else self._flow.received_bytes
        stands_still = (
            counters.queued_messages > 0
            and not self._is_idle
            and counters.sent_bytes == self._sent_bytes_at_check
            and received_bytes == self._received_bytes_at_check
        )
        self._sent_bytes_at_check = counters.sent_bytes
        self._received_bytes_at_check = received_bytes
        is_behind = self._reliable.waiting_bytes() > self._wire.limits.soft_queued_bytes
        if not (stands_still or is_behind):
            self._slow_since_s = None
            return 0.0
        if self._slow_since_s is None:
            self._slow_since_s = now_s
        return now_s - self._slow_since_s

    def close(self) -> None:
        """Take no more; what is queued can still be got."""
        self.is_closed = True
        self.on_ready()

    def clear(self) -> None:
        """Throw away what is queued, counting it."""
        counters = self.counters
        for queue in self._queues:
            for outgoing in queue.clear():
                counters.queued_messages -= 1
                counters.queued_bytes -= outgoing.unsent_bytes
                counters.dropped_messages += 1
                counters.dropped_bytes += outgoing.unsent_bytes

    def _put(self, outgoing: Outgoing, queue: FifoQueue) -> None:
        if self.is_closed:
            self._drop(outgoing)
            return
        queue.put(outgoing)
        self._queued(outgoing)

    def _queued(self, outgoing: Outgoing) -> None:
        counters = self.counters
        counters.put_messages += 1
        counters.put_bytes += outgoing.unsent_bytes
        counters.queued_messages += 1
        counters.queued_bytes += outgoing.unsent_bytes
        self.on_ready()

    def _drop(self, outgoing: Outgoing) -> None:
        counters = self.counters
        counters.put_messages += 1
        counters.put_bytes += outgoing.unsent_bytes
        counters.dropped_messages += 1
        counters.dropped_bytes += outgoing.unsent_bytes

    def _coalesce(self, replaced: Outgoing) -> None:
        counters = self.counters
        counters.queued_messages -= 1
        counters.queued_bytes -= replaced.unsent_bytes
        counters.coalesced_messages += 1
        counters.coalesced_bytes += replaced.unsent_bytes
        if replaced.on_sent is not None:
            replaced.on_sent()
