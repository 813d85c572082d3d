"""A real JupyterLab in a real Chromium, and what tests do with it."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat
import pytest
from playwright.sync_api import ConsoleMessage, Page, expect

TOKEN = "browser-tests"
NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
SCREENSHOTS = Path(__file__).parents[2] / "test-results" / "screenshots"
START_TIMEOUT_S = 60.0

CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

# Lab says "idle" before the kernel answers, and drops what is run until then.
KERNEL_READY = """async () => {
  const panel = window.jupyterapp.shell.currentWidget;
  await panel.revealed;
  await panel.context.ready;
  await panel.sessionContext.ready;
  await panel.sessionContext.session.kernel.info;
}"""

EVALUATE = """async ([path, expression]) => {
  const { sessions } = window.jupyterapp.serviceManager;
  const model = [...sessions.running()].find(each => each.path === path);
  const kernel = window.jupyterapp.serviceManager.kernels.connectTo({ model: model.kernel });
  try {
    const user_expressions = { value: `__import__('json').dumps(${expression})` };
    const future = kernel.requestExecute({ code: '', silent: true, user_expressions });
    const { content } = await future.done;
    const { value } = content.user_expressions;
    return value.status === 'ok' ? value.data['text/plain'] : `${value.ename}: ${value.evalue}`;
  } finally {
    kernel.dispose();
  }
}"""


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    chromium = shutil.which("chromium")
    assert chromium, "expected Debian's chromium; run make chromium"
    return {**browser_type_launch_args, "executable_path": chromium, "args": CHROMIUM_FLAGS}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    return {**browser_context_args, "viewport": {"width": 1440, "height": 900}}


@dataclass
class Lab:
    """A running JupyterLab."""

    url: str
    root: Path

    def get(self, path: str, method: str = "GET") -> Any:
        request = urllib.request.Request(self.url + path, method=method)
        request.add_header("Authorization", f"token {TOKEN}")
        with urllib.request.urlopen(request, timeout=10) as response:
            body = response.read()
        return json.loads(body) if body else None

    def wslink_sessions(self) -> list[dict[str, Any]]:
        """Return all sessions of all kernels, as the REST route tells them."""
        kernels = self.get("wslink-jupyter/kernels")["kernels"]
        return [
            session
            for kernel in kernels
            for endpoint in kernel["endpoints"]
            for session in endpoint["sessions"]
        ]


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    home = tmp_path_factory.mktemp("lab")
    root = home / "notebooks"
    root.mkdir()
    settings = home / "settings"
    quiet = settings / "@jupyterlab" / "apputils-extension" / "notification.jupyterlab-settings"
    quiet.parent.mkdir(parents=True)
    news_off = {"fetchNews": "false", "checkForUpdates": False, "doNotDisturbMode": True}
    quiet.write_text(json.dumps(news_off))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {
        **os.environ,
        "JUPYTER_CONFIG_DIR": str(home / "config"),
        "JUPYTER_DATA_DIR": str(home / "data"),
        "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
        "IPYTHONDIR": str(home / "ipython"),
        "JUPYTERLAB_SETTINGS_DIR": str(settings),
        "JUPYTERLAB_WORKSPACES_DIR": str(home / "workspaces"),
    }
    command = [
        *(sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--ip=127.0.0.1"),
        *(f"--port={port}", "--ServerApp.port_retries=0", f"--IdentityProvider.token={TOKEN}"),
        # Not "/": no URL may be built from the root.
        *(f"--ServerApp.root_dir={root}", "--ServerApp.base_url=/user/Ada%20L/"),
        *("--LabApp.expose_app_in_browser=True", "--LabApp.news_url=None"),
        "--LabApp.check_for_updates_class=jupyterlab.handlers.announcements.NeverCheckForUpdate",
        "--LabApp.extension_manager=readonly",
    ]
    log = home / "lab.log"
    with log.open("w") as output:
        process = subprocess.Popen(
            command, env=environment, cwd=home, stdout=output, stderr=subprocess.STDOUT
        )
    lab = Lab(f"http://127.0.0.1:{port}/user/Ada%20L/", root)
    try:
        deadline = time.monotonic() + START_TIMEOUT_S
        while True:
            with contextlib.suppress(urllib.error.URLError, ConnectionError):
                lab.get("api/status")
                break
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.1)  # a process that starts has no event to wait for
        yield lab
        # Jupyter's own tracebacks (a page that left while its kernel connected) are not ours.
        faults = [line for line in log.read_text().splitlines() if "/wslink_jupyter/" in line]
        assert not faults, "\n".join(faults)
    finally:
        process.terminate()
        process.wait(30)


@pytest.fixture
def page(page: Page) -> Iterator[Page]:
    """Pytest-playwright's page, which fails the test on console errors."""
    faults: list[str] = []
    # Lab's own: it asks a kernel that restarts for its debugger.
    expected = ["Could not restore the debugger state"]

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


@dataclass
class Notebook:
    """A notebook that is open in the page."""

    page: Page
    lab: Lab
    name: str
    _cells: list[str] = field(default_factory=list)

    @property
    def panel(self) -> Any:
        """The panels of views that are visible."""
        return self.page.locator(".jp-WslinkPanel:visible")

    def open(self, reset: bool = True) -> None:
        flag = "reset&" if reset else ""
        self.page.goto(f"{self.lab.url}lab/tree/{self.name}?{flag}token={TOKEN}")
        self.wait_for_lab()

    def wait_for_lab(self) -> None:
        self.page.wait_for_function("window.jupyterapp !== undefined")
        self.page.evaluate("window.jupyterapp.restored")
        self.page.wait_for_function(
            "name => window.jupyterapp.shell.currentWidget?.context?.path === name"
            " || [...window.jupyterapp.shell.widgets('main')].some(w => w.context?.path === name)",
            arg=self.name,
        )
        self.activate()
        self.page.evaluate(KERNEL_READY)

    def activate(self) -> None:
        """Bring the notebook to the front."""
        self.page.evaluate(
            """name => {
              const { shell } = window.jupyterapp;
              const panel = [...shell.widgets('main')].find(w => w.context?.path === name);
              shell.activateById(panel.id);
            }""",
            self.name,
        )
        self.page.wait_for_function(
            "name => window.jupyterapp.shell.currentWidget?.context?.path === name", arg=self.name
        )

    def run_cell(self, index: int, wait: bool = True) -> None:
        """Run one cell, and wait until the kernel has."""
        self.activate()
        self.page.evaluate(
            """([index]) => {
              const notebook = window.jupyterapp.shell.currentWidget.content;
              notebook.deselectAll();
              notebook.activeCellIndex = index;
              window.ran = window.jupyterapp.commands.execute('notebook:run-cell');
            }""",
            [index],
        )
        if wait:
            self.page.evaluate("async () => { await window.ran; }")

    def code_cells(self) -> list[int]:
        return self.page.evaluate(
            """() => window.jupyterapp.shell.currentWidget.content.widgets
              .map((cell, index) => (cell.model.type === 'code' ? index : -1))
              .filter(index => index >= 0)"""
        )

    def output_text(self, index: int) -> str:
        return self.page.evaluate(
            """([name, index]) => {
              const panels = [...window.jupyterapp.shell.widgets('main')];
              const panel = panels.find(widget => widget.context?.path === name);
              return panel.content.widgets[index].outputArea.node.innerText;
            }""",
            [self.name, index],
        )

    def evaluate(self, expression: str) -> Any:
        """Return the value of an expression in the kernel, by way of JSON."""
        text = self.page.evaluate(EVALUATE, [self.name, expression])
        assert text.startswith(("'", '"')), text
        return json.loads(text[1:-1].replace("\\'", "'"))

    def save(self) -> None:
        self.activate()
        self.page.evaluate("window.jupyterapp.commands.execute('docmanager:save')")

    def save_layout(self) -> None:
        """Change the layout, and wait for Lab to save it, which it does after a while."""
        with self.page.expect_response(
            lambda response: "api/workspaces" in response.url and response.request.method == "PUT"
        ):
            self.page.evaluate("window.jupyterapp.commands.execute('application:toggle-left-area')")

    def restart_kernel(self) -> None:
        self.activate()
        self.page.evaluate(
            """async () => {
              const { sessionContext } = window.jupyterapp.shell.currentWidget;
              await sessionContext.session.kernel.restart();
              await sessionContext.session.kernel.info;
            }"""
        )

    def screenshot(self, name: str) -> None:
        """Keep a picture for people to look at."""
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=SCREENSHOTS / f"{name}.png")


@pytest.fixture
def open_notebook(lab: Lab, page: Page, request: pytest.FixtureRequest) -> Iterator[Any]:
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
def directory(lab: Lab, request: pytest.FixtureRequest) -> Path:
    """The folder of the notebook that `open_notebook` opens."""
    folder = lab.root / request.node.name.replace("[", "-").replace("]", "")
    folder.mkdir(exist_ok=True)
    return folder
