"""One run: one JupyterLab, one Chromium, every system in turn."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import nbformat
from playwright.sync_api import Browser, sync_playwright
from support import chromium
from support.lab import LabServer, Notebook

from bench.browser.drive import Picture
from bench.browser.grid import SIZE
from bench.browser.systems import SYSTEMS
from bench.browser.workloads import WORKLOADS
from bench.processes import Brood
from bench.results import Measurement

_TESTS = Path(__file__).resolve().parents[2]
_VIEWPORT = {"width": 1300, "height": 1400}


@dataclass(frozen=True)
class Plan:
    """What to measure, and for how long each."""

    systems: list[str]
    workloads: list[str]
    repeats: int
    seconds: float


def measure(plan: Plan) -> list[Measurement]:
    """Return the figures of every repeat."""
    brood = Brood()
    try:
        with (
            tempfile.TemporaryDirectory(prefix="bench-") as directory,
            _lab(Path(directory), brood) as lab,
            sync_playwright() as playwright,
        ):
            browser = playwright.chromium.launch(
                executable_path=chromium.executable(), args=chromium.FLAGS
            )
            measurements = []
            for repeat in range(plan.repeats):
                # Turned round: no system always comes after the same one.
                first = repeat % len(plan.systems)
                for name in plan.systems[first:] + plan.systems[:first]:
                    measurements += _measure_one(plan, repeat, name, lab, browser)
            browser.close()
            return measurements
    finally:
        brood.end()


@contextmanager
def _lab(directory: Path, brood: Brood) -> Iterator[LabServer]:
    lab = LabServer(directory, environment={"PYTHONPATH": str(_TESTS)})
    lab.start()
    brood.adopt([lab.pid])
    try:
        yield lab
    finally:
        try:
            lab.stop()
        except AssertionError as error:  # what is in the log is a finding, and ends no run
            print(str(error)[:2000], file=sys.stderr)


def _measure_one(
    plan: Plan, repeat: int, name: str, lab: LabServer, browser: Browser
) -> list[Measurement]:
    """Show the scene in a notebook of its own; do everything to it."""
    made = [Measurement(repeat, workload, name) for workload in plan.workloads]
    with _notebook(lab, browser, name, repeat) as notebook:
        try:
            notebook.run_cell(0)
            picture = Picture(notebook, SYSTEMS[name], SIZE)
        except Exception as error:
            for one in made:
                one.failure = f"{type(error).__name__}: {error}"
            _say(f"{name}: {made[0].failure}")
            return made
        for one in made:
            _say(f"{repeat + 1}/{plan.repeats} {one.workload} {name}")
            try:
                one.figures = WORKLOADS[one.workload].measure(picture, plan.seconds)
            except Exception as error:  # the others are measured all the same
                one.failure = f"{type(error).__name__}: {error}"
                _say(f"failed: {one.failure}")
    return made


@contextmanager
def _notebook(lab: LabServer, browser: Browser, system: str, repeat: int) -> Iterator[Notebook]:
    path = f"{system}-{repeat}.ipynb"
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    cells = [nbformat.v4.new_code_cell(SYSTEMS[system].cell)]
    notebook = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})
    nbformat.write(notebook, lab.root / path)
    where = "perCommTarget" if SYSTEMS[system].comms_over_subshells else "disabled"
    lab.set("apputils-extension", "kernels-settings", {"commsOverSubshells": where})
    page = browser.new_page(viewport=_VIEWPORT)
    try:
        opened = Notebook(page, lab, path)
        opened.open()
        yield opened
    finally:
        page.close()
        for model in lab.get("api/sessions"):
            lab.get(f"api/sessions/{model['id']}", method="DELETE")


def _say(what: str) -> None:
    print(what, file=sys.stderr, flush=True)
