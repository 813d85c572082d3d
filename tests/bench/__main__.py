"""Measure wslink_jupyter beside its peers; print a table, write results and a chart."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from bench import command, machine, report
from bench.chart import chart
from bench.measure import Plan, measure
from bench.profiling import report as profile
from bench.profiling.sampler import CannotSample
from bench.results import Measurement, Results
from bench.systems.base import CannotStart
from bench.systems.catalogue import SYSTEMS
from bench.workloads.base import FULL, QUICK, SAMPLED
from bench.workloads.catalogue import SAMPLED_WORK, WORKLOADS


def _arguments() -> argparse.Namespace:
    files = "results.json and chart.svg; with --profile, profile.json, profile.md and the stacks"
    parser = command.parser("tests/bench/run.py", __doc__, files, SYSTEMS, WORKLOADS)
    parser.add_argument(
        "--profile",
        action="store_true",
        help="print what the processes spend their time on: of ours by default, and once",
    )
    arguments = parser.parse_args()
    if arguments.systems is None:
        arguments.systems = ["ours"] if arguments.profile else list(SYSTEMS)
    if arguments.work is None:
        arguments.work = SAMPLED_WORK if arguments.profile else list(WORKLOADS)
    return arguments


def _plan(arguments: argparse.Namespace, stacks: Path | None) -> Plan:
    workloads = [WORKLOADS[name] for name in WORKLOADS if name in arguments.work]
    wanted = {name for workload in workloads for name in workload.systems}
    systems = [name for name in SYSTEMS if name in arguments.systems and name in wanted]
    repeats = arguments.repeats or (1 if arguments.quick or arguments.profile else 3)
    effort = SAMPLED if arguments.profile else FULL
    return Plan(systems, workloads, repeats, QUICK if arguments.quick else effort, stacks)


def _run(plan: Plan) -> dict[str, Any]:
    """Measure; return everything that is worth keeping."""
    facts, begin_s = machine.facts(), time.monotonic()
    try:
        measurements = asyncio.run(measure(plan))
    except (CannotStart, CannotSample) as error:
        sys.exit(str(error))
    return {
        "machine": facts,
        "effort": vars(plan.effort),
        "repeats": plan.repeats,
        "seconds": round(time.monotonic() - begin_s, 1),
        "measurements": Results(measurements).dump(),
    }


def _measured(arguments: argparse.Namespace) -> dict[str, Any]:
    if not arguments.profile:
        return _run(_plan(arguments, None))
    with tempfile.TemporaryDirectory(prefix="stacks-") as temporary:
        stacks = arguments.out / "stacks" if arguments.out else Path(temporary)
        stacks.mkdir(parents=True, exist_ok=True)
        return _run(_plan(arguments, stacks))


def _print(run: dict[str, Any], results: Results) -> None:
    facts = run["machine"]
    print(f"\n{facts['date']}, {facts['cores']} cores, Python {facts['python']}, ", end="")
    print(f"{run['repeats']} repeats, {run['seconds']:.0f} s, load before {facts['load']:g}")
    divided = profile.table(results)
    if divided:
        print("Shares of the time that each process was not asleep, in percent.\n")
        print(divided)
    else:
        print("Medians; in brackets the median ratio to the limit in the same repeat.\n")
        print(report.tables(results))
        print(f"\n{report.targets(results, facts['cores'])}")
    print(f"\n{report.cpu(results, facts['cores'])}")
    if results.failures:
        print(f"\n{report.failures(results)}")


def main() -> None:
    """Run as the arguments say."""
    arguments = _arguments()
    run = command.results_of(arguments.show, lambda: _measured(arguments))
    results = Results(Measurement(**one) for one in run["measurements"])
    _print(run, results)
    numbers = json.dumps(run, indent=1)
    if profile.table(results):
        files = {"profile.json": numbers, "profile.md": profile.page(results, run["machine"])}
    else:
        files = {"results.json": numbers, "chart.svg": chart(results)}
    command.write(arguments.out, files)


if __name__ == "__main__":
    main()
