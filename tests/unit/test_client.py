"""The Python client against a peer that is played by hand."""

import asyncio

import pytest
from support.asynchronous import async_test, turns
from support.frames import cut, frame
from support.server_by_hand import OUR_HELLO as OURS
from support.server_by_hand import ServerByHand, opened

from wslink_jupyter.client import ClientSession
from wslink_jupyter.errors import (
    ConnectionClosed,
    DeadlineExceeded,
    InvalidEnvelope,
    MethodNotFound,
    RpcError,
)
from wslink_jupyter.transport.inproc import inproc_pair
from wslink_jupyter.wire.envelopes import Failure, Result


@async_test
async def test_a_stock_server_is_understood():
    client, server = await opened({"clientID": "c1", "maxMsgSize": 4194304})
    calling = asyncio.create_task(client.call("demo.add", 1, b=2))
    call = await server.hear()
    assert (call.id, call.method, call.args, call.kwargs) == ("rpc:c1:0", "demo.add", [1], {"b": 2})
    await server.say(Result(call.id, 3))
    assert await calling == 3
    await client.close()


@pytest.mark.parametrize(
    ("advertised", "largest"), [(64, 64), (4194304, 262144), (0, 262144), (None, 262144)]
)
@async_test
async def test_frames_are_no_larger_than_the_server_takes(advertised, largest):
    client, server = await opened({"clientID": "c1", "maxMsgSize": advertised})
    server.frame_sizes.clear()
    calling = asyncio.create_task(client.call("f", "x" * 600))
    call = await server.hear()
    assert max(server.frame_sizes) <= largest
    await server.say(Result(call.id, None))
    await calling
    await client.close()


@async_test
async def test_an_error_reply_is_raised_as_its_class():
    client, server = await opened(OURS)
    calling = asyncio.create_task(client.call("no.such"))
    call = await server.hear()
    await server.say(Failure(call.id, -32601, "Unregistered method called", "no.such"))
    with pytest.raises(MethodNotFound, match="Unregistered method called"):
        await calling
    await client.close()


@async_test
async def test_answers_come_in_any_order_and_unknown_ones_are_ignored():
    client, server = await opened(OURS)
    calls = [asyncio.create_task(client.call("f", number)) for number in range(3)]
    heard = [await server.hear() for _ in calls]
    await server.say(Result("rpc:other:9", "nobody asked"))
    for call in reversed(heard):
        await server.say(Result(call.id, call.args[0]))
    assert await asyncio.gather(*calls) == [0, 1, 2]
    await client.close()


@async_test
async def test_cancelling_asks_the_kernel_to_cancel():
    client, server = await opened(OURS)
    calling = asyncio.create_task(client.call("f"))
    call = await server.hear()
    calling.cancel()
    cancel = await server.hear()
    assert (cancel.id, cancel.method) == ("system:c0:1", "wslink_jupyter.cancel")
    assert cancel.args == [call.id]
    with pytest.raises(asyncio.CancelledError):
        await calling
    await client.close()


@async_test
async def test_a_stock_server_is_not_asked_to_cancel():
    client, server = await opened({"clientID": "c1", "maxMsgSize": 0})
    calling = asyncio.create_task(client.call("f"))
    await server.hear()
    calling.cancel()
    await asyncio.wait((calling,))
    asking = asyncio.create_task(client.call("g"))
    assert (await server.hear()).method == "g"
    await client.close()
    with pytest.raises(ConnectionClosed):
        await asking


@async_test
async def test_a_call_that_takes_too_long_is_given_up_and_cancelled():
    client, server = await opened(OURS)
    calling = asyncio.create_task(client.call("f", timeout_s=0.01))
    call = await server.hear()
    with pytest.raises(DeadlineExceeded, match=r"f: expected a reply within 0\.01 s, got none"):
        await calling
    assert await server.hear_system() == ("wslink_jupyter.cancel", [call.id])
    assert call.kwargs == {}
    await client.close()


@async_test
async def test_a_call_that_is_cancelled_while_it_is_sent_leaves_no_half_message():
    client, server = await opened(OURS)
    calling = asyncio.create_task(client.call("f", bytes(8_000_000)))
    await turns(10)  # the transport is full: nobody reads yet
    calling.cancel()
    await turns(5)
    heard = [await asyncio.wait_for(server.hear(), 1.0) for _ in range(2)]
    assert {request.method for request in heard} == {"f", "wslink_jupyter.cancel"}
    await client.close()


@pytest.mark.parametrize(
    ("code", "reason"), [(4010, "restart"), (4008, "slow consumer: 5 messages"), (1006, "")]
)
@async_test
async def test_when_the_connection_ends_every_call_ends(code, reason):
    client, server = await opened(OURS)
    calls = [asyncio.create_task(client.call("f")) for _ in range(3)]
    for _ in calls:
        await server.hear()
    if code == 1006:
        server.transport.abort()
    else:
        await server.transport.close(code, reason)
    for call in calls:
        with pytest.raises(ConnectionClosed) as raised:
            await call
        assert (raised.value.code, raised.value.reason) == (code, reason)
    assert (await client.closed()).code == code
    with pytest.raises(ConnectionClosed):
        await client.call("f")
    await client.close()


@async_test
async def test_a_server_that_breaks_a_rule_is_closed_with_its_code():
    client, server = await opened(OURS)
    calling = asyncio.create_task(client.call("f"))
    await server.hear()
    await server.transport.write((b"short",))
    with pytest.raises(ConnectionClosed, match="expected at least 12 bytes, got 5") as raised:
        await calling
    assert raised.value.code == 4000
    with pytest.raises(ConnectionClosed, match="4000"):
        await server.hear()
    await client.close()


@async_test
async def test_a_refused_hello_raises_and_can_be_said_again():
    near, far = inproc_pair()
    client, server = ClientSession(near), ServerByHand(far)
    for answer in (Failure("system:c0:0", -32000, "Authentication failed"), None):
        opening = asyncio.create_task(client.open("s"))
        hello = await server.hear()
        await server.say(answer or Result(hello.id, OURS))
        if answer:
            with pytest.raises(RpcError, match="Authentication failed"):
                await opening
        else:
            await opening
    assert client.hello == OURS
    await client.close()


@pytest.mark.parametrize("answer", [None, [], {}, {"clientID": 5}, {"clientID": ""}, {"id": "c1"}])
@async_test
async def test_an_answer_to_the_hello_that_is_none_is_said_to_be_none(answer):
    near, far = inproc_pair()
    client, server = ClientSession(near), ServerByHand(far)
    opening = asyncio.create_task(client.open(""))
    hello = await server.hear()
    await server.say(Result(hello.id, answer))
    with pytest.raises(InvalidEnvelope, match="expected a hello's answer with a clientID, got "):
        await opening
    await client.close()


@pytest.mark.parametrize(
    "error", [{"message": "no code"}, {"code": "-1"}, "text", {"code": None, "message": ""}]
)
@async_test
async def test_an_error_without_code_ends_its_own_call_alone(error):
    client, server = await opened({"clientID": "c1"})
    calls = [asyncio.create_task(client.call("f")) for _ in range(2)]
    first, second = [await server.hear() for _ in calls]
    wrong = {"wslink": "1.0", "id": first.id, "error": error}
    await server.transport.write((frame(wrong),))
    await server.say(Result(second.id, "fine"))
    with pytest.raises(InvalidEnvelope, match=r"expected .*, got .* - at \$\.error"):
        await calls[0]
    assert await calls[1] == "fine"
    await client.close()


@async_test
async def test_large_answers_arrive_in_chunks():
    client, server = await opened(OURS)
    calling = asyncio.create_task(client.call("f"))
    call = await server.hear()
    message = frame(Result(call.id, bytes(3_000_000)).dump())[12:]
    for data in cut(5, message, 262144):
        await server.transport.write((data,))
    assert await calling == bytes(3_000_000)
    await client.close()


@async_test
async def test_closing_twice_is_closing_once():
    client, _ = await opened(OURS)
    await client.close()
    await client.close()
    assert (await client.closed()).code == 1000
