"""What a run prints and draws, from figures that are made up."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from bench.chart import chart
from bench.report import cpu, failures, tables, targets
from bench.results import Measurement, Results
from bench.systems.catalogue import SYSTEMS
from bench.targets import TARGETS
from bench.workloads.catalogue import WORKLOADS


def _made_up(repeats: int = 3) -> Results:
    """Every workload on every system: the limit 1, the others slower by their place."""
    return Results(
        Measurement(
            repeat,
            workload.name,
            system,
            {
                figure: (10.0 + repeat) * (1 + place) ** (1 if figure.endswith("ms") else -1)
                for figure in workload.figures
            },
        )
        for repeat in range(repeats)
        for workload in WORKLOADS.values()
        for place, system in enumerate(SYSTEMS)
        if system in workload.systems
    )


def test_ratios_are_of_the_same_repeat() -> None:
    figures = [(1.0, 2.0), (10.0, 20.0), (5.0, 15.0)]
    results = Results(
        Measurement(repeat, "echo", system, {"p50_ms": value})
        for repeat, pair in enumerate(figures)
        for system, value in zip(("limit", "ours"), pair, strict=True)
    )
    assert results.median("echo", "ours", "p50_ms") == 15.0
    assert results.to_limit(WORKLOADS["echo"], "ours") == 2.0
    assert results.to_limit(WORKLOADS["echo"], "comm") is None


def test_every_target_names_what_is_measured() -> None:
    results = _made_up()
    for target in TARGETS:
        assert target.named_figure in WORKLOADS[target.workload].figures
        assert target.value(results) is not None, target


def test_targets_that_are_missed_are_told() -> None:
    echo = {"limit": 0.2, "ours": 0.3, "comm": 48.0, "jsp": 0.33}
    results = Results(Measurement(0, "echo", name, {"p50_ms": ms}) for name, ms in echo.items())
    lines = targets(results, 2).splitlines()
    assert [line.split()[-1] for line in lines[1:]] == ["met", "met", "MET"]
    assert lines[3].endswith("NOT MET")


def test_a_missed_limit_is_told_with_what_would_be_at_best() -> None:
    busy = {"client": 0.4, "server": 0.2, "kernel": 0.2}
    figures = {
        "echo": {"limit": {"p50_ms": 0.2}, "ours": {"p50_ms": 0.5}, "wslink-off": {"p50_ms": 0.25}},
        "calls": {"limit": {"calls_per_s": 200.0}, "ours": {"calls_per_s": 100.0}},
        "publish-1m": {"limit": {"mb_per_s": 100.0}, "ours": {"mb_per_s": 90.0}},
    }
    results = Results(
        Measurement(0, workload, system, figure, cores=busy)
        for workload, systems in figures.items()
        for system, figure in systems.items()
    )
    lines = [line.partition("x limit")[2].split()[2:] for line in targets(results, 2).splitlines()]
    assert lines[1:] == [
        # One call after the other: 0.8 cores were busy where one could be.
        ["2.50", "NOT", "MET", "2.00", "2.00"],
        # Two cores could do in 0.4 of the time what kept 0.8 busy.
        ["0.50", "NOT", "MET", "1.25"],
        ["0.90", "met"],
    ]


def test_tables_tell_of_failures() -> None:
    results = Results(
        [
            Measurement(0, "echo", "limit", {"p50_ms": 0.2, "p99_ms": 0.5}),
            Measurement(0, "echo", "ours", failure="CallFailed: why"),
        ]
    )
    assert "failed" in tables(results)
    assert failures(results) == "echo on ours, repeat 1: CallFailed: why"


def test_cpu_time_is_told_for_one_operation() -> None:
    results = Results(
        [
            Measurement(
                0,
                "echo",
                "ours",
                {"p50_ms": 0.5},
                cores={"client": 0.5, "server": 0.2, "kernel": 0.1},
            ),
            Measurement(
                0,
                "publish-64k",
                "limit",
                {"mb_per_s": 100.0},
                cores={"client": 0.25, "server": 0.2},
            ),
            Measurement(
                0,
                "publish-64k",
                "ours",
                {"mb_per_s": 100.0},
                cores={"client": 0.25, "server": 0.2, "kernel": 0.2},
            ),
        ]
    )
    lines = [line.split("  ") for line in cpu(results, 2).splitlines()[1:]]
    assert [[cell.strip() for cell in line if cell] for line in lines] == [
        # One call after the other: the processes take turns.
        ["echo, ours", "call", "250 + 100 + 50.0", "400", "500"],
        # The busiest process, or two cores for three of them.
        ["publish-64k, limit", "MB", "2,500 + 2,000", "2,500", "10,000"],
        ["publish-64k, ours", "MB", "2,500 + 2,000 + 2,000", "3,250", "10,000"],
    ]


@pytest.mark.parametrize("results", [_made_up(), Results([])])
def test_charts_are_small_xml(results: Results) -> None:
    svg = chart(results)
    assert ElementTree.fromstring(svg).tag.endswith("svg")
    assert len(svg.encode()) < 40_000
