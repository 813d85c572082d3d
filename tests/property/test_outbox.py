"""The outbox against a model that remembers everything, through any history."""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import asdict, dataclass, field

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from support.outboxes import adds_up, content_of, outbox_with, publication, room_for

from wslink_jupyter.rpc.latest import ACK_TIMEOUT_S, WINDOW
from wslink_jupyter.wire.header import ChunkHeader
from wslink_jupyter.wire.message import Message

CONTROL, REPLY, RELIABLE, LATEST = range(4)
CHUNK_BYTES = 8
MAX_QUEUED_BYTES = room_for(20, 20, 20)
MAX_BEGUN = 4
#: Messages before the end may come: most of a history is before it.
LONG = 20
#: A message says in its first bytes which one it is.
NAME_BYTES = 4
SIZES = st.integers(NAME_BYTES, 4 * CHUNK_BYTES)
TOPICS = st.sampled_from("ab")


@dataclass
class Sent:
    """A message, as long as it is not sent whole."""

    kind: int
    content: bytes
    topic: str = ""
    number: int = 0
    at: int = 0

    @property
    def unsent(self) -> int:
        return len(self.content) - self.at


@dataclass
class Topic:
    """What the client has, and does not have, of a latest topic."""

    waiting: Sent | None = None
    unacknowledged: list[int] = field(default_factory=list)
    window: int = WINDOW
    silent_since_s: float | None = None
    heard: list[int] = field(default_factory=list)

    @property
    def may_send(self) -> bool:
        return self.waiting is not None and len(self.unacknowledged) < self.window


class OutboxMachine(RuleBasedStateMachine):
    """Puts, takes, acknowledges and lets time pass; the model says what may come out."""

    def __init__(self) -> None:
        super().__init__()
        self.outbox = outbox_with(CHUNK_BYTES, max_queued_bytes=MAX_QUEUED_BYTES)
        self.fifo: dict[int, deque[Sent]] = {CONTROL: deque(), REPLY: deque(), RELIABLE: deque()}
        self.begun: dict[int, Sent] = {}
        self.topics = {topic: Topic() for topic in "ab"}
        self.numbers: Counter[str] = Counter()
        self.fates: Counter[str] = Counter()
        self.named = 0
        self.now_s = 0.0
        self.expects_acks = False
        self.is_closed = False

    @initialize(expects_acks=st.booleans())
    def greet(self, expects_acks: bool) -> None:
        self.expects_acks = expects_acks
        if expects_acks:
            self.outbox.expect_acks()

    def message(self, kind: int, size: int) -> Sent:
        self.named += 1
        name = bytes([kind]) + self.named.to_bytes(NAME_BYTES - 1)
        return Sent(kind, name + bytes(size - NAME_BYTES))

    def count(self, fate: str, sent: Sent, size: int | None = None) -> None:
        self.fates[f"{fate}_messages"] += 1
        self.fates[f"{fate}_bytes"] += len(sent.content) if size is None else size

    def accept(self, sent: Sent) -> None:
        self.count("put", sent)
        if self.is_closed:
            self.count("dropped", sent)
        else:
            self.fifo[sent.kind].append(sent)

    @rule(size=SIZES)
    def put_control(self, size: int) -> None:
        sent = self.message(CONTROL, size)
        self.outbox.put_control(Message(sent.content))
        self.accept(sent)

    @rule(size=SIZES)
    def put_reply(self, size: int) -> None:
        sent = self.message(REPLY, size)
        self.outbox.put_reply(Message(sent.content))
        self.accept(sent)

    @rule(size=SIZES | st.just(MAX_QUEUED_BYTES) | st.just(MAX_QUEUED_BYTES + 1), topic=TOPICS)
    def put_reliable(self, size: int, topic: str) -> None:
        sent = self.message(RELIABLE, size)
        has_room = self.has_room(size)
        assert self.outbox.put(publication(sent.content, topic)) is (has_room or self.is_closed)
        if has_room or self.is_closed:
            self.accept(sent)
        else:
            self.count("put", sent)
            self.count("dropped", sent)

    def has_room(self, size: int) -> bool:
        held = [len(sent.content) for sent in self.fifo[RELIABLE]]
        held += [len(sent.content) for sent in self.begun.values() if sent.kind == RELIABLE]
        giants = [each for each in held if room_for(each) > MAX_QUEUED_BYTES]
        if room_for(size) > MAX_QUEUED_BYTES:
            return not giants
        return room_for(size, *(each for each in held if each not in giants)) <= MAX_QUEUED_BYTES

    @rule(size=SIZES, topic=TOPICS)
    def put_latest(self, size: int, topic: str) -> None:
        sent = self.message(LATEST, size)
        sent.topic, sent.number = topic, self.numbers[topic]
        self.numbers[topic] += 1
        assert self.outbox.put(publication(sent.content, topic, sent.number, is_latest=True))
        self.count("put", sent)
        if self.is_closed:
            self.count("dropped", sent)
            return
        replaced, self.topics[topic].waiting = self.topics[topic].waiting, sent
        if replaced is not None:
            self.count("coalesced", replaced)

    @rule(count=st.integers(1, 6) | st.just(100))
    def take(self, count: int) -> None:
        for _ in range(count):
            if not self.take_one():
                break

    def take_one(self) -> bool:
        chunk = self.outbox.next_chunk()
        kind = self.most_urgent()
        if chunk is None:
            assert kind is None
            return False
        header = ChunkHeader.decode(chunk[0])
        content = content_of(chunk)
        if header.offset == 0:
            assert header.message_id not in self.begun
            sent = self.begins(content)
        else:
            sent = self.begun.pop(header.message_id)
        assert sent.kind == kind
        assert (header.offset, header.total) == (sent.at, len(sent.content))
        assert content == sent.content[sent.at : sent.at + CHUNK_BYTES]
        sent.at += len(content)
        self.fates["sent_bytes"] += len(content)
        if sent.unsent:
            self.begun[header.message_id] = sent
        else:
            self.fates["sent_messages"] += 1
            if sent.kind == LATEST:
                self.topics[sent.topic].heard.append(sent.number)
        return True

    @rule()
    def take_urgent(self) -> None:
        chunk = self.outbox.next_urgent_chunk()
        urgent = (*self.fifo[CONTROL], *self.fifo[REPLY])  # none of them was begun
        sent = next((each for each in urgent if len(each.content) <= CHUNK_BYTES), None)
        if sent is None:
            assert chunk is None
            return
        assert content_of(chunk) == sent.content
        assert ChunkHeader.decode(chunk[0]).total == len(sent.content)
        self.fifo[sent.kind].remove(sent)
        self.count("sent", sent)

    def most_urgent(self) -> int | None:
        begun = {sent.kind for sent in self.begun.values()}
        for kind, waiting in self.fifo.items():
            if waiting or kind in begun:
                return kind
        may_send = any(topic.may_send for topic in self.topics.values())
        return LATEST if may_send or LATEST in begun else None

    def begins(self, content: bytes) -> Sent:
        """Return the message that a first chunk begins, which must be the next of its kind."""
        kind = content[0]
        begun = [sent.kind for sent in self.begun.values()]
        assert begun.count(kind) < (MAX_BEGUN if kind == REPLY else 1)
        if kind != LATEST:
            return self.fifo[kind].popleft()
        (topic,) = [
            each
            for each in self.topics.values()
            if each.may_send and each.waiting.content[:NAME_BYTES] == content[:NAME_BYTES]
        ]
        sent, topic.waiting = topic.waiting, None
        assert sent is not None
        if self.expects_acks:
            topic.unacknowledged.append(sent.number)
        return sent

    @rule(topic=TOPICS, ahead=st.integers(-3, 3))
    def acknowledge(self, topic: str, ahead: int) -> None:
        number = self.numbers[topic] + ahead
        self.outbox.acknowledge(topic, number)
        known = self.topics[topic]
        left = [each for each in known.unacknowledged if each > number]
        if left != known.unacknowledged:
            known.unacknowledged, known.window, known.silent_since_s = left, WINDOW, None

    @rule(seconds=st.sampled_from([0.5, 1.0, ACK_TIMEOUT_S]))
    def let_time_pass(self, seconds: float) -> None:
        self.now_s += seconds
        self.outbox.slow_for_s(self.now_s)
        for topic in self.topics.values():
            if not topic.unacknowledged:
                continue
            if topic.silent_since_s is None:
                topic.silent_since_s = self.now_s
            elif self.now_s - topic.silent_since_s >= ACK_TIMEOUT_S:
                topic.unacknowledged, topic.window, topic.silent_since_s = [], 1, None

    @precondition(lambda self: not self.is_closed and self.named > LONG)
    @rule()
    def close(self) -> None:
        self.outbox.close()
        self.is_closed = True

    @precondition(lambda self: self.is_closed)
    @rule()
    def clear(self) -> None:
        self.outbox.clear()
        for sent in self.queued():
            self.count("dropped", sent, sent.unsent)
        self.begun.clear()
        for waiting in self.fifo.values():
            waiting.clear()
        for topic in self.topics.values():
            topic.waiting = None
        assert self.outbox.next_chunk() is None

    def queued(self) -> list[Sent]:
        waiting = [topic.waiting for topic in self.topics.values() if topic.waiting is not None]
        return [*self.begun.values(), *waiting, *(each for q in self.fifo.values() for each in q)]

    @invariant()
    def counters_are_those_of_the_model_and_add_up(self) -> None:
        queued = self.queued()
        counters = asdict(self.outbox.counters)
        assert counters == {
            **{name: self.fates[name] for name in counters},
            "queued_messages": len(queued),
            "queued_bytes": sum(sent.unsent for sent in queued),
        }
        assert adds_up(self.outbox.counters)

    @invariant()
    def a_topic_only_moves_forward(self) -> None:
        for topic in self.topics.values():
            assert topic.heard == sorted(set(topic.heard))
            if self.expects_acks:
                assert len(topic.unacknowledged) <= WINDOW

    def teardown(self) -> None:
        """Once changes stop and the client goes on, it has all there is, and the newest."""
        for _ in range(3):  # two may be with the client before the last
            while self.take_one():
                pass
            for name, topic in self.topics.items():
                self.acknowledge(name, 0)
                assert topic.unacknowledged == []
        assert self.queued() == []
        assert self.outbox.counters.queued_messages == 0
        if not self.is_closed:
            for name, topic in self.topics.items():
                assert topic.heard[-1:] == [self.numbers[name] - 1][: self.numbers[name]]


OutboxMachine.TestCase.settings = settings(max_examples=150, stateful_step_count=60)
TestOutbox = OutboxMachine.TestCase
#: Making a history that fails short takes minutes.
TestOutbox.pytestmark = [pytest.mark.timeout(600)]
