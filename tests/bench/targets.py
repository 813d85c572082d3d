"""What we must reach, and whether a run shows it. Printed, never asserted."""

from __future__ import annotations

from dataclasses import dataclass

from bench.results import Results
from bench.workloads.base import Workload
from bench.workloads.catalogue import WORKLOADS


@dataclass(frozen=True)
class Target:
    """A bound on a figure of ours, or on its ratio to another system's in the same run.

    Attributes
    ----------
    workload : str
    bound : float
    at_most : bool
        Whether less is better than the bound; more is, otherwise.
    against : str
        System that the ratio is to; empty for the figure itself.
    inverted : bool
        Whether the ratio is theirs to ours: how many times faster we are.
    figure : str
        The workload's first one by default.
    system : str
    """

    workload: str
    bound: float
    at_most: bool
    against: str = ""
    inverted: bool = False
    figure: str = ""
    system: str = "ours"

    @property
    def named_figure(self) -> str:
        return self.figure or WORKLOADS[self.workload].figures[0]

    def value(self, results: Results) -> float | None:
        """Return what a run shows, if it measured it."""
        if not self.against:
            return results.median(self.workload, self.system, self.named_figure)
        ours = self.workload, self.system
        theirs = _workload_of(WORKLOADS[self.workload], self.against), self.against
        above, below = (theirs, ours) if self.inverted else (ours, theirs)
        return results.ratio(above, below, self.named_figure)

    def is_met(self, value: float) -> bool:
        """Return whether a value is on the right side of the bound."""
        return value <= self.bound if self.at_most else value >= self.bound


def _workload_of(workload: Workload, against: str) -> str:
    return workload.limit if workload.limit and against == "limit" else workload.name


def _at_most_limit(workload: str, bound: float) -> Target:
    return Target(workload, bound, True, "limit")


def _of_limit(workload: str, bound: float) -> Target:
    return Target(workload, bound, False, "limit")


def _times_faster(workload: str, bound: float, against: str) -> Target:
    inverted = WORKLOADS[workload].figures[0].endswith("_ms")
    return Target(workload, bound, False, against, inverted)


def _at_most(workload: str, figure: str, bound: float, system: str = "ours") -> Target:
    return Target(workload, bound, True, figure=figure, system=system)


#: The last column of the table in the project's performance notes, and what others keep
#: beside a reader that stopped.
TARGETS = (
    _at_most_limit("echo", 2.0),
    _times_faster("echo", 80.0, "comm"),
    _times_faster("echo", 1.3, "jsp"),
    _at_most_limit("echo-main", 2.3),
    _of_limit("calls", 1.0),
    _times_faster("calls", 1.5, "jsp"),
    _of_limit("upload-8m", 0.7),
    _times_faster("upload-8m", 3.0, "jsp"),
    _of_limit("publish-64k", 0.75),
    _of_limit("publish-1m", 0.8),
    _of_limit("publish-1080p", 0.8),
    _times_faster("publish-1080p", 10.0, "comm"),
    _times_faster("publish-1080p", 2.5, "jsp"),
    _of_limit("subscribers-16", 0.9),
    _at_most("busy-python", "p50_ms", 6.5),
    _at_most("busy-python", "p99_ms", 13.0),
    _at_most("busy-python", "p50_ms", 2.0, "ours-switch"),
    _at_most("busy-numpy", "p99_ms", 3.0),
    _at_most("busy-sleep", "p99_ms", 3.0),
    _at_most("call-while-streaming", "p99_ratio", 3.0),
    _at_most("publish-cost", "p99_us", 1000.0),
    _at_most("stalled-reader", "growth_mb", 64.0),
    Target("beside-stalled", 0.95, at_most=False),
)
