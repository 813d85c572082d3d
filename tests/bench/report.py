"""What a run measured, as text for people."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bench.cpu import best_to_limit, cost_of
from bench.results import Results
from bench.systems.catalogue import SYSTEMS
from bench.targets import TARGETS, Target
from bench.workloads.base import Workload
from bench.workloads.catalogue import GROUPS, WORKLOADS

#: What a figure is called beside its row.
_LABELS = {
    "p50_ms": "p50 ms",
    "p99_ms": "p99 ms",
    "calls_per_s": "calls/s",
    "mb_per_s": "MB/s",
    "frames_per_s": "frames/s",
    "cell_speed_ratio": "cell's own speed, x",
    "p99_ratio": "p99, x idle p99",
    "p50_us": "p50 µs",
    "p99_us": "p99 µs",
    "plain_p99_us": "p99 µs, plain work",
    "max_us": "max µs",
    "growth_mb": "MB more",
    "kept_ratio": "rate, x when it reads",
}
_FAIR_PEER = "wslink-off"
_GAP = "  "


def number(value: float) -> str:
    """Return a figure with three digits that say something."""
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def label(figure: str) -> str:
    """Return the unit of a figure, in words."""
    return _LABELS.get(figure, figure)


def tables(results: Results) -> str:
    """Return medians, and ratios to the limit in brackets, a table for each group."""
    texts = []
    for group in GROUPS:
        measured = {(one.workload, one.system) for one in results.measurements}
        workloads = [one for one in group if any(one.name == name for name, _ in measured)]
        names = {one.name for one in workloads}
        systems = [name for name in SYSTEMS if any((one, name) in measured for one in names)]
        if workloads:
            texts.append(_table(results, workloads, systems))
    return "\n\n".join(texts)


def _table(results: Results, workloads: Sequence[Workload], systems: Sequence[str]) -> str:
    lines = [["", *systems]]
    for workload in workloads:
        for figure in workload.figures:
            title = workload.title if figure == workload.figures[0] else ""
            row = [f"{title:26}{label(figure)}"]
            lines.append(row + [_cell(results, workload, figure, system) for system in systems])
    return "\n".join(aligned(lines))


def _cell(results: Results, workload: Workload, figure: str, system: str) -> str:
    median = results.median(workload.name, system, figure)
    if median is None:
        return "failed" if results.failed(workload.name, system) else ""
    text = number(median)
    if figure == workload.figures[0] and (system != "limit" or workload.limit):
        ratio = results.to_limit(workload, system)
        text += f" ({number(ratio)}x)" if ratio is not None else ""
    return text


def targets(results: Results, core_count: int) -> str:
    """Return what we must reach, what the run shows, and whether that is enough.

    And for what is not reached beside the limit: what it would be if no process of
    ours ever waited for another, and against stock wslink without Jupyter, which
    decodes and encodes as we do, uncompressed.
    """
    head = ["Target", "must be", "is", "", f"at best on {core_count} cores", f"x {_FAIR_PEER}"]
    lines = [head]
    for target in TARGETS:
        value = target.value(results)
        if value is None:
            continue
        bound = f"{'≤' if target.at_most else '≥'} {target.bound:g}"
        is_met = target.is_met(value)
        verdict = "met" if is_met else "NOT MET"
        beside = ["", ""] if is_met else _beside(results, target, core_count)
        lines.append([_words(target), bound, number(value), verdict, *beside])
    return "\n".join(aligned(lines)) if len(lines) > 1 else ""


def _beside(results: Results, target: Target, core_count: int) -> list[str]:
    if target.against != "limit":
        return ["", ""]
    ours = target.workload, target.system
    best = best_to_limit(results, WORKLOADS[target.workload], target.system, core_count)
    peer = results.ratio(ours, (target.workload, _FAIR_PEER), target.named_figure)
    return ["" if value is None else number(value) for value in (best, peer)]


def _words(target: Target) -> str:
    system = "" if target.system == "ours" else f" ({target.system})"
    what = f"{target.workload}{system}: {label(target.named_figure)}"
    if not target.against:
        return what
    if target.against == "limit":
        return f"{what}, x limit"
    return f"{what}, times faster than {target.against}"


def cpu(results: Results, core_count: int) -> str:
    """Return the CPU time of each process for one call, one megabyte or one frame.

    And what it would take at best. Connecting and warming up count, too.
    """
    lines = [["CPU time, µs: client + server + kernel", "for one", "is", "at best", "takes"]]
    for workload in shown(results):
        for system in workload.systems:
            cost = cost_of(results, workload, system)
            if cost is None:
                continue
            cells = [cost.operation, " + ".join(map(number, cost.parts_us))]
            cells += map(number, (cost.best_us(core_count), cost.took_us))
            lines.append([f"{workload.name}, {system}", *cells])
    return "\n".join(aligned(lines)) if len(lines) > 1 else ""


def failures(results: Results) -> str:
    """Return a line for every measurement that failed."""
    return "\n".join(
        f"{one.workload} on {one.system}, repeat {one.repeat + 1}: {one.failure}"
        for one in results.failures
    )


def shown(results: Results) -> list[Workload]:
    """Return the workloads that were measured, in order."""
    measured = {one.workload for one in results.measurements}
    return [workload for name, workload in WORKLOADS.items() if name in measured]


def aligned(lines: Sequence[Sequence[str]]) -> Iterator[str]:
    """Yield the lines of a table: the first column to the left, the others to the right."""
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for first, *others in lines:
        cells = [f"{first:{widths[0]}}"]
        cells += [f"{cell:>{width}}" for cell, width in zip(others, widths[1:], strict=True)]
        yield _GAP.join(cells).rstrip()
