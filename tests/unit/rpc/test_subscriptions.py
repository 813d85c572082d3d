"""Who hears what: our clients what they subscribed to, stock clients everything."""

import asyncio
import threading

import pytest
from support.asynchronous import async_test, turns
from support.endpoints import served

from wslink_jupyter.errors import NotSerializable
from wslink_jupyter.rpc.topics import TopicSettings
from wslink_jupyter.wire.envelopes import Publication

LATEST = TopicSettings("latest")
#: Found out when it is encoded, not before.
CANNOT_BE_ENCODED = 2**70


def values(replies):
    return [reply.value for reply in replies if isinstance(reply, Publication)]


async def own_client(here, *topics):
    peer = here.converse()
    await peer.greet(protocol=1)
    await peer.subscribe(*topics)
    return peer


async def stock_client(here):
    peer = here.converse()
    await peer.greet()
    return peer


@async_test
async def test_what_nobody_listens_to_is_neither_encoded_nor_sent():
    async with served() as here:
        peer = await own_client(here, "a")
        before = peer.session.info
        here.publish("b", CANNOT_BE_ENCODED)
        await turns(3)
        after = peer.session.info
        assert (after.put_messages, after.put_bytes) == (before.put_messages, before.put_bytes)
        assert peer.hear_all() == []
        with pytest.raises(NotSerializable):
            here.publish("a", CANNOT_BE_ENCODED)


@async_test
async def test_what_nobody_listens_to_is_looked_at_all_the_same():
    async with served() as here:
        with pytest.raises(NotSerializable, match=r"^publish 'b': value\['x'\]: <class 'object'>"):
            here.publish("b", {"x": object()})


@async_test
async def test_a_retained_topic_is_encoded_though_nobody_listens():
    async with served() as here:
        here.endpoint.hub.configure("t", TopicSettings(retain=True))
        with pytest.raises(NotSerializable):
            here.publish("t", CANNOT_BE_ENCODED)


@async_test
async def test_a_topic_is_not_encoded_any_more_when_the_last_listener_has_gone():
    async with served() as here:
        peers = [await own_client(here, "t") for _ in range(2)]
        for peer in peers:
            with pytest.raises(NotSerializable):
                here.publish("t", CANNOT_BE_ENCODED)
            here.endpoint.close_session(peer.session)
        here.publish("t", CANNOT_BE_ENCODED)


@async_test
async def test_stock_clients_hear_everything():
    async with served() as here:
        own, stock = await own_client(here, "a"), await stock_client(here)
        for topic in ("a", "b", "c"):
            here.publish(topic, topic)
        await turns(3)
        assert values(stock.hear_all()) == ["a", "b", "c"]
        assert values(own.hear_all()) == ["a"]
        assert (stock.session.info.subscriptions, own.session.info.subscriptions) == (None, 1)


@async_test
async def test_who_has_not_said_hello_hears_nothing():
    async with served() as here:
        silent, stock = here.converse(), await stock_client(here)
        here.publish("t", 1)
        await turns(3)
        assert silent.hear_all() == []
        assert values(stock.hear_all()) == [1]


@async_test
async def test_one_message_is_shared_by_all_who_listen():
    async with served() as here:
        peers = [await own_client(here, "t") for _ in range(3)] + [await stock_client(here)]
        here.publish("t", bytes(100_000))
        await turns(3)
        pieces = []
        for peer in peers:
            _, *parts = peer.session.outbox.next_chunk()
            pieces.append(memoryview(parts[-1]).obj)
        assert len(pieces) == 4
        assert all(piece is pieces[0] for piece in pieces)


@pytest.mark.parametrize("listens", [True, False])
@async_test
async def test_what_is_sent_to_one_is_heard_by_that_one_if_it_listens(listens):
    async with served() as here:
        one = await own_client(here, *(["t"] if listens else ["other"]))
        others = [await own_client(here, "t"), await stock_client(here)]
        here.publish("t", "to one", to=one.session.id)
        here.publish("t", "to nobody", to="c-gone")
        await turns(3)
        assert values(one.hear_all()) == (["to one"] if listens else [])
        for other in others:
            assert values(other.hear_all()) == []


@async_test
async def test_a_latest_publication_asks_to_be_acknowledged_and_a_reliable_one_does_not():
    async with served() as here:
        here.endpoint.hub.configure("frames", LATEST)
        for peer in (await own_client(here, "frames", "events"), await stock_client(here)):
            here.publish("frames", 1)
            here.publish("events", 1)
            heard = [await peer.hear() for _ in range(2)]
            assert {reply.topic: reply.ack for reply in heard} == {"frames": True, "events": False}


@async_test
async def test_our_client_gets_two_latest_values_and_then_the_newest_when_it_has_drawn():
    async with served() as here:
        here.endpoint.hub.configure("frames", LATEST)
        peer = await own_client(here, "frames")
        heard = []
        for number in range(10):
            here.publish("frames", number)
            await turns(3)
            heard += values(peer.hear_all())
        assert heard == [0, 1]
        info = peer.session.info
        assert (info.queued_messages, info.coalesced_messages) == (1, 7)
        peer.acknowledge("frames", 0)
        assert values(peer.hear_all()) == [9]
        peer.acknowledge("frames", 9)
        assert peer.hear_all() == []
        assert peer.session.info.queued_messages == 0


@async_test
async def test_a_stock_client_is_not_waited_for():
    async with served() as here:
        here.endpoint.hub.configure("frames", LATEST)
        peer = await stock_client(here)
        heard = []
        for number in range(10):
            here.publish("frames", number)
            await turns(3)
            heard += values(peer.hear_all())
        assert heard == list(range(10))


@async_test
async def test_a_client_that_does_not_take_gets_the_newest_of_each_latest_topic():
    async with served() as here:
        for topic in ("a", "b"):
            here.endpoint.hub.configure(topic, LATEST)
        peer = await stock_client(here)
        for number in range(1000):
            here.publish("ab"[number % 2], number)
        await turns(3)
        assert values(peer.hear_all()) == [998, 999]
        assert peer.session.info.coalesced_messages == 998


@pytest.mark.parametrize("delivery", ["reliable", "latest"])
@async_test
async def test_numbers_of_a_topic_arrive_in_their_order_from_many_threads(delivery):
    async with served() as here:
        here.endpoint.hub.configure("t", TopicSettings(delivery))
        own, stock = await own_client(here, "t"), await stock_client(here)
        # While the loop is held up, so that the threads race for the same inbox.
        threads = [
            threading.Thread(target=lambda: [here.publish("t", n) for n in range(100)])
            for _ in range(8)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        await turns(3)
        for peer in (own, stock):
            numbers = [reply.number for reply in peer.hear_all()]
            assert numbers == (list(range(800)) if delivery == "reliable" else [799])


@async_test
async def test_many_publications_wake_the_loop_once():
    async with served() as here:
        peer = await stock_client(here)
        loop = asyncio.get_running_loop()
        wakes, wake = [], loop.call_soon_threadsafe

        def note(callback, *args, **kwargs):
            wakes.append(callback)
            return wake(callback, *args, **kwargs)

        def publish_all():
            for number in range(100):
                here.publish("t", number)

        loop.call_soon_threadsafe = note
        publisher = threading.Thread(target=publish_all)
        publisher.start()
        publisher.join()  # the loop stands still meanwhile
        assert len(wakes) == 1
        await turns(3)
        assert values(peer.hear_all()) == list(range(100))
        here.publish("t", 100)  # on the loop itself: no need to wake it
        assert len(wakes) == 1
        assert (await peer.hear()).value == 100
