import asyncio
import threading

import pytest
from support.asynchronous import async_test, turns, until
from support.endpoints import served
from support.frames import chunk, frame
from support.listening import listen

from wslink_jupyter.client import ClientSession
from wslink_jupyter.errors import CallCancelled, ConnectionClosed, RpcError
from wslink_jupyter.transport.inproc import inproc_pair
from wslink_jupyter.wire.envelopes import Hello


async def forever():
    await asyncio.Event().wait()


@async_test
async def test_calls_and_publications_travel():
    async with served() as here:
        here.expose(lambda a, b=0: a + b, "add", "loop")
        async with here.connect() as (client, _):
            heard = asyncio.Queue()
            listen(client, "t", heard.put_nowait)
            await client.flush()
            assert await client.call("add", 1, b=2) == 3
            here.publish("t", {"n": bytes(1_000_000)})
            assert await heard.get() == {"n": bytes(1_000_000)}


@async_test
async def test_a_call_passes_a_large_publication():
    async with served() as here:
        here.expose(lambda: "quick", "f", "loop")
        async with here.connect() as (client, session):
            heard = []
            listen(client, "t", lambda value: heard.append(len(value)))
            await client.flush()
            here.publish("t", bytes(20_000_000))
            assert await client.call("f") == "quick"
            assert heard == []
            await until(lambda: heard)
            assert heard == [20_000_000]
            assert session.info.queued_bytes == 0


@pytest.mark.parametrize(
    ("data", "code", "reason"),
    [
        (b"short", 4000, "frame: expected at least 12 bytes, got 5"),
        (chunk(1, 0, 1, b"\xc1"), 4000, "message: expected msgpack, got"),
        (chunk(1, 0, 2**32 - 1, b"a"), 4009, "message 1: expected at most 4096 bytes"),
        (frame([1]), 4000, "expected a map, got list - at $"),
    ],
)
@async_test
async def test_a_broken_rule_closes_with_its_code(data, code, reason):
    near, far = inproc_pair()
    async with served() as here, here.pumped(far) as (_, pumping):
        await near.write((data,))
        with pytest.raises(ConnectionClosed) as raised:
            await near.read()
        assert raised.value.code == code
        assert raised.value.reason.startswith(reason)
        assert (await pumping).code == code


@async_test
async def test_what_was_answered_before_a_broken_rule_arrives():
    near, far = inproc_pair()
    async with served() as here, here.pumped(far) as (_, pumping):
        await near.write((frame(Hello.make().dump()),))
        await near.write((b"short",))
        assert b"clientID" in await near.read()
        with pytest.raises(ConnectionClosed, match="4000"):
            await near.read()
        await pumping


@async_test
async def test_closing_the_session_drains_what_waits():
    async with served() as here, here.connect() as (client, session):
        heard = []
        listen(client, "t", heard.append)
        await client.flush()
        for number in range(200):
            here.publish("t", number)
        await until(lambda: session.info.sent_messages + session.info.queued_messages > 200)
        session.close(4010, "restart")
        closed = await client.closed()
        assert (closed.code, closed.reason) == (4010, "restart")
        assert heard == list(range(200))


@async_test
async def test_finishing_answers_every_call_before_the_close():
    async with served() as here:
        here.expose(forever, "forever", "loop")
        async with here.connect() as (client, session):
            calls = [asyncio.create_task(client.call("forever")) for _ in range(3)]
            await until(lambda: session.info.calls == 3)
            await session.finish(4010, "restart")
            for call in calls:
                with pytest.raises(CallCancelled):
                    await call
            assert (await client.closed()).code == 4010


@async_test
async def test_a_message_that_stops_half_way_is_noticed():
    near, far = inproc_pair()
    limits = {"hello_timeout_s": 0.01, "pending_timeout_s": 0.05}
    async with served(**limits) as here, here.pumped(far) as (_, pumping):
        await near.write((frame(Hello.make().dump()),))
        await near.write((chunk(1, 0, 100, b"a"),))
        closed = await pumping
        assert closed.code == 4012
        assert closed.reason.startswith("message 1: expected a chunk every 0.05 s, got none for")


@async_test
async def test_a_peer_that_does_not_say_hello_is_closed():
    near, far = inproc_pair()
    async with served(hello_timeout_s=0.01) as here, here.pumped(far):
        with pytest.raises(ConnectionClosed, match=r"expected a hello within 0\.01 s"):
            await near.read()


@async_test
async def test_a_peer_that_does_not_read_is_closed_as_slow_and_let_go():
    near, far = inproc_pair()
    async with served(max_queued_bytes=100_000) as here, here.pumped(far) as (session, pumping):
        await near.write((frame(Hello.make().dump()),))
        await near.read()
        while not session.closing.done():
            here.publish("t", bytes(50_000))
            await turns(3)
        assert (await pumping).code == 4008


@async_test
async def test_a_vanished_peer_ends_the_pump():
    near, far = inproc_pair()
    async with served() as here, here.pumped(far) as (_, pumping):
        near.abort()
        assert (await pumping).code == 1006


@async_test
async def test_a_cancelled_pump_leaves_no_task_and_closes_the_transport():
    near, far = inproc_pair()
    async with served() as here, here.pumped(far) as (_, pumping):
        await turns(3)
        pumping.cancel()
        await asyncio.wait((pumping,))
        assert pumping.cancelled()
        with pytest.raises(ConnectionClosed):
            await near.read()


@async_test
async def test_the_peer_that_goes_cancels_its_calls_and_no_others():
    gone, stays = threading.Event(), asyncio.Event()
    async with served() as here:

        async def until_gone():
            try:
                await forever()
            finally:
                gone.set()

        async def until_told():
            await stays.wait()
            return "still here"

        here.expose(until_gone, "gone", "loop")
        here.expose(until_told, "stays", "loop")
        async with here.connect() as (other, _):
            staying = asyncio.create_task(other.call("stays"))
            async with here.connect() as (client, session):
                leaving = asyncio.create_task(client.call("gone"))
                await until(lambda: session.info.calls)
            with pytest.raises(ConnectionClosed):
                await leaving
            await until(gone.is_set)
            stays.set()
            assert await staying == "still here"


@async_test
async def test_a_refused_hello_is_an_error_of_the_client():
    near, far = inproc_pair()
    async with served() as here, here.pumped(far):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("wslink_jupyter.client.session.PROTOCOL", 2)
            client = ClientSession(near)
            with pytest.raises(RpcError, match="In the kernel's environment") as raised:
                await client.open("")
        assert raised.value.code == -32600
        await client.close()
