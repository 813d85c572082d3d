"""Percentiles of what was timed."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence

from bench.workloads.base import Figures


def percentile(sorted_values: Sequence[float], percent: float) -> float:
    """Return the smallest value that `percent` of the values do not exceed."""
    return sorted_values[min(int(len(sorted_values) * percent / 100), len(sorted_values) - 1)]


def latencies(samples_s: Sequence[float]) -> Figures:
    """Return p50, p99 and count of round trips."""
    ordered = sorted(samples_s)
    return {
        "p50_ms": percentile(ordered, 50) * 1e3,
        "p99_ms": percentile(ordered, 99) * 1e3,
        "samples": float(len(ordered)),
    }


async def time_calls(call: Callable[[], Awaitable[object]], seconds: float) -> list[float]:
    """Call again and again, one in flight; return the round trips, at least one, in seconds."""
    samples_s: list[float] = []
    now_s = time.perf_counter()
    end_s = now_s + seconds
    while not samples_s or now_s < end_s:
        begin_s = now_s
        await call()
        now_s = time.perf_counter()
        samples_s.append(now_s - begin_s)
    return samples_s


async def time_calls_until(
    call: Callable[[], Awaitable[object]], end: asyncio.Future[object]
) -> list[float]:
    """Call until `end` is done; the call in flight then still counts."""
    samples_s: list[float] = []
    while not end.done():
        begin_s = time.perf_counter()
        await call()
        samples_s.append(time.perf_counter() - begin_s)
    return samples_s
