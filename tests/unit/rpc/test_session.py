import asyncio

import pytest
from support.asynchronous import async_test, turns, until
from support.endpoints import EPOCH, served
from support.frames import chunk, frame

from wslink_jupyter.errors import InvalidChunk, InvalidEnvelope, InvalidMessage, MessageTooBig
from wslink_jupyter.limits import MIB
from wslink_jupyter.transport.base import cut_reason
from wslink_jupyter.wire.connection import State
from wslink_jupyter.wire.envelopes import Failure, Result


@async_test
async def test_a_stock_hello_gets_what_stock_servers_answer_and_nothing_else():
    async with served() as here:
        peer = here.converse()
        reply = await peer.greet(secret="wslink-secret")
        assert reply == Result("system:c0:0", {"clientID": peer.session.id, "maxMsgSize": 4 * MIB})
        assert peer.session.wire.state is State.OPEN
        assert peer.session.info.client == ""


@async_test
async def test_our_hello_gets_protocol_version_and_epoch():
    async with served() as here:
        peer = here.converse()
        reply = await peer.greet(secret="", client="wslink-jupyter", version="9", protocol=1)
        assert reply.value == {
            "clientID": peer.session.id,
            "maxMsgSize": 4 * MIB,
            "protocol": 1,
            "version": "0.1.0",
            "epoch": EPOCH,
            "receipts": True,
        }
        assert peer.session.info.client == "wslink-jupyter"
        # A longer one kills the stock Python client.
        assert peer.session.info.sent_bytes < 512


@pytest.mark.parametrize(
    ("details", "sentences"),
    [
        (
            {"protocol": 2, "version": "9.9"},
            [
                "expected a client of wslink-jupyter protocol 1, got 2. ",
                "In the kernel's environment (version 0.1.0): ",
                'pip install "wslink-jupyter==9.9"',
            ],
        ),
        (
            {"protocol": 0, "version": "0.0.1"},
            [
                "protocol 1, got 0. In the Jupyter server's environment (version 0.0.1): ",
                'pip install "wslink-jupyter==0.1.0", then reload the page',
            ],
        ),
        (
            {"protocol": "x" * 500},
            ["protocol 1, got 'xxxxxxxxxxxxxxxxxxx. In the Jup"],
        ),
    ],
)
@async_test
async def test_another_protocol_is_told_which_side_to_upgrade(details, sentences):
    async with served() as here:
        peer = here.converse()
        failure = await peer.greet(**details)
        assert (failure.id, failure.code) == ("system:c0:0", -32600)
        for sentence in sentences:
            assert sentence in failure.message
        assert len(failure.message) < 300
        assert peer.session.wire.state is State.GREETING
        # The socket stays open, as with stock servers: a right hello may follow.
        assert isinstance(await peer.greet(protocol=1), Result)


@async_test
async def test_a_protocol_that_is_no_number_is_refused():
    array = {"@type": "ndarray", "dtype": "|u1", "shape": [2], "data": b"ab"}
    async with served() as here:
        failure = await here.converse().greet(protocol=array)
        assert failure.code == -32600


@pytest.mark.parametrize("args", [[], [None], ["text"], [[1]], [{}]])
@async_test
async def test_a_hello_without_details_is_that_of_a_stock_client(args):
    async with served() as here:
        peer = here.converse()
        peer.say({"id": "system:c0:0", "method": "wslink.hello", "args": args})
        assert (await peer.hear()).value["clientID"] == peer.session.id


@async_test
async def test_a_second_hello_is_answered_with_the_same_client_id():
    async with served() as here:
        peer = here.converse()
        first, second = await peer.greet(), await peer.greet()
        assert first == second
        assert len(here.endpoint.hub.infos()) == 1


@async_test
async def test_a_session_is_heard_of_once_it_has_said_hello():
    async with served() as here:
        peer = here.converse()
        assert here.endpoint.hub.infos() == []
        peer.session.publish(b"too early")
        assert peer.session.info.queued_messages == 0
        await peer.greet()
        assert [info.id for info in here.endpoint.hub.infos()] == [peer.session.id]


@async_test
async def test_calls_before_the_hello_are_refused_in_stock_words():
    async with served() as here:
        here.expose(lambda: 1, "f", "loop")
        peer = here.converse()
        failure = await peer.ask("f")
        assert failure == Failure(failure.id, -32000, "Unauthorized: Skip message processing")


@pytest.mark.parametrize("greeted", [False, True])
@async_test
async def test_unknown_system_requests_are_answered_so_that_clients_can_probe(greeted):
    async with served() as here:
        peer = here.converse()
        if greeted:
            await peer.greet()
        peer.say({"id": "system:c0:5", "method": "wslink.future", "args": []})
        expected = Failure("system:c0:5", -32601, "Unknown system method called", "wslink.future")
        assert await peer.hear() == expected


@async_test
async def test_an_invalid_envelope_with_an_id_is_answered_and_the_rest_goes_on():
    async with served() as here:
        here.expose(lambda: "ok", "f", "loop")
        peer = here.converse()
        await peer.greet()
        peer.say({"wslink": "1.0", "id": "rpc:x:1", "method": 7})
        expected = Failure("rpc:x:1", -32600, "expected text, got int - at $.method")
        assert await peer.hear() == expected
        assert (await peer.ask("f")).value == "ok"


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"short", InvalidChunk),
        (chunk(1, 0, 2**32 - 1, b"a"), MessageTooBig),
        (chunk(1, 0, 1, b"\xc1"), InvalidMessage),
        (frame([1]), InvalidEnvelope),
        (frame({"id": 5}), InvalidEnvelope),
    ],
)
@async_test
async def test_what_cannot_be_answered_ends_the_connection(data, error):
    async with served() as here:
        peer = here.converse()
        await peer.greet()
        with pytest.raises(error):
            peer.session.receive_frame(data, 0.0)


@async_test
async def test_a_slow_consumer_is_closed_with_the_counts_and_its_owner_told(caplog):
    async with served(max_queued_bytes=1000) as here:
        peer = here.converse()
        await peer.greet()
        for _ in range(20):
            here.publish("t", bytes(200))
        await until(peer.session.closing.done)
        code, reason = peer.session.closing.result()
        assert code == 4008
        info = peer.session.info
        # The hello was answered; the counts are those of the moment.
        assert reason == (
            f"slow consumer: 1 messages sent, {info.queued_messages} waited "
            f"({info.queued_bytes} bytes), 0 coalesced, 1 dropped"
        )
        assert info.queued_bytes <= 1000
        assert info.dropped_messages == 20 - info.queued_messages
        (record,) = caplog.records
        assert (
            f"{info.queued_messages} messages ({info.queued_bytes} bytes) waited" in record.message
        )
        assert "has missed what was published meanwhile" in record.message


@async_test
async def test_a_client_that_stands_still_is_closed_with_the_counts_when_it_did_for_long(caplog):
    async with served(slow_timeout_s=30.0) as here:
        peer = here.converse()
        await peer.greet(client="a tab")
        here.publish("t", 1)
        await turns(3)
        for now_s in (100.0, 101.0, 129.9):
            peer.session.check_time(now_s)
        assert not peer.session.closing.done()
        for now_s in (130.0, 131.0):
            peer.session.check_time(now_s)
        info = peer.session.info
        assert peer.session.closing.result() == (
            4008,
            f"slow consumer: 1 messages sent, 1 waited ({info.queued_bytes} bytes), "
            "0 coalesced, 0 dropped",
        )
        (record,) = caplog.records
        assert "a client (a tab) was closed: it did not keep up for 30 s." in record.message


def test_the_counts_fit_a_close_frame():
    reason = (
        f"slow consumer: {10**6} messages sent, {10**6} waited ({32 * MIB} bytes), "
        f"{10**6} coalesced, {10**6} dropped"
    )
    assert cut_reason(reason) == reason


@async_test
async def test_the_first_to_close_is_heard():
    async with served() as here:
        session = here.converse().session
        session.close(4001, "first")
        session.close(4002, "second")
        assert session.closing.result() == (4001, "first")


@async_test
async def test_end_forgets_everything_and_can_be_said_twice():
    async with served() as here:
        cancelled = asyncio.Event()

        async def until_cancelled():
            try:
                await asyncio.Event().wait()
            finally:
                cancelled.set()

        here.expose(until_cancelled, "f", "loop")
        peer = here.converse()
        await peer.greet()
        peer.call("f")
        here.publish("t", 1)
        await turns(5)
        for _ in range(2):
            here.endpoint.close_session(peer.session)
        await cancelled.wait()
        await turns(5)
        info = peer.session.info
        assert (info.calls, info.queued_messages, info.queued_bytes) == (0, 0, 0)
        assert here.endpoint.hub.infos() == []
        peer.session.publish(b"late")
        peer.session.receive_frame(b"late", 0.0)
        assert peer.session.info.queued_messages == 0
