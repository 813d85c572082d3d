"""Notebook 7: views in a cell and in the side area."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import Page, expect
from support.lab import KERNEL_READY, LabServer

CELLS = [
    """
%load_ext wslink_jupyter
import wslink_jupyter as wl

class Counter:
    value = 0
    def add(self, n: int) -> int:
        self.value += n
        return self.value

counter = wl.expose(Counter(), "counter")
module = '''export default { render({ api, el }) {
  const button = el.appendChild(document.createElement('button'));
  button.textContent = 'add';
  button.onclick = async () => (button.textContent = `value ${await api.counter.add(1)}`);
} };'''
""",
    'wl.show(module, title="Inside", where="cell")',
    'wl.show(module, title="Beside", where="split-right")',
    'wl.show(module, title="Below", where="split-bottom")',
]


@pytest.fixture
def notebook7(lab: LabServer, page: Page) -> Iterator[Page]:
    """A page of Notebook 7, which the server has beside JupyterLab, with a kernel."""
    # Notebook's own, with and without us: a setting that it has no schema for, and a command
    # that it has not, to restore the folder that JupyterLab has shown in the same workspace.
    page.expected_faults += ["reading 'schema'", "'filebrowser:open-path'"]  # type: ignore[attr-defined]
    cells = [nbformat.v4.new_code_cell(cell) for cell in CELLS]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})
    nbformat.write(notebook, lab.root / "notebook7.ipynb")
    page.goto(lab.url(f"notebooks/notebook7.ipynb?token={lab.token}"))
    page.wait_for_function("window.jupyterapp?.shell.currentWidget?.context !== undefined")
    page.evaluate("window.jupyterapp.restored")
    page.evaluate(KERNEL_READY)
    yield page
    for model in lab.get("api/sessions"):
        if model["path"] == "notebook7.ipynb":
            lab.get(f"api/sessions/{model['id']}", method="DELETE")


def run_cell(page: Page, index: int) -> None:
    page.evaluate(
        """async index => {
          const notebook = window.jupyterapp.shell.currentWidget.content;
          notebook.activeCellIndex = index;
          await window.jupyterapp.commands.execute('notebook:run-cell');
        }""",
        index,
    )


def screenshot(page: Page, name: str) -> None:
    folder = Path(__file__).parents[2] / "test-results" / "screenshots"
    folder.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=folder / f"{name}.png")


def test_views_in_the_cell_and_in_the_side_area(notebook7: Page) -> None:
    page = notebook7
    panel = page.locator(".jp-WslinkPanel:visible")
    run_cell(page, 0)
    run_cell(page, 1)
    inside = page.locator(".jp-WslinkOutput").first.get_by_role("button")
    inside.click()
    expect(inside).to_have_text("value 1")
    expect(panel).to_have_count(0)
    run_cell(page, 2)
    expect(panel).to_contain_text("Beside")  # there is no tab that tells
    beside = panel.get_by_role("button")
    beside.click()
    expect(beside).to_have_text("value 2")
    cells = page.locator(".jp-NotebookPanel").bounding_box()
    box = panel.bounding_box()
    assert cells is not None
    assert box is not None
    assert box["x"] >= cells["x"] + cells["width"] - 5
    screenshot(page, "notebook7")
    # The side area shows one at a time.
    run_cell(page, 3)
    expect(panel).to_have_count(1)
    expect(panel).to_contain_text("Below")
    # The keyboard has stayed in the notebook, where the next cell is to be run.
    assert page.evaluate("document.querySelector('.jp-Notebook').contains(document.activeElement)")
    page.get_by_role("button", name="Open panel").first.click()
    expect(panel).to_contain_text("Beside")
    expect(panel.get_by_role("button")).to_have_text("value 2")


def test_commands_and_the_context_menu(notebook7: Page) -> None:
    page = notebook7
    for index in range(3):
        run_cell(page, index)
    expect(page.locator(".jp-WslinkPanel:visible")).to_have_count(1)
    page.locator(".jp-Notebook .cm-content").first.click(button="right")
    page.locator(".lm-Menu-item", has_text=re.compile("^wslink$")).hover()
    entry = page.locator(".lm-Menu-item", has_text="Close All Views")
    expect(entry).to_be_visible()
    screenshot(page, "notebook7-context-menu")
    entry.click()
    expect(page.locator(".jp-WslinkPanel")).to_have_count(0)
    page.evaluate(
        "() => void window.jupyterapp.commands.execute('wslink-jupyter:choose-view')",
    )
    page.locator(".jp-Dialog").get_by_role("combobox").select_option("Beside")
    page.locator(".jp-Dialog").get_by_role("button", name="Open").click()
    expect(page.locator(".jp-WslinkPanel:visible").get_by_role("button")).to_have_text("add")


def test_all_plugins_are_active(notebook7: Page) -> None:
    ids = notebook7.evaluate(
        """() => window.jupyterapp.listPlugins()
          .filter(id => id.startsWith('wslink-jupyter:'))
          .map(id => [id, window.jupyterapp.isPluginActivated(id)])"""
    )
    assert len(ids) >= 6
    assert [plugin for plugin, is_active in ids if not is_active] == []
