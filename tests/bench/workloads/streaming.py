"""Rates of publications, and calls meanwhile."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager

from support.waiting import until

from bench.clients.base import Client, PublicationHandler
from bench.programs.payloads import PAYLOADS, Payload
from bench.programs.stream import LATEST_TOPIC, TOPIC
from bench.systems.base import System
from bench.workloads.base import Effort, Figures
from bench.workloads.calls import connected
from bench.workloads.samples import latencies, time_calls

_SUBSCRIBERS = 16
_STALL_TIMEOUT_S = 30.0
#: Publications that a rate is made of at least, however slow they come.
_FEWEST = 4
#: Room for an envelope around a value.
_OVERHEAD_BYTES = 1024


class Arrivals:
    """When publications had arrived at all of some clients.

    Attributes
    ----------
    times_s : list of float
    """

    def __init__(self, clients: list[Client]) -> None:
        self.times_s: list[float] = []
        self._clients = clients

    def note(self) -> None:
        self.times_s.append(time.perf_counter())

    async def wait_for(self, count: int) -> None:
        """Wait until `count` have arrived."""

        def have_come() -> bool:
            for client in self._clients:
                client.check()
            return len(self.times_s) >= count

        await until(have_come, f"{count} publications", _STALL_TIMEOUT_S)

    async def rate(self, effort: Effort) -> float:
        """Return publications per second from now on."""
        await asyncio.sleep(effort.warm_up_s)
        before, begin_s = len(self.times_s), time.perf_counter()
        await self.wait_for(before + 1 + _FEWEST)
        await asyncio.sleep(max(0.0, effort.seconds - (time.perf_counter() - begin_s)))
        # From arrival to arrival: slow paths would be rounded otherwise.
        counted = self.times_s[before:]
        return (len(counted) - 1) / (counted[-1] - counted[0])


class Receiver(Arrivals):
    """Counts a stream at several clients and acknowledges for all of them.

    The first client acknowledges what the slowest has: one window for all
    systems, whatever their own backpressure does.
    """

    def __init__(self, clients: list[Client], payload: Payload, ack_method: str) -> None:
        super().__init__(clients)
        self._payload = payload
        self._ack_method = ack_method
        self._counts = [0] * len(clients)
        self._acknowledged = 0
        for index, client in enumerate(clients):
            client.on_publication = self._counter(index)

    def _counter(self, index: int) -> PublicationHandler:
        counts, expected = self._counts, self._payload.size_bytes

        def count(topic: str, size_bytes: int) -> None:
            if topic != TOPIC:
                return
            if not expected <= size_bytes < expected + _OVERHEAD_BYTES:
                raise AssertionError(f"a publication: expected {expected} bytes, got {size_bytes}")
            counts[index] += 1
            complete = min(counts)
            if complete > len(self.times_s):
                self.note()
                if complete - self._acknowledged >= self._payload.acknowledge_every:
                    self._acknowledged = complete
                    self._clients[0].post(self._ack_method, complete)

        return count


@asynccontextmanager
async def streaming(
    clients: list[Client], name: str, prefix: str = "bench"
) -> AsyncIterator[Receiver]:
    """Have `name` published as fast as it goes; everything has arrived at the end.

    Parameters
    ----------
    clients : list of Client
        Subscribers; the first one asks.
    name : str
        Of a payload.
    prefix : str
        Of the procedures.
    """
    payload = PAYLOADS[name]
    receiver = Receiver(clients, payload, f"{prefix}.ack")
    await clients[0].call(f"{prefix}.stream", name, payload.window)
    yield receiver
    await receiver.wait_for(await clients[0].call(f"{prefix}.stop"))


async def _rate(system: System, effort: Effort, name: str, prefix: str = "bench") -> float:
    async with connected(system) as client, streaming([client], name, prefix) as receiver:
        return await receiver.rate(effort)


async def publish_64k(system: System, effort: Effort) -> Figures:
    """64 KiB of bytes."""
    rate_hz = await _rate(system, effort, "64k")
    return {"mb_per_s": rate_hz * PAYLOADS["64k"].size_bytes / 1e6}


async def publish_1m(system: System, effort: Effort) -> Figures:
    """1 MiB of bytes."""
    rate_hz = await _rate(system, effort, "1m")
    return {"mb_per_s": rate_hz * PAYLOADS["1m"].size_bytes / 1e6}


async def publish_1080p(system: System, effort: Effort) -> Figures:
    """A picture as an array that its owner goes on writing to."""
    return {"frames_per_s": await _rate(system, effort, "1080p")}


async def publish_1080p_thread(system: System, effort: Effort) -> Figures:
    """The same, published in the pool of threads."""
    return {"frames_per_s": await _rate(system, effort, "1080p", "threaded")}


@asynccontextmanager
async def _latest(client: Client) -> AsyncIterator[Arrivals]:
    """Have a thread publish to a latest topic and never wait; the topic drops what is too much."""
    arrivals = Arrivals([client])

    def count(topic: str, size_bytes: int) -> None:
        if topic == LATEST_TOPIC:
            arrivals.note()

    client.on_publication = count
    await client.call("bench.stream_latest", "1080p")
    try:
        yield arrivals
    finally:
        await client.call("bench.stop_latest")


async def publish_1080p_latest(system: System, effort: Effort) -> Figures:
    """The same to a latest topic."""
    async with connected(system) as client, _latest(client) as arrivals:
        return {"frames_per_s": await arrivals.rate(effort)}


async def subscribers(system: System, effort: Effort) -> Figures:
    """16 clients on one topic; megabytes of all together."""
    async with AsyncExitStack() as stack:
        clients = [await stack.enter_async_context(connected(system)) for _ in range(_SUBSCRIBERS)]
        receiver = await stack.enter_async_context(streaming(clients, "64k"))
        rate_hz = await receiver.rate(effort)
    return {"mb_per_s": rate_hz * _SUBSCRIBERS * PAYLOADS["64k"].size_bytes / 1e6}


async def call_while_streaming(system: System, effort: Effort) -> Figures:
    """Echo on the connection on which frames stream, against the same when they do not."""
    return await _call_while(system, effort, lambda client: streaming([client], "1080p"))


async def call_while_streaming_thread(system: System, effort: Effort) -> Figures:
    """The same while frames are published in the pool of threads."""
    return await _call_while(
        system, effort, lambda client: streaming([client], "1080p", "threaded")
    )


async def call_while_latest(system: System, effort: Effort) -> Figures:
    """The same while frames stream to a latest topic."""
    return await _call_while(system, effort, _latest)


async def _call_while(
    system: System,
    effort: Effort,
    stream: Callable[[Client], AbstractAsyncContextManager[Arrivals]],
) -> Figures:
    async with connected(system) as client:

        async def call() -> None:
            await client.call("bench.echo", 1)

        await time_calls(call, effort.warm_up_s)
        idle = latencies(await time_calls(call, effort.seconds))
        async with stream(client) as arrivals:
            await asyncio.sleep(effort.warm_up_s)
            before, begin_s = len(arrivals.times_s), time.perf_counter()
            busy = latencies(await time_calls(call, effort.seconds))
            seconds = time.perf_counter() - begin_s
            frames = len(arrivals.times_s) - before
    return {
        **busy,
        "idle_p50_ms": idle["p50_ms"],
        "idle_p99_ms": idle["p99_ms"],
        "p99_ratio": busy["p99_ms"] / idle["p99_ms"],
        "frames_per_s": frames / seconds,
    }
