"""A pumped session over a link, whose client is slow to take what it is lent."""

import asyncio
from contextlib import asynccontextmanager, suppress

import pytest
from support.asynchronous import async_test, turns, until
from support.endpoints import served
from support.frames import frame
from support.pairs import MAX_FRAME_BYTES, mapped, stream_pair

from wslink_jupyter.errors import ConnectionClosed
from wslink_jupyter.limits import CLIENT_LIMITS, KIB, MIB
from wslink_jupyter.rpc.shared_memory import CAN_SHARE
from wslink_jupyter.transport.link_transport import LinkTransport
from wslink_jupyter.wire.codec import unpack
from wslink_jupyter.wire.envelopes import Call, Hello, Publication, parse_reply
from wslink_jupyter.wire.reassembly import Reassembler

pytestmark = pytest.mark.skipif(not CAN_SHARE, reason="Linux only")

PUBLISHED = 8 * MIB


class Client:
    """Says what it is told to; takes what it is lent when it is told to."""

    def __init__(self, transport):
        self.transport = transport
        self._reassembler = Reassembler(CLIENT_LIMITS)
        self.heard = []
        self.delivering = None
        self.may_take = asyncio.Event()
        transport.hand_over_parts(self._take_lent, lambda: True)

    async def say(self, envelope):
        await self.transport.write((frame(envelope.dump()),))

    async def call(self, number, name="f"):
        await self.say(Call(f"rpc:c0:{number}", name, [], {}))

    def start(self):
        """Take everything but what is lent."""
        self.delivering = asyncio.create_task(self.transport.deliver(self.take))
        self.delivering.add_done_callback(lambda task: task.cancelled() or task.exception())
        return self.delivering

    async def _take_lent(self, parts):
        await self.may_take.wait()
        self.take(b"".join(parts))

    def take(self, chunk):
        message = self._reassembler.feed(bytes(chunk), 2**30, 0.0)
        if message is not None:
            self.heard.append(parse_reply(unpack(message, CLIENT_LIMITS)))

    @property
    def ids(self):
        return [reply.id for reply in self.heard if not isinstance(reply, Publication)]

    @property
    def published(self):
        return [reply.value for reply in self.heard if isinstance(reply, Publication)]


@asynccontextmanager
async def client_of(here):
    """Return a client that has said hello, its session and the task of the pump."""
    one, other = await stream_pair()
    one.hold_little()
    memory = here.endpoint.hub.pool.memory
    transport = LinkTransport(one, MIB, lends=memory)
    client = Client(LinkTransport(other, MAX_FRAME_BYTES, borrows=mapped(here.endpoint.hub.pool)))
    async with here.pumped(transport) as (session, pumping):
        await client.say(Hello.make())
        client.take(await client.transport.read())
        try:
            yield client, session, pumping
        finally:
            client.transport.abort()
            if client.delivering is not None:
                client.delivering.cancel()
            await asyncio.wait((pumping,))


@async_test
async def test_a_reply_goes_out_while_a_publication_waits_for_room():
    async with served() as here:
        here.expose(lambda: "quick", "f", "loop")
        async with client_of(here) as (client, session, _):
            delivering = client.start()
            here.publish("t", bytes(PUBLISHED))
            await until(lambda: PUBLISHED > session.info.queued_bytes > 0)
            for number in range(3):
                await client.call(number)
            await until(lambda: len(client.ids) == 4)
            assert client.published == []
            assert session.info.queued_bytes > PUBLISHED // 2
            client.may_take.set()
            await until(lambda: client.published)
            assert client.published == [bytes(PUBLISHED)]
            session.close(4010, "restart")
            with pytest.raises(ConnectionClosed, match="restart"):
                await delivering


@async_test
async def test_a_result_goes_out_before_what_its_call_published_though_others_wait():
    async with served() as here:
        here.expose(lambda: here.publish("t", "behind"), "f", "loop")
        async with client_of(here) as (client, session, _):
            client.start()
            here.publish("t", bytes(PUBLISHED))
            await until(lambda: PUBLISHED > session.info.queued_bytes > 0)
            await client.call(0)
            await until(lambda: "rpc:c0:0" in client.ids)
            assert client.published == []
            client.may_take.set()
            await until(lambda: len(client.published) == 2)
            assert client.published == [bytes(PUBLISHED), "behind"]


@asynccontextmanager
async def stuck():
    """Return a client, whose session waits for it with a publication and with replies."""
    async with served() as here:
        here.expose(lambda: bytes(100 * KIB), "f", "loop")
        async with client_of(here) as (client, session, pumping):
            here.publish("t", bytes(PUBLISHED))
            for number in range(10):
                await client.call(number)
            await until(lambda: session.info.calls == 0 and session.info.put_messages == 12)
            await turns(10)
            assert session.info.queued_bytes > PUBLISHED // 2 + 100 * KIB
            yield client, session, pumping


@async_test
async def test_a_session_that_closes_still_sends_everything_once(monkeypatch):
    monkeypatch.setattr("wslink_jupyter.transport.pump._DRAIN_TIMEOUT_S", 20.0)
    async with stuck() as (client, session, pumping):
        delivering = client.start()
        client.may_take.set()
        session.close(4010, "restart")
        with pytest.raises(ConnectionClosed, match="restart"):
            await delivering
        assert sorted(client.ids[1:]) == [f"rpc:c0:{number}" for number in range(10)]
        assert client.published == [bytes(PUBLISHED)]
        assert (await pumping).code == 4010
        assert session.info.queued_messages == 0


@async_test
async def test_a_client_that_vanishes_ends_both_kinds_of_waiting():
    async with stuck() as (client, _, pumping):
        client.transport.abort()
        assert (await pumping).code == 1006


@async_test
async def test_a_pump_that_is_cancelled_waits_for_nothing_any_more():
    async with stuck() as (client, _, pumping):
        pumping.cancel()
        await asyncio.wait((pumping,))
        assert pumping.cancelled()
        with pytest.raises(ConnectionClosed, match="link lost"):
            await client.start()


@pytest.mark.parametrize("reads_urgent", [False, True])
@async_test
async def test_a_client_that_takes_no_publication_is_closed_as_slow(reads_urgent, monkeypatch):
    monkeypatch.setattr("wslink_jupyter.transport.pump._CHECK_INTERVAL_S", 0.02)
    monkeypatch.setattr("wslink_jupyter.transport.pump._DRAIN_TIMEOUT_S", 0.02)
    monkeypatch.setattr("wslink_jupyter.transport.link_transport._CLOSE_TIMEOUT_S", 0.02)
    async with served(slow_timeout_s=0.3) as here:
        here.expose(lambda: "quick", "f", "loop")
        async with client_of(here) as (client, _, pumping):
            if reads_urgent:
                client.start()
            here.publish("t", bytes(PUBLISHED))
            number = 0
            with suppress(ConnectionClosed):  # it calls until it is closed; some results go out
                while not pumping.done():
                    number += 1
                    await client.call(number)
                    await asyncio.wait((pumping,), timeout=0.005)
            assert (await pumping).code == 4008
