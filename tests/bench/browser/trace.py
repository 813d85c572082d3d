"""From what the page saw to figures. No I/O."""

from __future__ import annotations

from dataclasses import dataclass

from bench.workloads.base import Figures
from bench.workloads.samples import percentile


@dataclass(frozen=True)
class Seen:
    """A number that was to be shown, or was, and when."""

    code: int
    at_ms: float


def figures(moves: list[Seen], pictures: list[Seen], seconds: float) -> Figures:
    """Return how many pictures came, and how late each move was in one.

    A move is shown by the first picture of itself or of a later one: what was
    skipped for a newer one is seen with that. Moves that no picture showed
    have no latency; `shown_percent` tells of them.
    """
    newest: dict[int, int] = {}
    waiting = 0
    latencies_ms: list[float] = []
    count = 0
    events = [(move.at_ms, 0, index, move) for index, move in enumerate(moves)]
    events += [(picture.at_ms, 1, index, picture) for index, picture in enumerate(pictures)]
    for _, is_picture, index, seen in sorted(events, key=lambda event: event[:3]):
        if not is_picture:
            newest[seen.code] = index
        elif (shown := newest.get(seen.code)) is not None and shown >= waiting:
            count += 1
            latencies_ms += [seen.at_ms - moves[each].at_ms for each in range(waiting, shown + 1)]
            waiting = shown + 1
    made: Figures = {
        "pictures_per_s": count / seconds,
        "shown_percent": 100 * waiting / max(len(moves), 1),
    }
    if latencies_ms:
        ordered = sorted(latencies_ms)
        made["p50_ms"] = percentile(ordered, 50)
        made["p99_ms"] = percentile(ordered, 99)
    return made
