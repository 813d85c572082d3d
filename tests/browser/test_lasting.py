"""Views that last: module, page and picture through whatever happens to their panels."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
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
shade = 0
def picture(width, height):
    return np.full((height, width, 3), shade, "u1")
"""
SHOW = """
wl.show("module.js", where="split-right")
wl.show(Path("dist"), name="page", where="split-bottom")
shown = wl.show(picture, name="picture", where="tab-after")
"""
SHADE = "shade += 40; shown.update()"

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
        self.clicks = 0
        self.shade = 0
        self.value = 0

    def panel(self, name: str) -> Locator:
        return self.page.locator(f".jp-WslinkPanel[id$=':{name}']")

    def front(self, name: str) -> Locator:
        self.page.evaluate(
            "([name]) => { const { shell } = window.jupyterapp;"
            " const id = document.querySelector(`.jp-WslinkPanel[id$=':${name}']`).id;"
            " shell.activateById(id); }",
            [name],
        )
        panel = self.panel(name)
        expect(panel).to_be_visible()
        return panel

    def move(self, area: str) -> None:
        for name in ("module", "page", "picture"):
            self.page.evaluate(
                "async ([name, area]) => {"
                " const { id } = document.querySelector(`.jp-WslinkPanel[id$=':${name}']`);"
                " await window.jupyterapp.commands.execute('application:move-widget',"
                " { id, area }); }",
                [name, area],
            )

    def check_module(self, renders: int) -> None:
        panel = self.front("module")
        panel.get_by_role("button").click()
        self.value += 1
        expect(panel.locator("output")).to_have_text(f"{self.value}, rendered {renders}")

    def check_page(self, is_same: bool = True) -> None:
        frame = self.front("page").frame_locator("iframe")
        frame.get_by_role("button").click()
        self.clicks = self.clicks + 1 if is_same else 1
        expect(frame.locator("output")).to_have_text(str(self.clicks))

    def check_picture(self) -> None:
        """The next picture comes, whole and without loss."""
        self.front("picture")
        canvas = self.panel("picture").locator("canvas")
        self.notebook.evaluate("(globals().update(shade=(shade + 40) % 250), shown.update()) and 1")
        self.shade = (self.shade + 40) % 250
        self.page.wait_for_function(
            f"([canvas, shade]) => canvas.width === canvas.clientWidth"
            f" && canvas.dataset.format === 'png' && ({GRAY})(canvas) === shade",
            arg=[canvas.element_handle(), self.shade],
        )

    def check(self, renders: int, is_same_page: bool = True) -> None:
        self.check_module(renders)
        self.check_page(is_same_page)
        self.check_picture()


@pytest.fixture
def views(open_notebook: Any, directory: Path) -> Views:
    write_front_ends(directory)
    notebook = open_notebook([SETUP, SHOW, "1 + 1"])
    notebook.run_cell(0)
    notebook.run_cell(1)
    return Views(notebook)
