"""CPU time for one operation, and what that allows at best."""

from __future__ import annotations

from dataclasses import dataclass

from bench.results import Results
from bench.workloads.base import Workload

#: What a figure is the time of, or the rate.
_OPERATIONS = {
    "p50_ms": "call",
    "calls_per_s": "call",
    "mb_per_s": "MB",
    "frames_per_s": "frame",
}


@dataclass(frozen=True)
class Cost:
    """What one call, megabyte or frame takes.

    Attributes
    ----------
    operation : str
    is_one_by_one : bool
        Whether the next one begins when this one has ended.
    took_us : float
        From one to the next.
    parts_us : tuple of float
        CPU time of the client, the server and the kernel.
    """

    operation: str
    is_one_by_one: bool
    took_us: float
    parts_us: tuple[float, ...]

    def best_us(self, core_count: int) -> float:
        """Return what it would take if no process ever waited for another.

        One by one, the sum; otherwise, all cores busy, or the busiest process.
        """
        shared_us = sum(self.parts_us) / (1 if self.is_one_by_one else core_count)
        return max(shared_us, *self.parts_us)


def cost_of(results: Results, workload: Workload, system: str) -> Cost | None:
    """Return what one operation took, if it is one that can be counted."""
    figure = workload.figures[0]
    value = results.median(workload.name, system, figure)
    cores = results.cores(workload.name, system)
    if figure not in _OPERATIONS or not value or not cores:
        return None
    is_one_by_one = figure == "p50_ms"
    took_us = value * 1e3 if is_one_by_one else 1e6 / value
    parts_us = tuple(took_us * busy for busy in cores.values())
    return Cost(_OPERATIONS[figure], is_one_by_one, took_us, parts_us)


def best_to_limit(
    results: Results, workload: Workload, system: str, core_count: int
) -> float | None:
    """Return the ratio to the limit, as that was measured, of what would be at best."""
    cost, ratio = cost_of(results, workload, system), results.to_limit(workload, system)
    if cost is None or ratio is None:
        return None
    better = cost.best_us(core_count) / cost.took_us
    return ratio * better if cost.is_one_by_one else ratio / better
