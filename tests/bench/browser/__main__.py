"""Measure pictures in a browser, ours and others'; print a table, write results and a chart."""

from __future__ import annotations

import argparse
import json
import os
import time
from typing import Any

from bench import command, machine
from bench.browser import report
from bench.browser.chart import chart
from bench.browser.measure import Plan, measure
from bench.browser.systems import SYSTEMS
from bench.browser.workloads import WORKLOADS
from bench.results import Measurement, Results


def _arguments() -> argparse.Namespace:
    files = "pictures.json and pictures.svg"
    parser = command.parser("tests/bench/browser/run.py", __doc__, files, SYSTEMS, WORKLOADS)
    parser.set_defaults(systems=list(SYSTEMS), work=list(WORKLOADS))
    parser.add_argument("--triangles", type=int, help="of the scene; 8000 by default")
    arguments = parser.parse_args()
    missing = [name for name in arguments.systems if not SYSTEMS[name].is_installed]
    if missing and not arguments.show:
        parser.error(f'{", ".join(missing)}: not installed; pip install ".[bench]"')
    return arguments


def _run(arguments: argparse.Namespace) -> dict[str, Any]:
    if arguments.triangles:
        os.environ["BENCH_TRIANGLES"] = str(arguments.triangles)
    repeats = arguments.repeats or (1 if arguments.quick else 3)
    seconds = 1.0 if arguments.quick else 5.0
    plan = Plan(arguments.systems, arguments.work, repeats, seconds)
    facts, begin_s = machine.facts(), time.monotonic()
    measurements = measure(plan)
    return {
        "machine": facts,
        "seconds_each": plan.seconds,
        "repeats": plan.repeats,
        "seconds": round(time.monotonic() - begin_s, 1),
        "measurements": Results(measurements).dump(),
    }


def main() -> None:
    """Run as the arguments say."""
    arguments = _arguments()
    run = command.results_of(arguments.show, lambda: _run(arguments))
    results = Results(Measurement(**one) for one in run["measurements"])
    facts = run["machine"]
    print(f"\n{facts['date']}, {facts['cores']} cores, {run['repeats']} repeats, ", end="")
    print(f"{run['seconds']:.0f} s, load before {facts['load']:g}\n")
    print(report.tables(results))
    print(f"\n{report.ratios(results)}")
    if results.failures:
        print(f"\n{report.failures(results)}")
    numbers = json.dumps(run, indent=1)
    command.write(arguments.out, {"pictures.json": numbers, "pictures.svg": chart(results)})


if __name__ == "__main__":
    main()
