"""How the time of the processes divides, as a table for people."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.profiling.groups import GROUPS
from bench.report import aligned, shown
from bench.results import Results

_PAGE = Path(__file__).with_name("page.md")


def table(results: Results) -> str:
    """Return a row for each process that was sampled, for a terminal; empty without any."""
    rows = list(_rows(results))
    return "\n".join(aligned([["", "cores", "awake", *GROUPS], *rows])) if rows else ""


def page(results: Results, facts: dict[str, Any]) -> str:
    """Return the same in Markdown, with what it means."""
    head = ["", "cores", "awake", *GROUPS]
    lines = [head, ["---", *["--:"] * (len(head) - 1)], *_rows(results)]
    where = (
        f"This was on {facts['cores']} cores of {facts['processor']}, Python {facts['python']}, "
        f"{facts['date'][:10]}."
    )
    rows = "\n".join(f"| {' | '.join(line)} |" for line in lines)
    return _PAGE.read_text(encoding="utf-8").format(where=where, table=rows)


def _rows(results: Results) -> Iterator[list[str]]:
    for workload in shown(results):
        for system in workload.systems:
            cores = results.cores(workload.name, system)
            for role, division in results.divisions(workload.name, system).items():
                awake = sum(division.values())
                shares = [100 * division.get(group, 0.0) / awake for group in GROUPS]
                cells = [f"{share:.0f}" if share >= 0.5 else "" for share in shares]
                busy = f"{cores.get(role, 0.0):.2f}"
                yield [f"{workload.name}, {system}: {role}", busy, f"{awake:.2f}", *cells]
