import asyncio
import contextlib

import pytest
from support.virtual_time import virtual_time

from wslink_jupyter.transport.heartbeat import Heartbeat

INTERVAL_S, TIMEOUT_S = 20.0, 15.0


class Peer:
    """Counts pings, and answers as long as it is told to."""

    def __init__(self, answers):
        self.pings_s = []
        self._answers = answers
        self.heartbeat = Heartbeat(self.ping, INTERVAL_S, TIMEOUT_S)

    def ping(self):
        loop = asyncio.get_running_loop()
        self.pings_s.append(loop.time())
        if len(self.pings_s) <= self._answers:
            loop.call_later(0.1, self.heartbeat.heard)


@virtual_time
async def test_a_silent_peer_is_gone_after_interval_and_timeout():
    peer = Peer(answers=0)
    assert await peer.heartbeat.until_silent() == pytest.approx(INTERVAL_S + TIMEOUT_S)
    assert peer.pings_s == [pytest.approx(INTERVAL_S)]


@virtual_time
async def test_a_peer_that_answers_stays_until_it_stops():
    peer = Peer(answers=100)
    silence_s = await peer.heartbeat.until_silent()
    assert silence_s == pytest.approx(INTERVAL_S + TIMEOUT_S, abs=0.1)
    assert len(peer.pings_s) == 101
    gaps_s = [later - sooner for sooner, later in zip(peer.pings_s, peer.pings_s[1:], strict=False)]
    assert gaps_s == pytest.approx([INTERVAL_S] * 100)


@virtual_time
async def test_any_data_counts_as_life():
    peer = Peer(answers=0)
    loop = asyncio.get_running_loop()
    for second in range(0, 1000, 30):
        loop.call_at(second, peer.heartbeat.heard)
    await peer.heartbeat.until_silent()
    assert loop.time() == pytest.approx(990 + INTERVAL_S + TIMEOUT_S)


@virtual_time
async def test_time_in_which_we_did_not_read_is_no_silence():
    peer = Peer(answers=0)
    judged = asyncio.create_task(peer.heartbeat.until_silent())
    with peer.heartbeat.not_reading():
        await asyncio.sleep(1000)
        with peer.heartbeat.not_reading():
            await asyncio.sleep(1000)
        await asyncio.sleep(1000)
        assert not judged.done()
    ended_s = asyncio.get_running_loop().time()
    await judged
    silence_s = asyncio.get_running_loop().time() - ended_s
    assert silence_s == pytest.approx(INTERVAL_S + TIMEOUT_S, abs=0.1)


@virtual_time
async def test_a_loop_that_stood_still_cuts_nobody():
    peer = Peer(answers=0)
    judged = asyncio.create_task(peer.heartbeat.until_silent())
    await asyncio.sleep(10)
    asyncio.get_running_loop().stand_still(500)
    await asyncio.sleep(30)
    assert not judged.done()
    assert await judged == pytest.approx(INTERVAL_S + TIMEOUT_S, abs=0.1)


@virtual_time
async def test_it_ends_when_it_is_cancelled():
    peer = Peer(answers=0)
    judged = asyncio.create_task(peer.heartbeat.until_silent())
    await asyncio.sleep(1)
    judged.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await judged
    await asyncio.sleep(1000)
    assert peer.pings_s == []
