"""What a reader that stops costs in memory, and what `publish()` costs its caller."""

from __future__ import annotations

import asyncio
import time
from contextlib import AsyncExitStack

from support.waiting import until

from bench.clients.base import Client
from bench.processes import memory_mb
from bench.systems.base import System
from bench.workloads.base import Effort, Figures
from bench.workloads.calls import connected
from bench.workloads.streaming import streaming

_RATE_HZ = 30.0
_READS_FIRST_S = 0.3
_SAMPLE_S = 0.05
_THREADS = 8
_CLIENTS = 8
#: Of each thread, for each second that is to be measured.
_PUBLISHES_PER_S = 700
_PAUSE_S = 0.001
_DRAIN_TIMEOUT_S = 20.0
#: Of 64 KiB, to a client that does not read: less than it may be behind, 32 MiB.
_BEFORE_IT_IS_CLOSED = 300


async def stalled_reader(system: System, effort: Effort) -> Figures:
    """1080p frames at 30 Hz, and a client that stops reading.

    Wants a system of its own: memory that one stall left behind would hide
    the next one's.
    """
    async with connected(system) as client, streaming([client], "1080p") as receiver:
        await receiver.wait_for(10)  # what streaming itself takes is no growth
    client = await system.connect()
    try:
        before_mb = peak_mb = memory_mb(system.pids)
        await client.call("bench.flood", "1080p", _RATE_HZ, _READS_FIRST_S + effort.stall_s)
        await asyncio.sleep(_READS_FIRST_S)
        client.pause()
        end_s = time.monotonic() + effort.stall_s
        while time.monotonic() < end_s:
            await asyncio.sleep(_SAMPLE_S)
            peak_mb = max(peak_mb, memory_mb(system.pids))
    finally:
        # As a page that is killed: hundreds of megabytes must not be read first.
        client.abort()
        await client.close()
    return {"growth_mb": peak_mb - before_mb}


async def beside_stalled(system: System, effort: Effort) -> Figures:
    """64 KiB to seven clients at full rate, while an eighth reads and while it does not."""
    reads_s = stopped_s = 0.0
    async with AsyncExitStack() as stack:
        clients = [await stack.enter_async_context(connected(system)) for _ in range(_CLIENTS)]
        eighth = clients.pop()
        await eighth.call("bench.echo", 1)
        while stopped_s < effort.seconds:  # in turns, as the machine changes
            reads_s += await _stream_s(clients, eighth)
            eighth.pause()
            stopped_s += await _stream_s(clients, eighth)
    return {"kept_ratio": reads_s / stopped_s}


async def _stream_s(clients: list[Client], eighth: Client) -> float:
    """Return how long some publications take to `clients`; the eighth may get them later."""
    before = eighth.publications
    async with streaming(clients, "64k") as receiver:
        await receiver.wait_for(_BEFORE_IT_IS_CLOSED)
    count = len(receiver.times_s)
    eighth.resume()

    def has_all() -> bool:
        eighth.check()  # who was closed meanwhile would have slowed nobody
        return eighth.publications - before >= count

    await until(has_all, "what was published to the eighth", _DRAIN_TIMEOUT_S)
    return receiver.times_s[_BEFORE_IT_IS_CLOSED - 1] - receiver.times_s[0]


async def publish_cost(system: System, effort: Effort) -> Figures:
    """Small values from eight threads at once, to eight clients of which one does not read."""
    return await _publish_cost(system, effort, 0.0)


async def publish_cost_paced(system: System, effort: Effort) -> Figures:
    """The same with pauses, as threads have that do something besides."""
    return await _publish_cost(system, effort, _PAUSE_S)


async def _publish_cost(system: System, effort: Effort, pause_s: float) -> Figures:
    count = round(_PUBLISHES_PER_S * effort.seconds)
    async with AsyncExitStack() as stack:
        clients = [await stack.enter_async_context(connected(system)) for _ in range(_CLIENTS)]
        await asyncio.gather(*(client.call("bench.echo", 1) for client in clients))
        clients[-1].pause()
        figures: Figures = await clients[0].call("bench.publish_cost", _THREADS, count, pause_s)
        clients[-1].resume()
        # So that the next measurement is alone.
        await until(
            lambda: all(client.publications >= _THREADS * count for client in clients),
            "every publication at every client",
            _DRAIN_TIMEOUT_S,
        )
    return figures
