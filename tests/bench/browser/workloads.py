"""What is done to each picture while it is watched."""

from __future__ import annotations

import time
from dataclasses import dataclass

from bench.browser.drive import Picture
from bench.browser.trace import figures
from bench.workloads.base import Figures

#: As often as screens and mice.
_DRAG_PER_S = 60.0
_SINGLE_PER_S = 4.0
#: What is on its way when the mouse stops.
_TAIL_S = 0.5


@dataclass(frozen=True)
class Workload:
    """One row of the table.

    Attributes
    ----------
    title : str
    moves_per_s : float
    cell : str
        Of `bench.programs.cells`: what runs meanwhile; empty for nothing.
    """

    title: str
    moves_per_s: float = _DRAG_PER_S
    cell: str = ""

    @property
    def asks_for_speed(self) -> bool:
        """Whether more moves come than pictures can."""
        return self.moves_per_s == _DRAG_PER_S

    def measure(self, picture: Picture, seconds: float) -> Figures:
        """Drag; return what was seen of it."""
        picture.wait_until_it_answers()
        time.sleep(_TAIL_S)
        picture.take()
        if self.cell:
            # Longer than it is looked at: what comes after it is not of it.
            picture.run(f"cells.{self.cell}({seconds + 4 * _TAIL_S})")
        took_s = picture.drag(seconds, self.moves_per_s)
        time.sleep(_TAIL_S)
        moves, pictures = picture.take()
        if self.cell:
            picture.wait_for_cell()
        return figures(moves, pictures, took_s)


WORKLOADS = {
    "drag": Workload("drag"),
    "single": Workload("single moves", _SINGLE_PER_S),
    "drag-sleep": Workload("drag, while a cell sleeps", cell="sleep"),
    "drag-numpy": Workload("drag, while a cell computes (numpy)", cell="numpy"),
    "drag-python": Workload("drag, while a cell computes (Python)", cell="python"),
}
