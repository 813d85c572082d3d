"""What the Python client says of topics: subscriptions, acknowledgements."""

import asyncio
import contextlib
from contextlib import asynccontextmanager

import pytest
from support.asynchronous import async_test, turns
from support.endpoints import served
from support.listening import listen
from support.server_by_hand import OUR_HELLO, STOCK_HELLO, opened

from wslink_jupyter.errors import ConnectionClosed, InvalidParams
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
async def test_every_subscription_is_an_iterator_of_its_own():
    async with conversing() as (client, server):
        one, two = client.subscribe("t"), client.subscribe("t")
        for number in range(3):
            await server.say(Publication("t", number, number))
        assert [await anext(one) for _ in range(3)] == [0, 1, 2]
        await one.aclose()
        with pytest.raises(StopAsyncIteration):
            await anext(one)
        await server.say(Publication("t", 3, 3))
        assert [await anext(two) for _ in range(4)] == [0, 1, 2, 3]


@async_test
async def test_the_server_is_told_of_the_first_and_of_the_last_subscription_of_a_topic():
    async with conversing() as (client, server):
        subscriptions = [client.subscribe("t"), client.subscribe("t"), client.subscribe("other")]
        for subscription in subscriptions[:2]:
            await subscription.aclose()
            await subscription.aclose()
        assert [await server.hear_system() for _ in range(3)] == [
            (SUBSCRIBE_METHOD, ["t"]),
            (SUBSCRIBE_METHOD, ["other"]),
            (UNSUBSCRIBE_METHOD, ["t"]),
        ]


@async_test
async def test_leaving_the_loop_or_forgetting_the_subscription_unsubscribes():
    async with conversing() as (client, server):
        client.subscribe("forgotten")
        assert await server.hear_system() == (SUBSCRIBE_METHOD, ["forgotten"])
        assert await server.hear_system() == (UNSUBSCRIBE_METHOD, ["forgotten"])
        await server.say(Publication("left", 0, 1))
        async for value in client.subscribe("left"):
            assert value == 1
            break
        assert await server.hear_system() == (SUBSCRIBE_METHOD, ["left"])
        assert await server.hear_system() == (UNSUBSCRIBE_METHOD, ["left"])


@async_test
async def test_entering_a_subscription_waits_until_the_server_knows():
    async with conversing() as (client, server):
        entering = asyncio.create_task(client.subscribe("t").__aenter__())
        assert await server.hear_system() == (SUBSCRIBE_METHOD, ["t"])
        last = await server.hear()
        await turns(5)
        assert not entering.done()
        await server.say(Result(last.id, None))
        async with contextlib.aclosing(await entering):
            pass
        assert await server.hear_system() == (UNSUBSCRIBE_METHOD, ["t"])


@async_test
async def test_a_subscription_is_sent_before_the_call_that_follows_it():
    async with conversing() as (client, server):
        news = client.subscribe("t")
        calling = asyncio.create_task(client.call("state"))
        assert (await server.hear()).method == SUBSCRIBE_METHOD
        call = await server.hear()
        assert call.method == "state"
        await server.say(Result(call.id, 5))
        assert await calling == 5
        await news.aclose()


@pytest.mark.parametrize("topic", ["a b", "größe", "a..b", "a-b"])
@async_test
async def test_a_name_that_no_topic_has_is_refused_at_once_unless_a_stock_server_may_know_it(topic):
    async with conversing() as (client, _):
        with pytest.raises(InvalidParams, match="subscribe: expected a topic of words"):
            client.subscribe(topic)
    async with conversing(STOCK_HELLO) as (client, server):
        news = client.subscribe(topic)
        await server.say(Publication(topic, 0, 5))
        assert await anext(news) == 5


@async_test
async def test_the_end_comes_behind_what_had_come_and_says_whether_it_was_meant():
    async with conversing() as (client, server):
        news = client.subscribe("t")
        await server.say(Publication("t", 0, "last"))
        await server.transport.close(4010, "restart")
        await client.closed()
        assert await anext(news) == "last"
        for _ in range(2):
            with pytest.raises(ConnectionClosed, match=r"\(4010\): restart"):
                await anext(news)
    async with conversing() as (client, _):
        news = client.subscribe("t")
        waiting = asyncio.create_task(anext(news))
        await turns(2)
        await client.close()
        with pytest.raises(StopAsyncIteration):
            await waiting
        assert [value async for value in client.subscribe("other")] == []


@async_test
async def test_what_asks_for_it_is_acknowledged_when_the_loop_comes_back():
    async with conversing() as (client, server):
        news = client.subscribe("t")
        await server.hear()
        for number, ack in enumerate([True, False, True]):
            await server.say(Publication("t", number, number, ack=ack))
        assert await anext(news) == 0
        assert await anext(news) == 1
        assert await server.hear_system() == (ACK_METHOD, ["t", 0])
        assert await anext(news) == 2
        waiting = asyncio.create_task(anext(news))
        assert await server.hear_system() == (ACK_METHOD, ["t", 2])
        waiting.cancel()


@async_test
async def test_who_takes_nothing_is_not_read_from_but_for_its_calls():
    async with conversing() as (client, server):
        news = client.subscribe("t")
        await server.hear()
        saying = asyncio.create_task(say_megabytes(server, 40))
        await turns(1000)
        assert not saying.done()
        calling = asyncio.create_task(client.call("f"))
        call = await server.hear()
        said_before_the_call = server.said
        await turns(1000)
        assert server.said > said_before_the_call
        assert said_before_the_call < 20
        await server.say(Result(call.id, "answered"))
        heard = [await anext(news)]
        assert await calling == "answered"
        while len(heard) < 40:
            heard.append(await anext(news))
        assert [value["n"] for value in heard] == list(range(40))
        await saying


async def say_megabytes(server, count):
    server.said = 0
    for number in range(count):
        await server.say(Publication("t", number, {"n": number, "data": bytes(1_000_000)}))
        server.said += 1


@async_test
async def test_who_takes_nothing_during_a_long_call_is_closed_before_it_takes_all_memory():
    async with conversing() as (client, server):
        news = client.subscribe("t")
        calling = asyncio.create_task(client.call("f"))
        with pytest.raises(ConnectionClosed):
            await say_megabytes(server, 200)
        with pytest.raises(ConnectionClosed, match="slow consumer: expected at most") as raised:
            await calling
        assert raised.value.code == 4008
        heard = []
        while not heard or heard[-1] is not None:
            heard.append(await next_number(news))
        assert heard[:-1] == list(range(len(heard) - 1))
        assert 40 < len(heard) < 70


async def next_number(news):
    """Return the number of the next value; None is the end."""
    try:
        return (await anext(news))["n"]
    except ConnectionClosed:
        return None


@async_test
async def test_what_nobody_listens_to_any_more_is_acknowledged_all_the_same():
    async with conversing() as (_, server):
        await server.say(Publication("t", 7, 1, ack=True))
        await server.say(Publication("jupyter.ping", 1, None, ack=True))
        assert await server.hear_system() == (ACK_METHOD, ["t", 7])
        assert await server.hear_system() == (ACK_METHOD, ["jupyter.ping", 1])


@async_test
async def test_a_stock_server_is_told_nothing_and_its_topics_are_heard():
    async with conversing(STOCK_HELLO) as (client, server):
        async with client.subscribe("t") as news:
            await server.say(Publication("t", 0, 5, ack=True))
            assert await anext(news) == 5
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
        _news = client.subscribe("t")
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
        _news = client.subscribe("t")
        request = await server.hear()
        await server.say(Failure(request.id, -32602, "subscriptions: expected at most 256 topics"))
        await server.say(Publication("jupyter.ping", 1, None, ack=True))
        await server.hear()
        assert "the server refused: subscriptions: expected at most 256 topics" in caplog.text


@async_test
async def test_after_the_end_subscribing_and_stopping_are_harmless():
    async with conversing() as (client, _):
        news = client.subscribe("t")
        await client.close()
        client.subscribe("other")
        await news.aclose()
        await turns(3)


@async_test
async def test_values_of_a_latest_topic_keep_coming_to_a_client_that_acknowledges():
    async with served() as here, here.connect() as (client, session):
        here.endpoint.hub.configure("t", TopicSettings("latest"))
        async with client.subscribe("t") as news:
            for number in range(100):
                here.publish("t", number)
                assert await anext(news) == number
        assert session.info.coalesced_messages == 0


@async_test
async def test_the_newest_value_of_a_burst_arrives():
    async with served() as here, here.connect() as (client, session):
        here.endpoint.hub.configure("t", TopicSettings("latest"))
        heard = []
        listen(client, "t", heard.append)
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
