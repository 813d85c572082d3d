"""Round trips and rates of calls, and uploads."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bench.clients.base import Client
from bench.programs.payloads import MIB, random_bytes
from bench.systems.base import System
from bench.workloads.base import Effort, Figures
from bench.workloads.samples import latencies, time_calls

_VALUE = {"x": 0.25, "y": 0.75, "buttons": 1}
_IN_FLIGHT = 64
_UPLOADS_IN_FLIGHT = 2
_UPLOAD_BYTES = 8 * MIB


@asynccontextmanager
async def connected(system: System) -> AsyncIterator[Client]:
    """Connect a client of its own for one measurement."""
    client = await system.connect()
    try:
        yield client
    finally:
        await client.close()


async def echo(system: System, effort: Effort, method: str = "bench.echo") -> Figures:
    """One call in flight."""
    async with connected(system) as client:

        async def call() -> None:
            await client.call(method, _VALUE)

        await time_calls(call, effort.warm_up_s)
        return latencies(await time_calls(call, effort.seconds))


async def echo_thread(system: System, effort: Effort) -> Figures:
    """The same in the pool of threads."""
    return await echo(system, effort, "bench.echo_thread")


async def echo_main(system: System, effort: Effort) -> Figures:
    """The same on the idle main thread."""
    return await echo(system, effort, "bench.echo_main")


async def _rate(
    client: Client, effort: Effort, in_flight: int, method: str, *args: object
) -> float:
    """Return calls per second with so many in flight."""
    done = 0

    async def go_on() -> None:
        nonlocal done
        while True:
            await client.call(method, *args)
            done += 1

    workers = [asyncio.create_task(go_on()) for _ in range(in_flight)]
    try:
        await asyncio.sleep(effort.warm_up_s)
        before, begin_s = done, time.perf_counter()
        # Slow paths get the time for some at least.
        while done - before < in_flight or time.perf_counter() - begin_s < effort.seconds:
            await asyncio.sleep(0.01)
            for worker in workers:
                if worker.done():
                    worker.result()
        return (done - before) / (time.perf_counter() - begin_s)
    finally:
        for worker in workers:
            worker.cancel()
        await asyncio.gather(*workers, return_exceptions=True)


async def calls(system: System, effort: Effort) -> Figures:
    """64 calls in flight."""
    async with connected(system) as client:
        return {"calls_per_s": await _rate(client, effort, _IN_FLIGHT, "bench.echo", _VALUE)}


async def upload(system: System, effort: Effort) -> Figures:
    """Large arguments, two calls in flight."""
    data = random_bytes(_UPLOAD_BYTES)
    async with connected(system) as client:
        received = await client.call("bench.upload", data)
        if received < _UPLOAD_BYTES:
            raise AssertionError(f"{received} bytes arrived of {_UPLOAD_BYTES}")
        per_s = await _rate(client, effort, _UPLOADS_IN_FLIGHT, "bench.upload", data)
        return {"mb_per_s": per_s * _UPLOAD_BYTES / 1e6}
