"""Commands, context menu, launcher card, settings, and the keyboard."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from support.lab import LabServer, Notebook

VIEWS = """
import wslink_jupyter as wl
module = "export default { render({ el }) { el.append('NAME is here'); } };"
wl.show(module.replace("NAME", "One"), title="One", where="split-right")
wl.show(module.replace("NAME", "Two"), title="Two", where="split-bottom")
"""

COUNTER = """
%load_ext wslink_jupyter
import wslink_jupyter as wl
module = '''export default { render({ el }) {
  let count = 0;
  const button = el.appendChild(document.createElement('button'));
  button.textContent = 'count 0';
  button.onclick = () => (button.textContent = `count ${++count}`);
} };'''
wl.show(module, title="Inside", where="cell")
wl.show(module, title="Beside", where="split-right")
"""


NOT_INSTALLED = """
import sys
class Missing:
    def find_spec(self, name, *_):
        if name == "wslink_jupyter":
            raise ModuleNotFoundError(f"No module named {name!r}")
sys.meta_path.insert(0, Missing())
"""


def start(page: Page, command: str) -> None:
    """Start a command that asks the user something."""
    page.evaluate(
        "id => { window.command = window.jupyterapp.commands.execute(id); }",
        f"wslink-jupyter:{command}",
    )


def finish(page: Page) -> None:
    """Wait for the command."""
    page.evaluate("async () => { await window.command; }")


def is_enabled(page: Page, command: str) -> bool:
    return page.evaluate(f"window.jupyterapp.commands.isEnabled('wslink-jupyter:{command}')")


@pytest.fixture
def settings(lab: LabServer) -> Iterator[Path]:
    """The file of the user's settings, which is not there yet."""
    path = lab.directory / "settings" / "wslink-jupyter" / "settings.jupyterlab-settings"
    yield path
    path.unlink(missing_ok=True)


def test_the_launcher_card_makes_an_example_that_runs(lab: LabServer, page: Page) -> None:
    page.goto(lab.url(f"lab?reset&token={lab.token}"))
    page.locator(".jp-LauncherCard", has_text="wslink Example").click()
    page.wait_for_function("window.jupyterapp?.shell.currentWidget?.context !== undefined")
    name = page.evaluate("window.jupyterapp.shell.currentWidget.context.path")
    notebook = Notebook(page, lab, name)
    notebook.wait_for_lab()
    expect(page.get_by_role("tab", name="Launcher")).to_have_count(0)
    for cell in notebook.code_cells():
        notebook.run_cell(cell)
    curve = notebook.panel.locator("polyline")
    expect(curve).to_have_attribute("points", re.compile(r"^0,50 1,.* 199,"))
    three_cycles = curve.get_attribute("points") or ""
    notebook.panel.get_by_label("Cycles").fill("1")
    expect(curve).not_to_have_attribute("points", three_cycles)
    notebook.screenshot("example")
    notebook.save()
    for model in lab.get("api/sessions"):
        lab.get(f"api/sessions/{model['id']}", method="DELETE")


def test_from_an_empty_kernel_to_its_views(open_notebook: Any) -> None:
    notebook = open_notebook([VIEWS])
    page = notebook.page
    dialog = page.locator(".jp-Dialog")
    start(page, "choose-view")
    expect(dialog).to_contain_text("has not loaded wslink_jupyter yet")
    dialog.get_by_role("button", name="Load").click()
    finish(page)
    start(page, "choose-view")
    expect(dialog).to_contain_text("shows no view")
    dialog.get_by_role("button", name="Ok").click()
    finish(page)
    assert notebook.evaluate("In") == [""]  # loading it has left no trace
    assert not is_enabled(page, "close-views")
    notebook.run_cell(0)
    expect(notebook.panel).to_have_count(2)
    start(page, "close-views")
    expect(page.locator(".jp-WslinkPanel")).to_have_count(0)
    start(page, "choose-view")
    dialog.get_by_role("combobox").select_option("Two")
    notebook.screenshot("command-open-view")
    dialog.get_by_role("button", name="Open").click()
    expect(notebook.panel).to_have_text("Two is here")
    # The panel has come to the front: commands go on to be about its document.
    page.wait_for_function("window.jupyterapp.shell.currentWidget.title.label === 'Two'")
    start(page, "close-views")
    expect(page.locator(".jp-WslinkPanel")).to_have_count(0)


def test_a_kernel_that_cannot_load_says_why(open_notebook: Any) -> None:
    notebook = open_notebook([NOT_INSTALLED])
    page = notebook.page
    notebook.run_cell(0)
    start(page, "load")
    dialog = page.locator(".jp-Dialog")
    expect(dialog).to_contain_text("wslink could not be loaded")
    expect(dialog).to_contain_text("ModuleNotFoundError: No module named 'wslink_jupyter'")
    expect(dialog).to_contain_text("%pip install wslink_jupyter")
    dialog.get_by_role("button").click()
    finish(page)


def test_the_report_is_that_of_page_and_kernel(open_notebook: Any) -> None:
    notebook = open_notebook([COUNTER, "import time; time.sleep(30)"])
    page = notebook.page
    notebook.run_cell(0)
    expect(notebook.panel.get_by_role("button")).to_be_visible()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    start(page, "report")
    dialog = page.get_by_role("dialog")
    report = dialog.locator("pre")
    expect(report).to_contain_text("session open, kernel ready")
    expect(report).to_contain_text("1 session(s) connected: wslink-jupyter")
    notebook.screenshot("command-report")
    dialog.get_by_role("button", name="Copy").click()
    finish(page)
    assert "ok    listening at" in page.evaluate("navigator.clipboard.readText()")
    # While a cell runs, the page's half is told all the same.
    notebook.run_cell(1, wait=False)
    expect(notebook.panel.locator(".jp-WslinkView-busy")).to_contain_text("Kernel busy")
    start(page, "report")
    expect(report).to_contain_text("session open, kernel busy")
    expect(report).to_contain_text("no answer within 5 s: a cell may be running")


def test_the_context_menu_of_a_notebook_and_the_palette(open_notebook: Any) -> None:
    notebook = open_notebook(["1 + 1"])
    page = notebook.page
    page.locator(".jp-Notebook .cm-content").click(button="right")
    entry = page.locator(".lm-Menu-item", has_text=re.compile("^wslink$"))
    entry.hover()
    expect(page.locator(".lm-Menu-item", has_text="Load wslink into Kernel")).to_be_visible()
    expect(page.locator(".lm-Menu-item", has_text="Reconnect Now")).to_have_class(
        re.compile("lm-mod-disabled")  # there is nothing to reconnect
    )
    notebook.screenshot("context-menu")
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    page.evaluate("window.jupyterapp.commands.execute('apputils:activate-command-palette')")
    page.keyboard.type("wslink report")
    expect(page.locator(".lm-CommandPalette-item", has_text="Connection Report")).to_be_visible()
    notebook.screenshot("palette")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog").locator("pre")).to_contain_text("no session")


def test_settings_hold_at_once(open_notebook: Any, settings: Path) -> None:
    notebook = open_notebook([COUNTER, "wl.show(module, title='Again')"])
    page = notebook.page
    badge = page.locator(".jp-WslinkStatus-badge")
    notebook.run_cell(0)
    expect(badge).to_be_visible()
    page.evaluate(
        "() => void window.jupyterapp.commands.execute('settingeditor:open', { query: 'wslink' })"
    )
    for title in ("Open panels when a cell shows a view", "Show the connection in the status bar"):
        page.get_by_label(title).uncheck()
    notebook.screenshot("settings")
    notebook.activate()
    expect(badge).to_be_hidden()
    notebook.run_cell(1)
    output = page.locator(".jp-WslinkOutput", has_text="Again")
    expect(output.get_by_role("button", name="Open panel")).to_be_visible()
    expect(page.locator(".jp-WslinkPanel")).to_have_count(1)  # the one from before
    output.get_by_role("button", name="Open panel").click()
    expect(page.locator(".jp-WslinkPanel")).to_have_count(2)
    assert json.loads(settings.read_text())["openPanels"] is False


def test_the_keyboard_reaches_and_works_views(open_notebook: Any) -> None:
    notebook = open_notebook([COUNTER, "1 + 1"])
    page = notebook.page
    notebook.run_cell(0)
    inside = page.locator(".jp-WslinkOutput").get_by_role("button", name="count")
    expect(inside).to_have_text("count 0")
    page.evaluate("window.jupyterapp.shell.currentWidget.content.activeCellIndex = 0")
    page.locator(".jp-OutputArea").first.focus()
    for _ in range(3):  # past the output's own handles
        if inside.evaluate("button => button === document.activeElement"):
            break
        page.keyboard.press("Tab")
    expect(inside).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Space")
    expect(inside).to_have_text("count 2")
    page.keyboard.press("x")  # would cut the cell
    assert notebook.code_cells() == [0, 1]
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Open panel")).to_be_focused()
    page.keyboard.press("Enter")
    panel = notebook.panel
    page.keyboard.press("Tab")
    expect(panel.get_by_role("button", name="count")).to_be_focused()
    page.keyboard.press("Enter")
    expect(panel.get_by_role("button")).to_have_text("count 1")
