"""Views that last: module, page and picture through whatever happens to their panels."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from browser.test_status import Line
from playwright.sync_api import Locator, Page, expect
from support.lab import LabServer, Notebook

SETUP = """
%load_ext wslink_jupyter
import numpy as np
import wslink_jupyter as wl
from pathlib import Path

class Counter:
    value = 0
    def add(self, n: int) -> int:
        self.value += n
        wl.publish("counter.value", self.value)
        return self.value

counter = wl.expose(Counter(), "counter")
gray = 0
def picture(width, height):
    return np.full((height, width, 3), gray, "u1")
"""
SHOW = """
wl.show("module.js", where="split-right")
wl.show(Path("dist"), name="page", where="split-bottom")
shown = wl.show(picture, name="picture", where="tab-after")
"""
NAMES = ("module", "page", "picture")

#: Shows how often it was rendered.
MODULE = """
export default { render({ session, api, el }) {
  const button = el.appendChild(document.createElement('button'));
  button.textContent = 'add';
  button.onclick = () => api.counter.add(1);
  const output = el.appendChild(document.createElement('output'));
  window.renders = (window.renders ?? 0) + 1;
  const draw = value => (output.textContent = `${value}, rendered ${window.renders}`);
  session.subscribe('counter.value', draw);
  return api.counter.add(0);
} };
"""

#: Shows how often its button was clicked since it was loaded.
PAGE = """<!doctype html>
<title>A page</title>
<link rel="icon" href="data:," />
<button>click</button> <output>0</output>
<script>
  let clicks = 0;
  document.querySelector('button').onclick = () => {
    document.querySelector('output').textContent = ++clicks;
  };
</script>
"""

#: A gray of the middle of the canvas.
GRAY = """canvas => canvas.getContext('2d')
  .getImageData(canvas.width >> 1, canvas.height >> 1, 1, 1).data[0]"""


def write_front_ends(directory: Path) -> None:
    (directory / "module.js").write_text(MODULE)
    (directory / "dist").mkdir()
    (directory / "dist" / "index.html").write_text(PAGE)


class Views:
    """The three panels, one of each kind."""

    def __init__(self, notebook: Notebook) -> None:
        self.notebook = notebook
        self.page = notebook.page
        self._value = 0
        self._clicks = 0
        self._gray = 0

    def panel(self, name: str) -> Locator:
        return self.page.locator(f".jp-WslinkPanel[id$=':{name}']")

    def show(self) -> None:
        """Start the kernel's part anew."""
        self.notebook.run_cell(0)
        self.notebook.run_cell(1)
        self._value = self._gray = 0

    def front(self, name: str) -> Locator:
        panel = self.panel(name)
        self.page.evaluate("id => window.jupyterapp.shell.activateById(id)", self._id(name))
        expect(panel).to_be_visible()
        return panel

    def move(self, name: str, area: str) -> None:
        """Do what the context menu of the tab does."""
        self.page.evaluate(
            "args => window.jupyterapp.commands.execute('application:move-widget', args)",
            {"id": self._id(name), "area": area},
        )

    def areas(self) -> dict[str, str]:
        return self.page.evaluate(
            """() => Object.fromEntries(['main', 'left', 'right', 'down'].flatMap(area =>
              [...window.jupyterapp.shell.widgets(area)]
                .filter(widget => widget.hasClass('jp-WslinkPanel'))
                .map(widget => [widget.title.label, area])))"""
        )

    def expect_grey(self, why: str) -> None:
        panels = self.page.locator(".jp-WslinkPanel")
        expect(panels.filter(has=self.page.locator(".jp-mod-stale"))).to_have_count(len(NAMES))
        notices = panels.locator(".jp-WslinkView-notice").filter(has_text=why)
        expect(notices).to_have_count(len(NAMES))

    def check(self, renders: int, is_same_page: bool) -> None:
        """All three are live, and are or are not what they were."""
        expect(self.page.locator(".jp-WslinkPanel")).to_have_count(len(NAMES))
        panel = self.front("module")
        panel.get_by_role("button").click()
        self._value += 1
        expect(panel.locator("output")).to_have_text(f"{self._value}, rendered {renders}")

        frame = self.front("page").frame_locator("iframe")
        frame.get_by_role("button").click()
        self._clicks = self._clicks + 1 if is_same_page else 1
        expect(frame.locator("output")).to_have_text(str(self._clicks))

        canvas = self.front("picture").locator("canvas")
        self._gray += 40
        self.notebook.evaluate(f"(globals().update(gray={self._gray}), shown.update())[1]")
        self.page.wait_for_function(
            f"([canvas, gray]) => canvas.width === canvas.clientWidth"
            f" && canvas.dataset.format === 'png' && ({GRAY})(canvas) === gray",
            arg=[canvas.element_handle(), self._gray],
        )

    def _id(self, name: str) -> str:
        return self.panel(name).evaluate("panel => panel.id")


@pytest.fixture
def line(page: Page) -> Line:
    return Line(page)


@pytest.fixture
def views(line: Line, open_notebook: Any, directory: Path) -> Views:
    write_front_ends(directory)
    views = Views(open_notebook([SETUP, SHOW]))
    views.show()
    return views


def test_views_go_on_wherever_they_are(views: Views, line: Line) -> None:
    views.check(1, is_same_page=False)
    for name in NAMES:
        views.move(name, "left")
    views.check(1, is_same_page=True)
    areas = {"module": "main", "page": "right", "picture": "down"}
    for name, area in areas.items():
        views.move(name, area)
    views.check(1, is_same_page=True)
    views.notebook.screenshot("lasting-areas")
    views.notebook.save_layout()
    views.notebook.open(reset=False)
    assert views.areas() == areas
    views.check(1, is_same_page=False)
    line.cut()
    expect(views.page.get_by_text("Connection lost")).to_have_count(len(NAMES))
    line.mend()
    views.check(1, is_same_page=True)


def test_views_outlive_their_notebook_and_its_kernel(views: Views) -> None:
    notebook = views.notebook
    notebook.save()
    close(notebook)
    views.check(1, is_same_page=False)
    reopen(notebook)
    page_button = notebook.page.locator(".jp-WslinkOutput-line", has_text="page")
    page_button.get_by_role("button", name="Open panel").click()
    views.check(1, is_same_page=True)

    notebook.restart_kernel()
    views.expect_grey("Kernel restarted: run the cells again to bring this view back")
    notebook.screenshot("lasting-restarted")
    views.show()
    views.check(2, is_same_page=False)

    notebook.save()
    close(notebook, with_kernel=True)
    views.expect_grey(f"No kernel runs for {notebook.name}: start it and run the cells")
    reopen(notebook)
    views.show()
    views.check(3, is_same_page=False)
    assert set(views.areas().values()) == {"main"}


def close(notebook: Notebook, with_kernel: bool = False) -> None:
    """Close the notebook, as one that shuts its kernel down by a setting or not."""
    notebook.activate()
    notebook.page.evaluate(
        """shutdownOnDispose => {
          const panel = window.jupyterapp.shell.currentWidget;
          const { sessionContext } = panel;
          const { kernelPreference } = sessionContext;
          sessionContext.kernelPreference = { ...kernelPreference, shutdownOnDispose };
          panel.close();
        }""",
        with_kernel,
    )
    expect(notebook.page.locator(".jp-NotebookPanel")).to_have_count(0)


def reopen(notebook: Notebook, kernel_id: str | None = None) -> None:
    """Open the notebook in the page as it is, perhaps with a kernel that runs."""
    notebook.page.evaluate(
        "async args => { await window.jupyterapp.commands.execute('docmanager:open', args); }",
        {"path": notebook.name, **({"kernel": {"id": kernel_id}} if kernel_id else {})},
    )
    notebook.wait_for_lab()


def test_two_notebooks_of_a_kernel_share_its_panels(
    open_notebook: Any, directory: Path, lab: LabServer
) -> None:
    write_front_ends(directory)
    first = open_notebook([SETUP, 'wl.show("module.js")'])
    (directory / "second.ipynb").write_bytes((directory / "test.ipynb").read_bytes())
    second = Notebook(first.page, lab, first.name.replace("test.ipynb", "second.ipynb"))
    reopen(second, first.kernel_id())
    first.run_cell(0)
    second.run_cell(1)
    panel = first.page.locator(".jp-WslinkPanel")
    expect(panel.locator("output")).to_have_text("0, rendered 1")
    first.run_cell(1)
    expect(panel.locator("output")).to_have_text("0, rendered 2")
    second.activate()
    second.page.locator(".jp-WslinkOutput-line:visible").get_by_role("button").click()
    expect(panel).to_have_count(1)
    expect(panel).to_be_visible()


def test_an_output_has_a_view_of_its_own(open_notebook: Any, directory: Path) -> None:
    """*Create New View for Cell Output*: live for a view in the cell, a link otherwise."""
    write_front_ends(directory)
    cells = ['wl.show("module.js", where="cell")', 'wl.show(picture, where="cell")']
    notebook = open_notebook([SETUP, *cells, 'wl.show("module.js", name="beside")'])
    for index in range(4):
        notebook.run_cell(index)
    for index in range(1, 4):
        notebook.activate()
        notebook.page.evaluate(
            """async index => {
              window.jupyterapp.shell.currentWidget.content.activeCellIndex = index;
              await window.jupyterapp.commands.execute('notebook:create-output-view');
            }""",
            index,
        )
    check_output_views(notebook)
    notebook.save()
    notebook.save_layout()
    notebook.open(reset=False)
    check_output_views(notebook)


def check_output_views(notebook: Notebook) -> None:
    outputs = notebook.page.locator(".jp-LinkedOutputView")
    expect(outputs).to_have_count(3)
    value = notebook.evaluate("counter.value")
    outputs.get_by_role("button", name="add").click()
    for place in (".jp-LinkedOutputView", ".jp-Notebook", ".jp-WslinkPanel"):
        output = notebook.page.locator(f"{place} output")
        expect(output).to_contain_text(f"{value + 1}, rendered")
    expect(outputs.locator("canvas[data-format=png]")).to_have_count(1)
    outputs.get_by_role("button", name="Open panel").click()
    expect(notebook.page.locator(".jp-WslinkPanel")).to_have_count(1)


def test_an_untrusted_page_waits_for_a_click_or_for_trust(
    open_notebook: Any, directory: Path, lab: LabServer
) -> None:
    write_front_ends(directory)
    cells = [f'wl.show(Path("dist"), name="{name}", where="cell")' for name in ("one", "two")]
    notebook = open_notebook([SETUP, *cells])
    for index in range(3):
        notebook.run_cell(index)
    expect(notebook.page.locator(".jp-WslinkOutput iframe")).to_have_count(2)
    notebook.save()
    kernel_id = notebook.kernel_id()
    # Another text is enough: nobody has signed it.
    text = (directory / "test.ipynb").read_text()
    (directory / "copy.ipynb").write_text(text.replace("a live view", "another view"))
    close(notebook)
    copy = Notebook(notebook.page, lab, notebook.name.replace("test.ipynb", "copy.ipynb"))
    requests: list[str] = []
    copy.page.on("request", lambda request: requests.append(request.url))
    reopen(copy, kernel_id)
    outputs = copy.page.locator(".jp-WslinkOutput")
    expect(outputs.get_by_role("button", name="Connect")).to_have_count(2)
    expect(outputs.locator("iframe")).to_have_count(0)
    assert not [url for url in requests if "/wslink-jupyter/kernels" in url]
    outputs.first.get_by_role("button", name="Connect").click()
    frame = copy.page.frame_locator(".jp-WslinkOutput iframe")
    frame.get_by_role("button", name="click").click()
    expect(frame.locator("output")).to_have_text("1")
    expect(outputs.get_by_role("button", name="Connect")).to_have_count(1)
    # Trust is for all of the notebook.
    copy.page.evaluate("() => void window.jupyterapp.commands.execute('notebook:trust')")
    copy.page.get_by_role("dialog").get_by_role("button", name="Trust").click()
    expect(outputs.locator("iframe")).to_have_count(2)
    expect(outputs.get_by_role("button", name="Connect")).to_have_count(0)
