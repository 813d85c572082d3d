"""The badge in the status bar: state, round trip, loops, calls, and lost connections."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect
from support.lab import LabServer
from support.line import Line

SETUP = """
%load_ext wslink_jupyter
import time
import wslink_jupyter as wl

class Worker:
    def __init__(self):
        self.ends = []
    @wl.procedure("worker.slow", run="loop")
    async def slow(self):
        import asyncio
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            self.ends.append("cancelled")
            raise

worker = wl.expose(Worker(), "worker")
"""

MODULE = """
export default { render({ api, el }) {
  const button = document.createElement('button');
  button.textContent = 'begin';
  const output = document.createElement('output');
  button.onclick = () => api.worker.slow().catch(error => (output.textContent = error.message));
  const other = document.createElement('button');
  other.textContent = 'do not catch';
  other.onclick = () => api.worker.slow();
  el.append(button, other, output);
} };
"""

LOOP = """
for _ in wl.progress(range(600), title="Frames"):
    time.sleep(0.05)
"""


@pytest.fixture
def toasts(lab: LabServer) -> Iterator[None]:
    """Notifications come on the screen, as they do unless a user wants quiet."""
    directory = lab.directory / "settings" / "@jupyterlab" / "apputils-extension"
    path: Path = directory / "notification.jupyterlab-settings"
    quiet = path.read_text()
    path.write_text(json.dumps({**json.loads(quiet), "doNotDisturbMode": False}))
    yield
    path.write_text(quiet)


@pytest.fixture
def worker(line: Line, open_notebook: Any) -> Any:
    """A notebook with a view of a slow object, and cells with a loop."""
    notebook = open_notebook([SETUP, f"wl.show({MODULE!r}, title='Worker')", LOOP, "1 + 1"])
    badge = notebook.page.locator(".jp-WslinkStatus-badge")
    notebook.run_cell(0)
    expect(badge).to_be_hidden()  # nothing has a session yet
    notebook.run_cell(1)
    expect(notebook.panel.get_by_role("button", name="begin")).to_be_visible()
    expect(badge).to_be_visible()
    return notebook


def test_the_badge_tells_the_round_trip(worker: Any) -> None:
    badge = worker.page.locator(".jp-WslinkStatus-badge")
    expect(badge).to_have_text(re.compile(r"^wslink (<1|\d+) ms$"))
    expect(badge).to_have_attribute(
        "title", re.compile(r"connected to the kernel of test\.ipynb\.\nThe server answers within")
    )
    # The same for the panel of the view; none for what has no kernel.
    worker.panel.get_by_role("button", name="begin").focus()
    expect(badge).to_be_visible()
    worker.page.evaluate("() => void window.jupyterapp.commands.execute('launcher:create')")
    expect(badge).to_be_hidden()
    worker.activate()
    expect(badge).to_be_visible()
    worker.page.get_by_role("tab").filter(has_text="Worker").locator(
        ".lm-TabBar-tabCloseIcon"
    ).click()
    expect(badge).to_be_hidden()


def test_a_loop_shows_a_bar_and_its_button_interrupts(worker: Any) -> None:
    page = worker.page
    worker.run_cell(2, wait=False)
    badge = page.locator(".jp-WslinkStatus-badge")
    expect(badge.locator("progress")).to_have_attribute("max", "600")
    badge.click()
    popup = page.get_by_role("dialog", name="Connection of the views")
    row = popup.locator("li", has_text="Frames")
    expect(row).to_contain_text(re.compile(r"\d+/600 in \d+\.\d s"))
    worker.panel.get_by_role("button", name="begin").click()
    expect(row).to_be_hidden()  # a click elsewhere closes it
    badge.click()
    expect(popup.locator("li")).to_have_count(2)
    worker.screenshot("status-popup")
    set_theme = "theme => window.jupyterapp.commands.execute('apputils:change-theme', { theme })"
    page.evaluate(set_theme, "JupyterLab Dark")
    expect(page.locator("body")).to_have_attribute("data-jp-theme-light", "false")
    # JupyterLab takes its splash away twice, if the theme changes again meanwhile.
    expect(page.locator("#jupyterlab-splash")).to_have_count(0)
    worker.screenshot("status-popup-dark")
    page.evaluate(set_theme, "JupyterLab Light")
    popup.get_by_role("button", name="Cancel Frames").click()
    expect(row).to_be_hidden()
    page.evaluate("async () => { await window.ran.catch(() => undefined); }")
    assert "KeyboardInterrupt" in worker.output_text(2)
    expect(badge.locator("progress")).to_be_hidden()


def test_a_long_call_can_be_cancelled(worker: Any) -> None:
    page = worker.page
    badge = page.locator(".jp-WslinkStatus-badge")
    worker.panel.get_by_role("button", name="begin").click()
    expect(badge).to_contain_text("1 call")
    badge.click()
    popup = page.get_by_role("dialog", name="Connection of the views")
    popup.get_by_role("button", name="Cancel worker.slow").click()
    expect(worker.panel.locator("output")).to_have_text("worker.slow: cancelled")
    expect(popup).to_contain_text("No loop and no long call is running.")
    expect(badge).not_to_contain_text("call")
    assert worker.evaluate("worker.ends") == ["cancelled"]
    # What the user has cancelled is no error of the view, which need not catch it.
    page.keyboard.press("Escape")
    worker.panel.get_by_role("button", name="do not catch").click()
    expect(badge).to_contain_text("1 call")
    page.expected_faults.append("worker.slow: cancelled")
    badge.click()
    with page.expect_console_message(lambda told: "worker.slow: cancelled" in told.text):
        popup.get_by_role("button", name="Cancel worker.slow").click()
    expect(worker.panel.locator(".jp-WslinkView-error")).to_be_empty()
    page.keyboard.press("Escape")
    expect(popup).to_have_count(0)
    expect(badge).to_be_focused()


def test_a_loss_and_its_end_are_told_once(toasts: None, line: Line, worker: Any) -> None:
    page = worker.page
    badge = page.locator(".jp-WslinkStatus-badge")
    toast = page.locator(".Toastify__toast")
    expect(badge).to_contain_text("ms")
    line.cut()
    expect(badge).to_have_text("wslink: reconnecting")
    expect(toast).to_have_text("Connection to the kernel of test.ipynb lost; reconnecting")
    expect(page.locator(".jp-WslinkStatus [role=status]")).to_contain_text("is lost, trying again")
    worker.screenshot("status-lost")
    line.mend()
    expect(toast).to_have_text("Connected to the kernel of test.ipynb again")
    worker.screenshot("status-recovered")
    expect(badge).to_have_text(re.compile(r"^wslink (<1|\d+) ms$"))
    expect(toast).to_have_count(0)  # good news goes away


def test_a_restart_and_a_shutdown_need_no_toast(toasts: None, worker: Any) -> None:
    page = worker.page
    badge = page.locator(".jp-WslinkStatus-badge")
    worker.restart_kernel()
    expect(badge).to_have_text("wslink: kernel restarted")
    # Before %load_ext the page may be between two tries, and find the kernel gone.
    page.expected_faults += ["404 (Not Found)", "Unexpected response code: 404"]
    model = next(m for m in worker.lab.get("api/sessions") if m["path"] == worker.name)
    worker.lab.get(f"api/kernels/{model['kernel']['id']}", method="DELETE")
    expect(worker.panel.locator(".jp-WslinkView-notice")).to_contain_text("The kernel is gone")
    page.wait_for_timeout(2500)  # longer than a loss is borne in silence
    expect(page.locator(".Toastify__toast", has_text="Connection")).to_have_count(0)
