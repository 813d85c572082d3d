"""The last value of a retained topic is there for who comes later."""

import threading

import pytest
from support.asynchronous import async_test, turns
from support.endpoints import served

from wslink_jupyter.errors import RegistrationError
from wslink_jupyter.rpc.topics import TopicSettings, check_settings
from wslink_jupyter.wire.envelopes import (
    SUBSCRIBE_METHOD,
    UNSUBSCRIBE_METHOD,
    Hello,
    Publication,
    Result,
)

DELIVERIES = ["reliable", "latest"]
RETAINED = TopicSettings("reliable", retain=True)


def published(replies):
    return [reply.value for reply in replies if isinstance(reply, Publication)]


async def own_client(here):
    peer = here.converse()
    await peer.greet(protocol=1)
    return peer


@pytest.mark.parametrize("delivery", DELIVERIES)
@async_test
async def test_a_late_subscriber_gets_the_last_value_and_what_comes_after(delivery):
    async with served() as here:
        here.endpoint.hub.configure("t", TopicSettings(delivery, retain=True))
        peer = await own_client(here)
        for number in range(3):
            here.publish("t", number)
        await turns(3)
        assert peer.hear_all() == []
        await peer.subscribe("t")
        assert published(peer.hear_all()) == [2]
        here.publish("t", 3)
        await turns(3)
        assert published(peer.hear_all()) == [3]


@pytest.mark.parametrize("delivery", DELIVERIES)
@async_test
async def test_a_stock_client_gets_the_last_value_of_every_topic_behind_its_hello(delivery):
    async with served() as here:
        for topic in ("a", "b"):
            here.endpoint.hub.configure(topic, TopicSettings(delivery, retain=True))
            here.publish(topic, f"old {topic}")
            here.publish(topic, f"new {topic}")
        here.publish("not_retained", 1)
        await turns(3)
        peer = here.converse()
        peer.say(Hello.make())
        hello, *others = peer.hear_all()
        assert isinstance(hello, Result)
        assert published(others) == ["new a", "new b"]
        peer.say(Hello.make())
        assert published(peer.hear_all()) == []


@async_test
async def test_who_said_hello_before_hears_it_once():
    async with served() as here:
        here.endpoint.hub.configure("t", RETAINED)
        stock, own = here.converse(), await own_client(here)
        await stock.greet()
        await own.subscribe("t")
        here.publish("t", 1)
        await turns(3)
        assert published(stock.hear_all()) == published(own.hear_all()) == [1]


@async_test
async def test_our_client_gets_nothing_that_it_did_not_subscribe_to():
    async with served() as here:
        here.endpoint.hub.configure("t", RETAINED)
        here.publish("t", 1)
        await turns(3)
        peer = await own_client(here)
        await peer.subscribe("other")
        assert peer.hear_all() == []


@async_test
async def test_who_subscribes_again_gets_it_again():
    async with served() as here:
        here.endpoint.hub.configure("t", RETAINED)
        here.publish("t", 1)
        await turns(3)
        peer = await own_client(here)
        for _ in range(2):
            peer.request(SUBSCRIBE_METHOD, "t")
            assert published(peer.hear_all()) == [1]
            peer.request(SUBSCRIBE_METHOD, "t")
            assert published(peer.hear_all()) == []
            peer.request(UNSUBSCRIBE_METHOD, "t")
            peer.hear_all()


@async_test
async def test_a_value_before_the_topic_was_retained_is_not_kept():
    async with served() as here:
        stock = here.converse()
        await stock.greet()
        here.publish("t", 1)
        await turns(3)
        here.endpoint.hub.configure("t", RETAINED)
        peer = await own_client(here)
        await peer.subscribe("t")
        assert published(peer.hear_all()) == []


@async_test
async def test_retain_off_forgets():
    async with served() as here:
        here.endpoint.hub.configure("t", RETAINED)
        here.publish("t", 1)
        here.endpoint.hub.configure("t", TopicSettings())
        await turns(3)
        here.publish("t", 2)
        peer = await own_client(here)
        await peer.subscribe("t")
        assert peer.hear_all() == []


@async_test
async def test_the_last_word_on_retain_counts():
    async with served() as here:
        hub = here.endpoint.hub
        # One after the other in a cell, before the loop has seen any of it.
        hub.configure("t", RETAINED)
        here.publish("t", 1)
        hub.configure("t", TopicSettings())
        hub.configure("t", RETAINED)
        here.publish("t", 2)
        await turns(3)
        peer = await own_client(here)
        await peer.subscribe("t")
        assert published(peer.hear_all()) == [2]


@async_test
async def test_what_is_for_one_session_is_not_kept_for_others():
    async with served() as here:
        here.endpoint.hub.configure("t", RETAINED)
        one = await own_client(here)
        await one.subscribe("t")
        here.publish("t", "for all")
        here.publish("t", "for one", to=one.session.id)
        await turns(3)
        assert published(one.hear_all()) == ["for all", "for one"]
        late = await own_client(here)
        await late.subscribe("t")
        assert published(late.hear_all()) == ["for all"]


@async_test
async def test_what_a_call_published_is_kept_for_others_too():
    gate = threading.Event()
    async with served() as here:
        here.endpoint.hub.configure("t", RETAINED)

        def procedure():
            here.publish("t", "from the call")
            assert gate.wait(10)

        here.expose(procedure, "f", "thread")
        caller, other, late = [await own_client(here) for _ in range(3)]
        await caller.subscribe("t")
        await other.subscribe("t")
        caller.call("f")
        assert (await other.hear()).value == "from the call"
        await late.subscribe("t")
        assert published(late.hear_all()) == ["from the call"]
        gate.set()
        assert [type(await caller.hear()) for _ in range(2)] == [Result, Publication]


@async_test
async def test_a_retained_value_that_waits_is_bounded_like_any_other():
    async with served(max_queued_bytes=1000) as here:
        here.endpoint.hub.configure("t", RETAINED)
        here.publish("t", bytes(700))
        peer = await own_client(here)
        await peer.subscribe("t")
        assert len((await peer.hear()).value) == 700
        assert not peer.session.closing.done()


@pytest.mark.parametrize(
    ("topic", "delivery", "sentence"),
    [
        ("a b", "latest", "topic: expected words of ASCII letters"),
        (5, "latest", "topic: expected words of ASCII letters"),
        ("jupyter.mine", "latest", "topic: 'jupyter' is reserved, got 'jupyter.mine'"),
        ("t", "Latest", "delivery: expected one of 'reliable', 'latest', got 'Latest'"),
        ("t", None, "delivery: expected one of 'reliable', 'latest', got None"),
    ],
)
def test_wrong_settings_are_refused(topic, delivery, sentence):
    with pytest.raises(RegistrationError) as raised:
        check_settings(topic, delivery, False)
    assert str(raised.value).startswith(sentence)


def test_settings_are_what_was_said():
    assert check_settings("a.b", "latest", 1) == ("a.b", TopicSettings("latest", retain=True))
    assert TopicSettings() == TopicSettings("reliable", retain=False)
