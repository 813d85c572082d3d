"""Measure pictures in a browser, ours and others'; print a table, write results and a chart."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

from bench import machine
from bench.browser import report
from bench.browser.chart import chart
from bench.browser.measure import Plan, measure
from bench.browser.systems import SYSTEMS
from bench.browser.workloads import WORKLOADS
from bench.results import Measurement, Results


def _names(text: str) -> list[str]:
    return [name for name in text.split(",") if name]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="tests/bench/browser/run.py", description=__doc__)
    parser.add_argument("--out", type=Path, help="directory for pictures.json and pictures.svg")
    parser.add_argument("--systems", type=_names, default=list(SYSTEMS), help=",".join(SYSTEMS))
    parser.add_argument("--work", type=_names, default=list(WORKLOADS), help=",".join(WORKLOADS))
    parser.add_argument("--triangles", type=int, help="of the scene; 8000 by default")
    parser.add_argument("--repeats", type=int, help="3 by default")
    parser.add_argument("--quick", action="store_true", help="whether it works, not how fast")
    parser.add_argument(
        "--show", type=Path, metavar="RESULTS", help="print a pictures.json again, measure nothing"
    )
    arguments = parser.parse_args()
    for chosen, known in ((arguments.systems, SYSTEMS), (arguments.work, WORKLOADS)):
        unknown = [name for name in chosen if name not in known]
        if unknown:
            parser.error(f"expected some of {', '.join(known)}, got {', '.join(unknown)}")
    missing = [name for name in arguments.systems if not SYSTEMS[name].is_installed]
    if missing and not arguments.show:
        parser.error(f'{", ".join(missing)}: not installed; pip install ".[bench]"')
    return arguments


def _run(plan: Plan) -> dict[str, Any]:
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
    # So that what was started is stopped; who kills harder leaves that to `bench.processes`.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    if arguments.show:
        run = json.loads(arguments.show.read_text(encoding="utf-8"))
    else:
        if arguments.triangles:
            os.environ["BENCH_TRIANGLES"] = str(arguments.triangles)
        repeats = arguments.repeats or (1 if arguments.quick else 3)
        seconds = 1.0 if arguments.quick else 5.0
        try:
            run = _run(Plan(arguments.systems, arguments.work, repeats, seconds))
        except KeyboardInterrupt:
            sys.exit("interrupted; everything that was started is stopped")
    results = Results(Measurement(**one) for one in run["measurements"])
    facts = run["machine"]
    print(f"\n{facts['date']}, {facts['cores']} cores, {run['repeats']} repeats, ", end="")
    print(f"{run['seconds']:.0f} s, load before {facts['load']:g}\n")
    print(report.tables(results))
    print(f"\n{report.ratios(results)}")
    if results.failures:
        print(f"\n{report.failures(results)}")
    if arguments.out:
        arguments.out.mkdir(parents=True, exist_ok=True)
        (arguments.out / "pictures.json").write_text(json.dumps(run, indent=1), encoding="utf-8")
        (arguments.out / "pictures.svg").write_text(chart(results), encoding="utf-8")
        print(f"\nwrote pictures.json and pictures.svg to {arguments.out}")


if __name__ == "__main__":
    main()
