"""What was sampled of one process, and how its time divides."""

from __future__ import annotations

import linecache
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from bench.profiling.groups import UNREAD, WAIT, Frame, group_of

_THREAD = re.compile(r"thread \((\d+)\)")
_FRAME = re.compile(r".* \((.+):(\d+)\)$")
#: Cores: threads that take less have not worked.
_IDLE_CORES = 0.01


@dataclass(frozen=True)
class Recording:
    """Stacks of a process, asleep or not, at regular times.

    Attributes
    ----------
    folded : str
        A line for each different stack: thread, frames from the outermost, count.
    lost : int
        Times at which the stacks changed while they were read.
    seconds : float
    cpu_s : mapping of int to float
        CPU time that each thread took meanwhile.
    """

    folded: str
    lost: int
    seconds: float
    cpu_s: Mapping[int, float]

    def divide(self, text_of: Callable[[str, int], str] = linecache.getline) -> dict[str, float]:
        """Return how many cores the process needed, by group.

        Notes
        -----
        A stack does not tell whether a thread that waits is asleep: whether the system
        runs it would have to be read at the very same time. So all else is counted,
        with what it waited for a processor, and waiting is what remains of the CPU
        time: going to sleep and waking up.
        """
        counts: dict[int, Counter[str]] = defaultdict(Counter)
        for thread, frames, count in _parse(self.folded):
            counts[thread][group_of(frames, text_of)] += count
        times = max((one.total() for one in counts.values()), default=0) + self.lost
        if not times:
            return {}
        divided = Counter({UNREAD: self.lost / times})
        busy = 0.0
        for thread, groups in counts.items():
            cores = self.cpu_s.get(thread, 0.0) / self.seconds
            if cores >= _IDLE_CORES:
                busy += cores
                divided.update({name: n / times for name, n in groups.items() if name != WAIT})
        divided[WAIT] = max(0.0, busy - divided.total())
        return dict(divided)


def _parse(folded: str) -> Iterator[tuple[int, list[Frame], int]]:
    for line in folded.splitlines():
        stack, _, count = line.rpartition(" ")
        root, *names = stack.split(";")
        thread = _THREAD.match(root)
        if thread:
            found = filter(None, map(_FRAME.match, names))
            yield int(thread[1]), [Frame(one[1], int(one[2])) for one in found], int(count)
