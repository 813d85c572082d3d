"""Measure wslink_jupyter beside its peers; print a table, write results and a chart."""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
import sys
import time
from pathlib import Path
from typing import Any

from bench import machine, report
from bench.chart import chart
from bench.measure import Plan, measure
from bench.results import Measurement, Results
from bench.systems.base import CannotStart
from bench.systems.catalogue import SYSTEMS
from bench.workloads.base import FULL, QUICK
from bench.workloads.catalogue import WORKLOADS


def _names(text: str) -> list[str]:
    return [name for name in text.split(",") if name]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="tests/bench/run.py", description=__doc__)
    parser.add_argument("--out", type=Path, help="directory for results.json and chart.svg")
    parser.add_argument("--systems", type=_names, default=list(SYSTEMS), help=",".join(SYSTEMS))
    parser.add_argument("--work", type=_names, default=list(WORKLOADS), help=",".join(WORKLOADS))
    parser.add_argument("--repeats", type=int, help="3 by default")
    parser.add_argument("--quick", action="store_true", help="whether it works, not how fast")
    parser.add_argument(
        "--show", type=Path, metavar="RESULTS", help="print a results.json again, measure nothing"
    )
    arguments = parser.parse_args()
    for chosen, known in ((arguments.systems, SYSTEMS), (arguments.work, WORKLOADS)):
        unknown = [name for name in chosen if name not in known]
        if unknown:
            parser.error(f"expected some of {', '.join(known)}, got {', '.join(unknown)}")
    return arguments


def _plan(arguments: argparse.Namespace) -> Plan:
    workloads = [WORKLOADS[name] for name in WORKLOADS if name in arguments.work]
    wanted = {name for workload in workloads for name in workload.systems}
    systems = [name for name in SYSTEMS if name in arguments.systems and name in wanted]
    repeats = arguments.repeats or (1 if arguments.quick else 3)
    return Plan(systems, workloads, repeats, QUICK if arguments.quick else FULL)


def _run(plan: Plan) -> dict[str, Any]:
    """Measure; return everything that is worth keeping."""
    facts, begin_s = machine.facts(), time.monotonic()
    measurements = asyncio.run(measure(plan))
    return {
        "machine": facts,
        "effort": vars(plan.effort),
        "repeats": plan.repeats,
        "seconds": round(time.monotonic() - begin_s, 1),
        "measurements": Results(measurements).dump(),
    }


def _print(run: dict[str, Any], results: Results) -> None:
    facts = run["machine"]
    print(f"\n{facts['date']}, {facts['cores']} cores, Python {facts['python']}, ", end="")
    print(f"{run['repeats']} repeats, {run['seconds']:.0f} s, load before {facts['load']:g}")
    print("Medians; in brackets the median ratio to the limit in the same repeat.\n")
    print(report.tables(results))
    print(f"\n{report.targets(results)}")
    print(f"\n{report.cpu(results, facts['cores'])}")
    if results.failures:
        print(f"\n{report.failures(results)}")


def main() -> None:
    """Run as the arguments say."""
    arguments = _arguments()
    # So that what was started is stopped; who kills harder leaves that to `bench.processes`.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    if arguments.show:
        run = json.loads(arguments.show.read_text(encoding="utf-8"))
    else:
        try:
            run = _run(_plan(arguments))
        except CannotStart as error:
            sys.exit(str(error))
        except KeyboardInterrupt:
            sys.exit("interrupted; everything that was started is stopped")
    results = Results(Measurement(**one) for one in run["measurements"])
    _print(run, results)
    if arguments.out:
        arguments.out.mkdir(parents=True, exist_ok=True)
        (arguments.out / "results.json").write_text(json.dumps(run, indent=1), encoding="utf-8")
        (arguments.out / "chart.svg").write_text(chart(results), encoding="utf-8")
        print(f"\nwrote results.json and chart.svg to {arguments.out}")


if __name__ == "__main__":
    main()
