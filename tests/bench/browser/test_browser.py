"""That the benchmark in a browser still runs, and what it makes of what it sees."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from bench.browser import report
from bench.browser.chart import chart
from bench.browser.grid import GRID, code_of, colour_of
from bench.browser.systems import SYSTEMS
from bench.browser.trace import Seen, figures
from bench.browser.workloads import WORKLOADS
from bench.results import Measurement, Results

_COMMAND = Path(__file__).with_name("run.py")


def test_every_cell_has_a_colour_of_its_own() -> None:
    places = [(x + 0.5) / GRID for x in range(GRID)]
    codes = [code_of(x, y) for y in places for x in places]
    assert codes == list(range(GRID * GRID))
    # As the page reads it, with as much noise as a JPEG may have.
    for code in codes:
        for noise in (-7, 0, 7):
            red, green, blue = (int(part * 255 + noise + 0.5) >> 4 for part in colour_of(code))
            assert red << 8 | green << 4 | blue == code


def test_a_move_is_shown_by_the_first_picture_of_it_or_of_a_later_one() -> None:
    moves = [Seen(code, at_ms) for code, at_ms in [(1, 0), (2, 10), (3, 20), (4, 90)]]
    # 9 is of no move, 1 comes again too late.
    pictures = [Seen(code, at_ms) for code, at_ms in [(9, 5), (1, 15), (3, 50), (1, 60)]]
    assert figures(moves, pictures, seconds=2.0) == {
        "pictures_per_s": 1.0,
        "shown_percent": 75.0,
        "p50_ms": 30.0,
        "p99_ms": 40.0,
    }
    assert figures(moves, [], seconds=2.0) == {"pictures_per_s": 0.0, "shown_percent": 0.0}


def test_reports_compare_with_the_best_peer() -> None:
    speeds = {"ours": 40.0, "rfb": 20.0, "rfb-thread": 25.0, "trame": 10.0}
    results = Results(
        Measurement(0, "drag", name, {"pictures_per_s": speed, "p50_ms": 1000 / speed})
        for name, speed in speeds.items()
    )
    lines = [line.split() for line in report.ratios(results).splitlines()[1:]]
    assert [line[-4:] for line in lines] == [
        ["(rfb)", "2.00", "≥", "1.5"],
        ["(rfb)", "0.50", "≤", "0.5"],
    ]


@pytest.mark.parametrize("is_empty", [False, True])
def test_charts_are_small_xml(is_empty: bool) -> None:
    made = [
        Measurement(0, workload, system, {"pictures_per_s": 0.0 if place else 30.0, "p50_ms": 20.0})
        for workload in WORKLOADS
        for place, system in enumerate(SYSTEMS)
    ]
    svg = chart(Results([] if is_empty else made))
    assert ElementTree.fromstring(svg).tag.endswith("svg")
    assert len(svg.encode()) < 20_000


def test_run(tmp_path: Path) -> None:
    subprocess.run(
        [
            *(sys.executable, str(_COMMAND), "--quick", "--out", str(tmp_path)),
            *("--systems", "ours", "--work", "drag"),
        ],
        check=True,
        timeout=100,
    )
    run = json.loads((tmp_path / "pictures.json").read_text())
    (drag,) = run["measurements"]
    assert not drag["failure"]
    assert drag["figures"]["pictures_per_s"] > 0
    assert (tmp_path / "pictures.svg").exists()
