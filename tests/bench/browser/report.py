"""What a run saw, as text for people."""

from __future__ import annotations

from bench.browser.systems import SYSTEMS
from bench.browser.workloads import WORKLOADS
from bench.report import aligned, number
from bench.results import Results

#: Figure, what it is called, and whether less is better.
FIGURES = (
    ("pictures_per_s", "pictures/s", False),
    ("p50_ms", "p50 ms", True),
    ("p99_ms", "p99 ms", True),
    ("shown_percent", "% of moves seen", False),
)
#: What we aim at: times the pictures, and times the latency, of the best of the others.
_AIMS = {"pictures_per_s": 1.5, "p50_ms": 0.5, "p99_ms": 0.5}


def measured_systems(results: Results) -> list[str]:
    """Return the systems that were measured, in order."""
    return [name for name in SYSTEMS if any(one.system == name for one in results.measurements)]


def tables(results: Results) -> str:
    """Return medians: a row for each workload and figure, a column for each system."""
    systems = measured_systems(results)
    lines = [["", "", *systems]]
    for name, workload in WORKLOADS.items():
        if not any(one.workload == name for one in results.measurements):
            continue
        for figure, label, _ in FIGURES:
            title = workload.title if figure == FIGURES[0][0] else ""
            cells = [_cell(results, name, system, figure) for system in systems]
            lines.append([title, label, *cells])
    return "\n".join(aligned(lines))


def _cell(results: Results, workload: str, system: str, figure: str) -> str:
    if results.failed(workload, system):
        return "failed"
    median = results.median(workload, system, figure)
    # Measured, and no picture came.
    return "none" if median is None else number(median)


def ratios(results: Results) -> str:
    """Return our figures as multiples of the best of the others, in the same repeats."""
    lines = [["times the best of its peers", "is", "aim"]]
    for name, workload in WORKLOADS.items():
        for figure, words, less_is_better in FIGURES:
            if figure not in _AIMS or not (less_is_better or workload.asks_for_speed):
                continue
            for ours, system in SYSTEMS.items():
                medians = {peer: results.median(name, peer, figure) for peer in system.peers}
                values = {peer: value for peer, value in medians.items() if value}
                if not values:
                    continue
                best = (min if less_is_better else max)(values, key=lambda peer: values[peer])
                ratio = results.ratio((name, ours), (name, best), figure)
                if ratio is not None:
                    bound = f"{'≤' if less_is_better else '≥'} {_AIMS[figure]:g}"
                    what = f"{workload.title}, {ours}: {words} ({best})"
                    lines.append([what, number(ratio), bound])
    return "\n".join(aligned(lines)) if len(lines) > 1 else ""


def failures(results: Results) -> str:
    """Return a line for every measurement that failed."""
    return "\n".join(
        f"{one.workload} on {one.system}, repeat {one.repeat + 1}: {one.failure}"
        for one in results.failures
    )
