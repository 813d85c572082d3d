"""Clients that come, go, stall and acknowledge as they like end with what was published."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Coroutine
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    rule,
)
from support.asynchronous import turns
from support.endpoints import EPOCH, Conversation
from support.outboxes import adds_up

from wslink_jupyter.limits import Limits
from wslink_jupyter.rpc.binding import collect
from wslink_jupyter.rpc.endpoint import Endpoint, Identity
from wslink_jupyter.rpc.execution import run_on_this_loop
from wslink_jupyter.rpc.topics import TopicSettings
from wslink_jupyter.wire.envelopes import (
    SUBSCRIBE_METHOD,
    UNSUBSCRIBE_METHOD,
    Hello,
    Publication,
)

SETTINGS = {
    "events": TopicSettings("reliable"),
    "log": TopicSettings("reliable", retain=True),
    "frames": TopicSettings("latest"),
    "state": TopicSettings("latest", retain=True),
}
TOPICS = st.sampled_from(sorted(SETTINGS))
SIZES = st.sampled_from([0, 10, 3000])
MOST_CLIENTS = 8


class Client:
    """One client, and what the model says of it."""

    def __init__(self, conversation: Conversation, *, is_own: bool) -> None:
        self.conversation = conversation
        self.is_own = is_own
        self.topics: set[str] = set()
        #: What was delivered to it, and what it has heard, by topic.
        self.delivered: dict[str, list[int]] = defaultdict(list)
        self.heard: dict[str, list[int]] = defaultdict(list)
        self.unacknowledged: list[Publication] = []

    def listens(self, topic: str) -> bool:
        return not self.is_own or topic in self.topics

    def hear(self, *, chunks: int | None) -> bool:
        """Take what there is, or some of it; return whether it was anything."""
        conversation, taken = self.conversation, 0
        while taken != chunks:
            chunk = conversation.session.outbox.next_chunk()
            if chunk is None:
                break
            taken += 1
            reply = conversation.take(chunk)
            if isinstance(reply, Publication) and reply.topic in SETTINGS:
                self.heard[reply.topic].append(reply.value[0])
                assert reply.ack is (SETTINGS[reply.topic].delivery == "latest")
                if reply.ack and self.is_own:
                    self.unacknowledged.append(reply)
        return taken > 0

    def acknowledge(self, count: int) -> None:
        for publication in self.unacknowledged[:count]:
            self.conversation.acknowledge(publication.topic, publication.number)
        del self.unacknowledged[:count]


class ConvergenceMachine(RuleBasedStateMachine):
    """Every history of a hub and its sessions, on one loop, without transports."""

    clients = Bundle("clients")

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.connected: list[Client] = []
        self.retained: dict[str, int] = {}
        self.published = 0
        self.now_s = 0.0

    def run(self, action: Coroutine[Any, Any, None]) -> None:
        """Do something on the loop, and let it come to rest."""

        async def act() -> None:
            await action
            await turns(6)

        self.runner.run(act())

    @initialize()
    def open_endpoint(self) -> None:
        loop = self.runner.get_loop()
        runners = {"loop": run_on_this_loop}
        limits = Limits(chunk_bytes=1000, max_queued_bytes=2**30, soft_queued_bytes=2**30)
        identity = Identity("0.1.0", EPOCH)
        self.endpoint = Endpoint("default", loop, runners, identity, limits)  # type: ignore[arg-type]
        for topic, topic_settings in SETTINGS.items():
            self.endpoint.hub.configure(topic, topic_settings)

        def publish(topic: str, value: int, size: int) -> None:
            self.endpoint.hub.publish(topic, [value, bytes(size)])

        def at_once(topic: str, value: int, size: int) -> None:
            publish(topic, value, size)
            publish(topic, value + 1, size)

        async def around_an_await(topic: str, value: int, size: int) -> None:
            publish(topic, value, size)
            await asyncio.sleep(0)
            publish(topic, value + 1, size)

        for procedure in (at_once, around_an_await):
            self.endpoint.registry.bind(*collect(procedure, None, "loop", None))

    @rule(target=clients, is_own=st.booleans(), topics=st.sets(TOPICS))
    def connect(self, is_own: bool, topics: set[str]) -> Any:
        if len(self.connected) == MOST_CLIENTS:
            return multiple()
        found: list[Client] = []

        async def act() -> None:
            client = Client(Conversation(self.endpoint.open_session("user")), is_own=is_own)
            client.conversation.say(Hello.make(**({"protocol": 1} if is_own else {})))
            found.append(client)

        self.run(act())
        (client,) = found
        self.connected.append(client)
        if is_own:
            self._subscribe(client, topics)
        else:
            for topic, value in self.retained.items():
                client.delivered[topic].append(value)
        return client

    @rule(client=clients, topics=st.sets(TOPICS, min_size=1))
    def subscribe(self, client: Client, topics: set[str]) -> None:
        if client.is_own:
            self._subscribe(client, topics)

    def _subscribe(self, client: Client, topics: set[str]) -> None:
        async def act() -> None:
            client.conversation.request(SUBSCRIBE_METHOD, *sorted(topics))

        self.run(act())
        for topic in topics - client.topics:
            if topic in self.retained:
                client.delivered[topic].append(self.retained[topic])
        client.topics |= topics

    @rule(client=clients, topics=st.sets(TOPICS, min_size=1))
    def unsubscribe(self, client: Client, topics: set[str]) -> None:
        async def act() -> None:
            client.conversation.request(UNSUBSCRIBE_METHOD, *sorted(topics))

        if client.is_own:
            self.run(act())
            client.topics -= topics

    @rule(client=consumes(clients))
    def disconnect(self, client: Client) -> None:
        async def act() -> None:
            self.endpoint.close_session(client.conversation.session)

        self.run(act())
        self.connected.remove(client)
        assert adds_up(client.conversation.session.outbox.counters)

    def note(self, topic: str, value: int) -> None:
        """Have the model deliver a value."""
        if SETTINGS[topic].retain:
            self.retained[topic] = value
        for client in self.connected:
            if client.listens(topic):
                client.delivered[topic].append(value)

    @rule(topics=st.lists(TOPICS, min_size=1, max_size=6), size=SIZES)
    def publish(self, topics: list[str], size: int) -> None:
        async def act() -> None:
            for number, topic in enumerate(topics):
                self.endpoint.hub.publish(topic, [self.published + number, bytes(size)])

        self.run(act())
        for topic in topics:
            self.note(topic, self.published)
            self.published += 1

    @rule(client=clients, topic=TOPICS, size=SIZES, waits=st.booleans())
    def call(self, client: Client, topic: str, size: int, waits: bool) -> None:
        """Publish two values from a procedure that a client calls."""

        async def act() -> None:
            method = "around_an_await" if waits else "at_once"
            client.conversation.call(method, topic, self.published, size)

        self.run(act())
        for _ in range(2):
            self.note(topic, self.published)
            self.published += 1

    @rule(client=clients, chunks=st.integers(1, 5) | st.none())
    def hear(self, client: Client, chunks: int | None) -> None:
        async def act() -> None:
            client.hear(chunks=chunks)

        self.run(act())

    @rule(client=clients, count=st.integers(1, 3))
    def acknowledge(self, client: Client, count: int) -> None:
        async def act() -> None:
            client.acknowledge(count)

        self.run(act())

    @rule(seconds=st.sampled_from([0.5, 6.0]))
    def let_time_pass(self, seconds: float) -> None:
        async def act() -> None:
            self.now_s += seconds
            for client in self.connected:
                # A client that stalls is closed after a longer time.
                client.conversation.session.outbox.slow_for_s(self.now_s)

        self.run(act())

    @invariant()
    def what_is_heard_is_what_was_published_in_its_order(self) -> None:
        for client in self.connected:
            assert adds_up(client.conversation.session.outbox.counters)
            for topic, heard in client.heard.items():
                delivered = client.delivered[topic]
                if SETTINGS[topic].delivery == "reliable":
                    assert heard == delivered[: len(heard)]
                else:
                    places = iter(delivered)
                    assert all(value in places for value in heard)

    def teardown(self) -> None:
        """When everybody goes on, everybody has everything, or the newest."""

        async def settle() -> None:
            for client in self.connected:
                while client.hear(chunks=None) or client.unacknowledged:
                    client.acknowledge(len(client.unacknowledged))

        self.run(settle())
        try:
            for client in self.connected:
                for topic, delivered in client.delivered.items():
                    heard = client.heard[topic]
                    if SETTINGS[topic].delivery == "reliable":
                        assert heard == delivered
                    else:
                        assert heard[-1] == delivered[-1]
                assert client.conversation.session.outbox.counters.queued_messages == 0
        finally:
            self.runner.close()


ConvergenceMachine.TestCase.settings = settings(max_examples=80, stateful_step_count=60)
TestConvergence = ConvergenceMachine.TestCase
#: Making a history that fails short takes minutes.
TestConvergence.pytestmark = [pytest.mark.timeout(600)]
