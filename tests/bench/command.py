"""The command line that the benchmarks share."""

from __future__ import annotations

import argparse
import json
import signal
import sys
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any


def parser(
    program: str,
    description: str | None,
    files: str,
    systems: Collection[str],
    work: Collection[str],
) -> argparse.ArgumentParser:
    """Return a parser of what every benchmark is asked.

    Parameters
    ----------
    program, description : str
    files : str
        What is written.
    systems, work : collection of str
        Names to choose from.
    """
    made = argparse.ArgumentParser(prog=program, description=description)
    made.add_argument("--out", type=Path, help=f"directory for {files}")
    made.add_argument("--systems", type=_chosen(systems), help=",".join(systems))
    made.add_argument("--work", type=_chosen(work), help=",".join(work))
    made.add_argument("--repeats", type=int, help="how often, in turns")
    made.add_argument("--quick", action="store_true", help="whether it works, not how fast")
    made.add_argument(
        "--show", type=Path, metavar="RESULTS", help="print such a .json again, measure nothing"
    )
    return made


def _chosen(known: Collection[str]) -> Callable[[str], list[str]]:
    def names(text: str) -> list[str]:
        chosen = [name for name in text.split(",") if name]
        unknown = [name for name in chosen if name not in known]
        if unknown:
            raise argparse.ArgumentTypeError(
                f"expected some of {', '.join(known)}, got {', '.join(unknown)}"
            )
        return chosen

    return names


def results_of(show: Path | None, run: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Return what a run measured: the one to show, or one that is made now."""
    if show:
        shown: dict[str, Any] = json.loads(show.read_text(encoding="utf-8"))
        return shown
    # So that what was started is stopped; who kills harder leaves that to `bench.processes`.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        return run()
    except KeyboardInterrupt:
        sys.exit("interrupted; everything that was started is stopped")


def write(directory: Path | None, files: Mapping[str, str]) -> None:
    """Write texts by their file names, and say so."""
    if directory is None:
        return
    directory.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (directory / name).write_text(text, encoding="utf-8")
    print(f"\nwrote {' and '.join(files)} to {directory}")
