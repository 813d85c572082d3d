"""What a workload is."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from bench.systems.base import System

#: Figures by name; the name ends with the unit.
Figures = dict[str, float]


@dataclass(frozen=True)
class Effort:
    """How long to measure.

    Attributes
    ----------
    seconds : float
        Of one figure, after a fifth of it to warm up.
    stall_s : float
        How long a reader stops.
    cell_s : float
        How long a busy cell runs.
    """

    seconds: float
    stall_s: float
    cell_s: float

    @property
    def warm_up_s(self) -> float:
        return self.seconds / 5


FULL = Effort(1.5, 5.0, 2.5)
#: Long enough for a thousand samples.
SAMPLED = Effort(5.0, 5.0, 2.5)
#: To see that everything works.
QUICK = Effort(0.2, 0.5, 0.4)


@dataclass(frozen=True)
class Workload:
    """One row of the table, or several.

    Attributes
    ----------
    name : str
        As given to ``--work``.
    title : str
    figures : tuple of str
        Those that are shown; the first one is compared with the limit's.
    measure : callable
        Returns figures, for a system and an effort.
    systems : tuple of str
        That it can be measured on.
    limit : str
        Workload whose first figure at the limit this one's is divided by; its own by default.
    alone : bool
        Whether it wants a system that has measured nothing else.
    """

    name: str
    title: str
    figures: tuple[str, ...]
    measure: Callable[[System, Effort], Awaitable[Figures]]
    systems: tuple[str, ...]
    limit: str = ""
    alone: bool = False
