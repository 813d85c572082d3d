"""A real JupyterLab in a real Chromium."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from playwright.sync_api import ConsoleMessage, Page, expect
from support import chromium
from support.lab import LabServer, Notebook
from support.line import Line

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    return {
        **browser_type_launch_args,
        "executable_path": chromium.executable(),
        "args": chromium.FLAGS,
    }


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    return {**browser_context_args, "viewport": {"width": 1440, "height": 900}}


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabServer]:
    server = LabServer(tmp_path_factory.mktemp("lab"))
    server.start()
    yield server
    server.stop()


@pytest.fixture
def page(page: Page) -> Iterator[Page]:
    """Pytest-playwright's page, which fails the test on console errors."""
    faults: list[str] = []
    expected = [
        # Lab's own: it asks a kernel that restarts for its debugger,
        "Could not restore the debugger state",
        # and writes to the socket of a kernel that it shuts down. Ours look first.
        "WebSocket is already in CLOSING or CLOSED state.",
    ]

    def on_console(message: ConsoleMessage) -> None:
        if message.type == "error":
            faults.append(f"{message.text} ({message.location.get('url')})")

    page.on("console", on_console)
    page.on("pageerror", lambda error: faults.append(f"{error.name}: {error.message}"))
    page.add_init_script(
        "addEventListener('unhandledrejection', event =>"
        " console.error('unhandled', String(event.reason), JSON.stringify(event.reason)))"
    )
    page.expected_faults = expected  # type: ignore[attr-defined]
    yield page
    surprises = [fault for fault in faults if not any(part in fault for part in expected)]
    assert not surprises, "\n".join(surprises)


@pytest.fixture
def line(page: Page) -> Line:
    """Between the page and the wslink sockets."""
    return Line(page)


@pytest.fixture
def open_notebook(lab: LabServer, page: Page, request: pytest.FixtureRequest) -> Iterator[Any]:
    """Open a notebook of given cells, or a copy of one of ours, in a folder of its own."""
    opened: list[str] = []
    folder = request.node.name.replace("[", "-").replace("]", "")

    def open_(source: list[str] | str) -> Notebook:
        directory = lab.root / folder
        directory.mkdir(exist_ok=True)
        if isinstance(source, str):
            shutil.copytree(NOTEBOOKS, directory, dirs_exist_ok=True)
            name = f"{folder}/{source}"
        else:
            cells = [nbformat.v4.new_code_cell(cell) for cell in source]
            kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
            notebook = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})
            nbformat.write(notebook, directory / "test.ipynb")
            name = f"{folder}/test.ipynb"
        opened.append(name)
        notebook = Notebook(page, lab, name)
        notebook.open()
        return notebook

    yield open_
    for model in lab.get("api/sessions"):
        if model["path"] in opened:
            lab.get(f"api/sessions/{model['id']}", method="DELETE")


@pytest.fixture(autouse=True)
def _patience() -> None:
    expect.set_options(timeout=15_000)


@pytest.fixture
def directory(lab: LabServer, request: pytest.FixtureRequest) -> Path:
    """The folder of the notebook that `open_notebook` opens."""
    folder = lab.root / request.node.name.replace("[", "-").replace("]", "")
    folder.mkdir(exist_ok=True)
    return folder
