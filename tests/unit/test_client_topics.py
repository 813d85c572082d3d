"""What the Python client says of topics: subscriptions, acknowledgements."""

import asyncio
from contextlib import asynccontextmanager

import pytest
from support.asynchronous import async_test, turns
from support.endpoints import served
from support.server_by_hand import OUR_HELLO, STOCK_HELLO, opened

from wslink_jupyter.errors import ConnectionClosed
from wslink_jupyter.rpc.topics import TopicSettings
from wslink_jupyter.wire.envelopes import (
    ACK_METHOD,
    SUBSCRIBE_METHOD,
    UNSUBSCRIBE_METHOD,
    Failure,
    Publication,
    Result,
)


@asynccontextmanager
async def conversing(hello=OUR_HELLO):
    """Return a client that has said hello, and its server; close it at the end."""
    client, server = await opened(hello)
    try:
        yield client, server
    finally:
        await client.close()


@async_test
async def test_the_server_is_told_of_the_first_and_of_the_last_subscriber_of_a_topic():
    async with conversing() as (client, server):
        stops = [client.subscribe("t", print), client.subscribe("t", print)]
        client.subscribe("other", print)
        for stop in stops:
            stop()
        assert [await server.hear_system() for _ in range(3)] == [
            (SUBSCRIBE_METHOD, ["t"]),
            (SUBSCRIBE_METHOD, ["other"]),
            (UNSUBSCRIBE_METHOD, ["t"]),
        ]


@async_test
async def test_a_subscription_is_sent_before_the_call_that_follows_it():
    async with conversing() as (client, server):
        client.subscribe("t", print)
        calling = asyncio.create_task(client.call("state"))
        assert (await server.hear()).method == SUBSCRIBE_METHOD
        call = await server.hear()
        assert call.method == "state"
        await server.say(Result(call.id, 5))
        assert await calling == 5


@async_test
async def test_what_asks_for_it_is_acknowledged_behind_its_subscribers():
    async with conversing() as (client, server):
        order = []
        client.subscribe("t", lambda value: order.append(value))
        await server.hear()
        for number, ack in enumerate([True, False, True]):
            await server.say(Publication("t", number, number, ack=ack))
        assert await server.hear_system() == (ACK_METHOD, ["t", 0])
        order.append("acknowledged")
        assert await server.hear_system() == (ACK_METHOD, ["t", 2])
        assert order.index(0) < order.index("acknowledged")


@async_test
async def test_what_nobody_listens_to_any_more_is_acknowledged_all_the_same():
    async with conversing() as (_, server):
        await server.say(Publication("t", 7, 1, ack=True))
        await server.say(Publication("jupyter.ping", 1, None, ack=True))
        assert await server.hear_system() == (ACK_METHOD, ["t", 7])
        assert await server.hear_system() == (ACK_METHOD, ["jupyter.ping", 1])


@async_test
async def test_a_subscriber_that_raises_does_not_keep_the_acknowledgement():
    async with conversing() as (client, server):
        problems = []
        asyncio.get_running_loop().set_exception_handler(lambda _, found: problems.append(found))
        client.subscribe("t", lambda value: value / 0)
        await server.hear()
        await server.say(Publication("t", 0, 1, ack=True))
        assert await server.hear_system() == (ACK_METHOD, ["t", 0])
        assert isinstance(problems[0]["exception"], ZeroDivisionError)


@async_test
async def test_a_stock_server_is_told_nothing_and_its_topics_are_heard():
    async with conversing(STOCK_HELLO) as (client, server):
        heard = asyncio.Queue()
        stop = client.subscribe("t", heard.put_nowait)
        await server.say(Publication("t", 0, 5, ack=True))
        assert await heard.get() == 5
        stop()
        await client.flush()
        await turns(5)
        calling = asyncio.create_task(client.call("f"))
        call = await server.hear()
        assert call.method == "f"
        await server.say(Result(call.id, None))
        await calling


@async_test
async def test_flush_waits_until_the_server_has_taken_what_was_said():
    async with conversing() as (client, server):
        client.subscribe("t", print)
        flushing = asyncio.create_task(client.flush())
        assert await server.hear_system() == (SUBSCRIBE_METHOD, ["t"])
        last = await server.hear()
        assert (last.method, last.args) == (SUBSCRIBE_METHOD, [])
        await turns(5)
        assert not flushing.done()
        await server.say(Result(last.id, None))
        await flushing


@async_test
async def test_flush_does_not_hang_when_the_connection_ends():
    async with conversing() as (client, server):
        flushing = asyncio.create_task(client.flush())
        await server.hear()
        await client.close()
        with pytest.raises(ConnectionClosed):
            await flushing


@async_test
async def test_a_subscription_that_is_refused_is_logged(caplog):
    async with conversing() as (client, server):
        client.subscribe("t", print)
        request = await server.hear()
        await server.say(Failure(request.id, -32602, "subscriptions: expected at most 256 topics"))
        await server.say(Publication("jupyter.ping", 1, None, ack=True))
        await server.hear()
        assert "the server refused: subscriptions: expected at most 256 topics" in caplog.text


@async_test
async def test_after_the_end_subscribing_and_stopping_are_harmless():
    async with conversing() as (client, _):
        stop = client.subscribe("t", print)
        await client.close()
        client.subscribe("other", print)
        stop()
        await turns(3)


@async_test
async def test_values_of_a_latest_topic_keep_coming_to_a_client_that_acknowledges():
    async with served() as here, here.connect() as (client, session):
        here.endpoint.hub.configure("t", TopicSettings("latest"))
        heard = asyncio.Queue()
        client.subscribe("t", heard.put_nowait)
        await client.flush()
        for number in range(100):
            here.publish("t", number)
            assert await heard.get() == number
        assert session.info.coalesced_messages == 0


@async_test
async def test_the_newest_value_of_a_burst_arrives():
    async with served() as here, here.connect() as (client, session):
        here.endpoint.hub.configure("t", TopicSettings("latest"))
        heard = []
        client.subscribe("t", heard.append)
        await client.flush()
        for number in range(1000):
            here.publish("t", number)
            if number % 7 == 0:
                await turns(2)
        while heard[-1:] != [999]:
            await turns(1)
        assert heard == sorted(set(heard))
        await client.flush()
        info = session.info
        assert info.put_messages == info.sent_messages + info.coalesced_messages
