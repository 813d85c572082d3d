"""What a run measured: medians, ratios, JSON."""

from __future__ import annotations

import statistics
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

from bench.workloads.base import Figures, Workload


@dataclass
class Measurement:
    """One workload on one system, once.

    Attributes
    ----------
    figures : dict of str to float
        Empty if it failed.
    failure : str
        Why, if it did.
    cores : dict of str to float
        How many cores the client, the server and the kernel kept busy.
    divisions : dict of str to dict of str to float
        Of the server and the kernel, if they were sampled: the same, by what it was for.
    """

    repeat: int
    workload: str
    system: str
    figures: Figures = field(default_factory=dict)
    failure: str = ""
    cores: dict[str, float] = field(default_factory=dict)
    divisions: dict[str, dict[str, float]] = field(default_factory=dict)


class Results:
    """All measurements of a run."""

    def __init__(self, measurements: Iterable[Measurement]) -> None:
        self.measurements = list(measurements)

    def _values(self, workload: str, system: str, figure: str) -> dict[int, float]:
        return {
            one.repeat: one.figures[figure]
            for one in self.measurements
            if (one.workload, one.system) == (workload, system) and figure in one.figures
        }

    def median(self, workload: str, system: str, figure: str) -> float | None:
        """Return the median over the repeats, if any succeeded."""
        values = self._values(workload, system, figure)
        return statistics.median(values.values()) if values else None

    def ratio(self, above: tuple[str, str], below: tuple[str, str], figure: str) -> float | None:
        """Return the median of one measurement divided by another's of the same repeat.

        Parameters
        ----------
        above, below : (str, str)
            Workload and system.
        figure : str
        """
        numerators = self._values(*above, figure)
        denominators = self._values(*below, figure)
        ratios = [
            numerators[repeat] / denominators[repeat]
            for repeat in numerators.keys() & denominators.keys()
            if denominators[repeat]
        ]
        return statistics.median(ratios) if ratios else None

    def to_limit(self, workload: Workload, system: str) -> float | None:
        """Return the ratio of a workload's first figure to the limit's."""
        limit = (workload.limit or workload.name, "limit")
        return self.ratio((workload.name, system), limit, workload.figures[0])

    def cores(self, workload: str, system: str) -> dict[str, float]:
        """Return the median over the repeats of how many cores each process kept busy."""
        runs = [
            one.cores
            for one in self.measurements
            if (one.workload, one.system) == (workload, system) and one.figures
        ]
        roles = {role: None for run in runs for role in run}
        return {role: statistics.median(run.get(role, 0.0) for run in runs) for role in roles}

    def divisions(self, workload: str, system: str) -> dict[str, dict[str, float]]:
        """Return the mean over the repeats of how each process that was sampled divides."""
        runs = [
            one.divisions
            for one in self.measurements
            if (one.workload, one.system) == (workload, system) and one.divisions
        ]
        sums: dict[str, Counter[str]] = defaultdict(Counter)
        for run in runs:
            for role, division in run.items():
                sums[role].update(division)
        return {
            role: {group: value / len(runs) for group, value in division.items()}
            for role, division in sums.items()
            if division.total()
        }

    def failed(self, workload: str, system: str) -> bool:
        """Return whether it was tried and never succeeded."""
        tried = [
            one for one in self.measurements if (one.workload, one.system) == (workload, system)
        ]
        return bool(tried) and not any(one.figures for one in tried)

    @property
    def failures(self) -> list[Measurement]:
        return [one for one in self.measurements if one.failure]

    def dump(self) -> list[dict[str, Any]]:
        """Return every measurement, for JSON."""
        return [asdict(one) for one in self.measurements]
