"""A real JupyterLab, and a notebook that is open in a page of it."""

from __future__ import annotations

import json
import sys
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, Page
from support.jupyter import JupyterServer

SCREENSHOTS = Path(__file__).parents[2] / "test-results" / "screenshots"

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


class LabServer(JupyterServer):
    """JupyterLab under a base URL that must be quoted, without news and updates.

    Parameters
    ----------
    directory : Path
        Empty; everything is in it.
    has_extension : bool
        Whether what is installed of ours is enabled.
    more_options : sequence of str
    environment : mapping, optional
        Further variables.
    """

    application = ("jupyterlab",)
    enabling = ()

    def __init__(
        self,
        directory: Path,
        *,
        has_extension: bool = True,
        more_options: Sequence[str] = (),
        environment: Mapping[str, str] | None = None,
    ) -> None:
        options = [
            *more_options,
            *("--LabApp.expose_app_in_browser=True", "--LabApp.news_url=None"),
            # Where Notebook 7 is installed, the server has it, too: at notebooks/.
            "--JupyterNotebookApp.expose_app_in_browser=True",
            "--LabApp.check_for_updates_class=jupyterlab.handlers.announcements.NeverCheckForUpdate",
            "--LabApp.extension_manager=readonly",
        ]
        if not has_extension:
            options.append("--ServerApp.jpserver_extensions={'wslink_jupyter': False}")
            # Disabled ones are loaded all the same: it is not to be found at all.
            extensions = directory / "labextensions"
            extensions.mkdir()
            for folder in (Path(sys.prefix) / "share/jupyter/labextensions").iterdir():
                if folder.name != "wslink-jupyter":
                    (extensions / folder.name).symlink_to(folder)
            options.append(f"--LabApp.labextensions_path={extensions}")
        settings = directory / "settings"
        super().__init__(
            directory,
            base_url="/user/Ada%20L/",
            options=options,
            environment={
                "JUPYTER_NO_CONFIG": "",  # what is installed enables itself
                "JUPYTERLAB_SETTINGS_DIR": str(settings),
                "JUPYTERLAB_WORKSPACES_DIR": str(directory / "workspaces"),
                **(environment or {}),
            },
        )
        quiet = {"fetchNews": "false", "checkForUpdates": False, "doNotDisturbMode": True}
        self.set("apputils-extension", "notification", quiet)

    def set(self, extension: str, plugin: str, settings: Mapping[str, object]) -> None:
        """Set what pages that are opened from now on find as the user's settings."""
        folder = self.directory / "settings" / "@jupyterlab" / extension
        folder.mkdir(parents=True, exist_ok=True)
        file = folder / f"{plugin}.jupyterlab-settings"
        file.write_text(json.dumps(settings), encoding="utf-8")

    def check_log(self) -> None:
        # Jupyter's own tracebacks (a page that left while its kernel connected) are not ours.
        faults = [line for line in self.log.splitlines() if "/wslink_jupyter/" in line]
        assert not faults, "\n".join(faults)

    def get(self, path: str, method: str = "GET") -> Any:
        """Ask the server, without a loop: Playwright runs one already."""
        request = urllib.request.Request(self.url(path), method=method)
        request.add_header("Authorization", f"token {self.token}")
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


@dataclass
class Notebook:
    """A notebook that is open in the page."""

    page: Page
    lab: LabServer
    name: str

    @property
    def panel(self) -> Locator:
        """The panels of views that are visible."""
        return self.page.locator(".jp-WslinkPanel:visible")

    def open(self, reset: bool = True) -> None:
        flag = "reset&" if reset else ""
        self.page.goto(self.lab.url(f"lab/tree/{self.name}?{flag}token={self.lab.token}"))
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

    def kernel_id(self) -> str:
        models = self.lab.get("api/sessions")
        return next(model["kernel"]["id"] for model in models if model["path"] == self.name)

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
