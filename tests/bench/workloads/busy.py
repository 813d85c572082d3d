"""Calls while a cell runs in the kernel."""

from __future__ import annotations

import asyncio

from bench.systems.base import System
from bench.workloads.base import Effort, Figures
from bench.workloads.calls import connected
from bench.workloads.samples import latencies, time_calls_until

#: Time for a cell to be received and to begin.
_CELL_BEGINS_S = 0.1


async def _busy(system: System, effort: Effort, cell: str, method: str) -> Figures:
    code = "from bench.programs import cells\nrate = cells.{}({})"
    alone = await system.run_cell(code.format(cell, effort.cell_s / 2), "rate")
    async with connected(system) as client:
        await client.call(method, 1)
        running = asyncio.ensure_future(
            system.run_cell(code.format(cell, effort.cell_s + _CELL_BEGINS_S), "rate")
        )
        await asyncio.sleep(_CELL_BEGINS_S)
        samples_s = await time_calls_until(lambda: client.call(method, 1), running)
        beside = await running
    return {
        **latencies(samples_s),
        "calls_per_s": len(samples_s) / effort.cell_s,
        "cell_speed_ratio": beside / alone,
    }


async def python(system: System, effort: Effort) -> Figures:
    """A loop in pure Python; calls on the link's loop."""
    return await _busy(system, effort, "python", "bench.echo")


async def python_thread(system: System, effort: Effort) -> Figures:
    """A loop in pure Python; calls in the pool of threads."""
    return await _busy(system, effort, "python", "bench.echo_thread")


async def numpy(system: System, effort: Effort) -> Figures:
    """Operations on large arrays; calls on the link's loop."""
    return await _busy(system, effort, "numpy", "bench.echo")


async def numpy_thread(system: System, effort: Effort) -> Figures:
    """Operations on large arrays; calls in the pool of threads."""
    return await _busy(system, effort, "numpy", "bench.echo_thread")


async def sleep(system: System, effort: Effort) -> Figures:
    """`time.sleep`; calls on the link's loop."""
    return await _busy(system, effort, "sleep", "bench.echo")


async def sleep_thread(system: System, effort: Effort) -> Figures:
    """`time.sleep`; calls in the pool of threads."""
    return await _busy(system, effort, "sleep", "bench.echo_thread")
