"""Panels: reload, errors, restart, layout, and leaving nothing behind."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

SETUP = """
%load_ext wslink_jupyter
import wslink_jupyter as wl

class Counter:
    def __init__(self):
        self.value = 0
    def add(self, n: int) -> int:
        self.value += n
        wl.publish("counter.value", self.value)
        return self.value

counter = wl.expose(Counter(), "counter")
"""

COUNTER = """
export default {
  async render({ session, api, el, signal, view }) {
    const button = document.createElement('button');
    button.textContent = 'add LABEL';
    button.onclick = () => api.counter.add(1);
    const output = document.createElement('output');
    output.textContent = 'value ?';
    const theme = document.createElement('i');
    theme.textContent = view.theme;
    view.onTheme(name => (theme.textContent = name));
    el.append(button, output, theme);
    const draw = value => (output.textContent = `value ${value}`);
    session.subscribe('counter.value', draw, { signal });
  }
};
"""


def counter_module(label: str) -> str:
    return COUNTER.replace("LABEL", label)


def wait_until(is_true: Any, what: str, timeout_s: float = 15.0) -> None:
    """Poll what has no event on this side."""
    deadline = time.monotonic() + timeout_s
    while not is_true():
        assert time.monotonic() < deadline, f"still not: {what}"
        time.sleep(0.05)


@pytest.fixture
def counter(open_notebook: Any, directory: Path) -> Any:
    """A notebook whose second cell shows counter.js in a panel."""
    (directory / "counter.js").write_text(counter_module("one"))
    show = 'wl.show("counter.js", title="Counter", where="split-right")'
    notebook = open_notebook([SETUP, show, 'wl.show("counter.js", title="Counted")', "1 + 1"])
    notebook.run_cell(0)
    notebook.run_cell(1)
    expect(notebook.panel).to_have_count(1)
    expect(notebook.panel.get_by_role("button", name="add one")).to_be_visible()
    return notebook


def test_a_saved_file_reloads_in_the_open_panel(counter: Any, directory: Path) -> None:
    panel = counter.panel
    panel.get_by_role("button", name="add one").click()
    expect(panel.locator("output")).to_have_text("value 1")
    (directory / "counter.js").write_text(counter_module("two"))
    expect(panel.get_by_role("button", name="add two")).to_be_visible()
    expect(panel.get_by_role("button")).to_have_count(1)
    panel.get_by_role("button", name="add two").click()
    expect(panel.locator("output")).to_have_text("value 2")


@pytest.mark.parametrize(
    ("broken", "told"),
    [
        ("export default { render() { let let = 1; } };", "SyntaxError"),
        ("export default { render() { nonsense(); } };", "nonsense is not defined"),
        ("export const answer = 42;", "expected counter.js to have"),
        ("import './other.js'; export default { render() {} };", "await import(view.url("),
    ],
    ids=["syntax", "raises", "no-render", "relative-import"],
)
def test_a_broken_module_says_so_and_recovers(
    counter: Any, directory: Path, broken: str, told: str
) -> None:
    # The browser itself reports a module that it could not parse.
    counter.page.expected_faults.append("SyntaxError")
    (directory / "counter.js").write_text(broken)
    alert = counter.panel.locator(".jp-WslinkView-error")
    expect(alert).to_have_attribute("role", "alert")
    expect(alert).to_contain_text(told)
    expect(alert).to_contain_text("counter.js")
    if told == "SyntaxError":
        counter.screenshot("panel-syntax-error")
    (directory / "counter.js").write_text(counter_module("mended"))
    expect(counter.panel.get_by_role("button", name="add mended")).to_be_visible()
    expect(alert).to_be_empty()


def test_a_removed_file_is_told_to_a_new_page(counter: Any, directory: Path) -> None:
    counter.save_layout()
    (directory / "counter.js").unlink()
    counter.open(reset=False)
    expect(counter.panel.get_by_role("alert")).to_contain_text("cannot read counter.js")


def test_the_same_name_focuses_instead_of_duplicating(counter: Any) -> None:
    counter.run_cell(2)
    tabs = counter.page.get_by_role("tab").filter(has_text="Count")
    expect(tabs).to_have_count(1)
    expect(tabs).to_contain_text("Counted")
    expect(counter.panel).to_have_count(1)


def test_closing_a_panel_leaves_nothing_and_it_opens_again(counter: Any) -> None:
    assert len(counter.lab.wslink_sessions()) == 1
    for _ in range(3):
        counter.page.get_by_role("tab").filter(has_text="Counter").locator(
            ".lm-TabBar-tabCloseIcon"
        ).click()
        expect(counter.panel).to_have_count(0)
        wait_until(lambda: not counter.lab.wslink_sessions(), "the session is gone")
        counter.page.get_by_role("button", name="Open panel").first.click()
        expect(counter.panel.get_by_role("button", name="add one")).to_be_visible()
    wait_until(lambda: len(counter.lab.wslink_sessions()) == 1, "one session")


def test_a_restarted_kernel_brings_the_view_back_in_its_place(counter: Any) -> None:
    counter.restart_kernel()
    notice = counter.panel.locator(".jp-WslinkView-notice")
    expect(notice).to_contain_text("Kernel restarted: run the cells again")
    counter.screenshot("panel-kernel-restarted")
    counter.run_cell(0)
    expect(notice).to_contain_text("run the cell with wl.show(...) again")
    counter.run_cell(1)
    expect(notice).to_be_empty()
    expect(counter.panel).to_have_count(1)
    counter.panel.get_by_role("button", name="add one").click()
    expect(counter.panel.locator("output")).to_have_text("value 1")
    assert counter.evaluate("counter.value") == 1


def test_a_kernel_that_is_shut_down_is_told(counter: Any) -> None:
    model = next(m for m in counter.lab.get("api/sessions") if m["path"] == counter.name)
    counter.lab.get(f"api/kernels/{model['kernel']['id']}", method="DELETE")
    notice = counter.panel.locator(".jp-WslinkView-notice")
    expect(notice).to_contain_text("The kernel is gone")
    counter.screenshot("panel-kernel-gone")


def test_a_busy_kernel_is_told_after_a_second(counter: Any) -> None:
    counter.page.evaluate(
        """async path => {
          const sessions = window.jupyterapp.serviceManager.sessions;
          const { kernel: model } = [...sessions.running()].find(each => each.path === path);
          const kernel = window.jupyterapp.serviceManager.kernels.connectTo({ model });
          window.busy = kernel.requestExecute({ code: 'import time; time.sleep(4)' }).done;
        }""",
        counter.name,
    )
    busy = counter.panel.locator(".jp-WslinkView-busy")
    expect(busy).to_contain_text("Kernel busy")
    counter.panel.get_by_role("button", name="add one").click()
    expect(counter.panel.locator("output")).to_have_text("value 1")
    expect(busy).to_be_empty()


def test_a_reloaded_page_has_its_panel_again(counter: Any) -> None:
    counter.panel.get_by_role("button", name="add one").click()
    expect(counter.panel.locator("output")).to_have_text("value 1")
    counter.save_layout()
    counter.open(reset=False)
    expect(counter.panel).to_have_count(1)
    counter.panel.get_by_role("button", name="add one").click()
    expect(counter.panel.locator("output")).to_have_text("value 2")
    wait_until(lambda: len(counter.lab.wslink_sessions()) == 1, "one session")


def test_two_tabs_hear_of_each_other(counter: Any, page: Page) -> None:
    # ipywidgets' own: each page hears of the other's comm. We have none.
    page.expected_faults += ["Comm not found for comm id"]  # type: ignore[attr-defined]
    counter.save()
    other = page.context.new_page()
    try:
        other.goto(counter.lab.url(f"lab/workspaces/second/tree/{counter.name}?reset"))
        other.get_by_role("button", name="Open panel").first.click()
        expect(other.get_by_role("button", name="add one")).to_be_visible()
        counter.panel.get_by_role("button", name="add one").click()
        expect(other.locator(".jp-WslinkPanel output")).to_have_text("value 1")
        other.get_by_role("button", name="add one").click()
        expect(counter.panel.locator("output")).to_have_text("value 2")
        assert len(counter.lab.wslink_sessions()) == 2
    finally:
        other.close()
    wait_until(lambda: len(counter.lab.wslink_sessions()) == 1, "the closed tab is forgotten")


def test_the_theme_is_followed(counter: Any) -> None:
    theme = counter.panel.locator("i")
    expect(theme).to_have_text("light")
    set_theme = "theme => window.jupyterapp.commands.execute('apputils:change-theme', { theme })"
    counter.page.evaluate(set_theme, "JupyterLab Dark")
    expect(theme).to_have_text("dark")
    expect(counter.page.locator("#jupyterlab-splash")).to_have_count(0)
    counter.screenshot("panel-dark")
    counter.page.evaluate(set_theme, "JupyterLab Light")
    expect(theme).to_have_text("light")


@pytest.mark.parametrize("where", ["split-right", "split-bottom", "tab-after"])
def test_places_beside_the_notebook(open_notebook: Any, where: str) -> None:
    notebook = open_notebook(
        [
            SETUP,
            f"wl.show(\"export default {{ render({{ el }}) {{ el.append('here'); }} }};\", "
            f'title="Placed", where="{where}")',
        ]
    )
    notebook.run_cell(0)
    notebook.run_cell(1)
    panel = notebook.page.locator(".jp-WslinkPanel")
    expect(panel).to_contain_text("here")
    if where == "tab-after":
        expect(notebook.page.locator(".jp-NotebookPanel")).to_be_hidden()
        return
    box = panel.bounding_box()
    cells = notebook.page.locator(".jp-NotebookPanel").bounding_box()
    assert box is not None
    assert cells is not None
    axis, size = ("x", "width") if where == "split-right" else ("y", "height")
    assert box[axis] >= cells[axis] + cells[size] - 5


def test_a_second_view_shares_the_split_of_the_first(counter: Any, directory: Path) -> None:
    (directory / "counter.js").rename(directory / "other.js")
    width = counter.page.locator(".jp-NotebookPanel").bounding_box()["width"]
    counter.page.evaluate(
        "() => { const cell = window.jupyterapp.shell.currentWidget.content.widgets[3];"
        " cell.model.sharedModel.setSource('wl.show(\"other.js\")'); }"
    )
    counter.run_cell(3)
    tabs = counter.page.locator(".lm-DockPanel-tabBar", has_text="Counter").get_by_role("tab")
    expect(tabs).to_have_count(2)
    expect(counter.panel).to_have_count(1)  # in front
    assert abs(counter.page.locator(".jp-NotebookPanel").bounding_box()["width"] - width) < 2


def test_a_view_in_the_cell(open_notebook: Any, directory: Path) -> None:
    (directory / "counter.js").write_text(counter_module("one"))
    notebook = open_notebook([SETUP, 'wl.show("counter.js", where="cell")'])
    notebook.run_cell(0)
    notebook.run_cell(1)
    output = notebook.page.locator(".jp-OutputArea .jp-WslinkOutput")
    output.get_by_role("button", name="add one").click()
    expect(output.locator("output")).to_have_text("value 1")
    expect(notebook.page.locator(".jp-WslinkPanel")).to_have_count(0)


def test_a_module_imports_the_files_beside_it(open_notebook: Any, directory: Path) -> None:
    (directory / "lib").mkdir()
    (directory / "lib" / "words.js").write_text("export { word } from './more.js';")
    (directory / "lib" / "more.js").write_text("export const word = 'a word';")
    (directory / "main.js").write_text(
        "export default { async render({ el, view }) {"
        " const { word } = await import(view.url('lib/words.js')); el.append(word); } };"
    )
    notebook = open_notebook([SETUP, 'wl.show("main.js")'])
    notebook.run_cell(0)
    notebook.run_cell(1)
    expect(notebook.panel).to_contain_text("a word")


def test_an_error_of_a_procedure_reaches_the_view(open_notebook: Any) -> None:
    module = """
export default { async render({ api, el }) {
  await api.counter.add('x', 2).catch(error => el.append(`${error.name}: ${error.message}`));
} };
"""
    notebook = open_notebook([SETUP, f"wl.show({module!r}, title='Wrong')"])
    notebook.run_cell(0)
    notebook.run_cell(1)
    expect(notebook.panel).to_contain_text("expected counter.add(n: int) -> int")
    expect(notebook.panel).to_contain_text("InvalidParams")


def test_a_missing_file_is_told_in_the_cell(open_notebook: Any) -> None:
    notebook = open_notebook([SETUP, 'wl.show("missing.js")'])
    notebook.run_cell(0)
    notebook.run_cell(1)
    assert "expected an ES module in the file 'missing.js'" in notebook.output_text(1)
