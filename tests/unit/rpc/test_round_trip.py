import asyncio

import pytest
from support.asynchronous import async_test, turns
from support.endpoints import served
from support.virtual_time import virtual_time

from wslink_jupyter.rpc.round_trip import RoundTrip
from wslink_jupyter.wire.envelopes import Publication


class Client:
    """Acknowledges each ping after a while, or never."""

    def __init__(self, *delays_s):
        self.round_trip = RoundTrip(self._ping)
        self.pings = []
        self._delays_s = list(delays_s)

    def _ping(self, number):
        self.pings.append(number)
        if self._delays_s:
            loop = asyncio.get_running_loop()
            loop.call_later(self._delays_s.pop(0), self.round_trip.acknowledged, number)


@virtual_time
async def test_it_is_not_known_before_it_is_measured():
    client = Client(0.25)
    assert client.round_trip.last_s is None
    assert client.pings == []
    await client.round_trip.measure(10.0)
    assert client.round_trip.last_s == 0.25


@virtual_time
async def test_each_measurement_is_a_new_one():
    client = Client(0.25, 0.5)
    for expected in (0.25, 0.5):
        await client.round_trip.measure(10.0)
        assert client.round_trip.last_s == expected
    assert client.pings == [1, 2]


@virtual_time
async def test_who_asks_at_the_same_time_shares_one_ping():
    client = Client(0.25)
    await asyncio.gather(*(client.round_trip.measure(10.0) for _ in range(3)))
    assert (client.pings, client.round_trip.last_s) == ([1], 0.25)


@virtual_time
async def test_no_answer_keeps_the_last_figure_and_costs_the_time_out():
    client = Client(0.25)
    await client.round_trip.measure(10.0)
    before_s = asyncio.get_running_loop().time()
    await client.round_trip.measure(2.0)
    assert asyncio.get_running_loop().time() - before_s == 2.0
    assert client.round_trip.last_s == 0.25


@virtual_time
async def test_a_late_answer_is_the_figure_and_one_ping_is_on_its_way_at_most():
    client = Client(3.0, 0.5)
    for _ in range(2):
        await client.round_trip.measure(1.0)
    assert (client.pings, client.round_trip.last_s) == ([1], None)
    await client.round_trip.measure(10.0)
    assert (client.pings, client.round_trip.last_s) == ([1], 3.0)
    await client.round_trip.measure(10.0)
    assert client.round_trip.last_s == 0.5


@virtual_time
async def test_other_numbers_than_the_ping_s_are_no_answer():
    client = Client()
    measuring = asyncio.create_task(client.round_trip.measure(10.0))
    await turns(2)
    for number in (0, 2, -1, 2**70):
        client.round_trip.acknowledged(number)
    await turns(3)
    assert not measuring.done()
    client.round_trip.acknowledged(1)
    client.round_trip.acknowledged(1)  # twice is once
    await measuring
    assert client.round_trip.last_s == 0.0


@virtual_time
async def test_an_answer_that_nobody_waits_for_is_nothing():
    client = Client()
    client.round_trip.acknowledged(0)
    assert client.round_trip.last_s is None


@async_test
async def test_our_client_is_pinged_when_it_is_asked_for_and_a_stock_client_never():
    async with served() as here:
        own, stock = here.converse(), here.converse()
        await own.greet(protocol=1)
        await stock.greet()
        assert own.session.info.rtt_s is None
        measuring = asyncio.create_task(here.endpoint.hub.measure_round_trips(10.0))
        ping = await own.hear()
        assert ping == Publication("jupyter.ping", 1, None, ack=True)
        own.acknowledge(ping.topic, ping.number)
        await measuring
        assert own.session.info.rtt_s >= 0
        assert stock.session.info.rtt_s is None
        assert stock.hear_all() == own.hear_all() == []


@async_test
async def test_the_python_client_answers_by_itself():
    async with served() as here, here.connect() as (_, session):
        await here.endpoint.hub.measure_round_trips(10.0)
        assert session.info.rtt_s >= 0
        assert session.info.queued_messages == 0


@pytest.mark.parametrize("count", [0, 3])
@async_test
async def test_clients_are_measured_together(count):
    async with served() as here:
        peers = [here.converse() for _ in range(count)]
        for peer in peers:
            await peer.greet(protocol=1)
        measuring = asyncio.create_task(here.endpoint.hub.measure_round_trips(10.0))
        for peer in peers:
            ping = await peer.hear()
            peer.acknowledge(ping.topic, ping.number)
        await measuring
        assert all(peer.session.info.rtt_s >= 0 for peer in peers)
