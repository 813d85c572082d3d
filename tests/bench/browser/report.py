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
_OURS = ("ours", "ours-thread")
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
    others = [name for name in measured_systems(results) if name not in _OURS]
    lines = [["ours, times the best of the others", "is", "aim"]]
    for workload, about in WORKLOADS.items():
        for figure, label, less_is_better in FIGURES:
            values = {
                name: value
                for name in others
                if (value := results.median(workload, name, figure)) is not None and value > 0
            }
            if not values or figure not in _AIMS:
                continue
            best = (min if less_is_better else max)(values, key=lambda name: values[name])
            for ours in _OURS:
                ratio = results.ratio((workload, ours), (workload, best), figure)
                if ratio is None:
                    continue
                bound = f"{'≤' if less_is_better else '≥'} {_AIMS[figure]:g}"
                what = f"{about.title}, {ours}: {label} ({best})"
                lines.append([what, number(ratio), bound])
    return "\n".join(aligned(lines)) if len(lines) > 1 else ""


def failures(results: Results) -> str:
    """Return a line for every measurement that failed."""
    return "\n".join(
        f"{one.workload} on {one.system}, repeat {one.repeat + 1}: {one.failure}"
        for one in results.failures
    )
