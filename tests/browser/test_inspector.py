"""The inspector in the right sidebar: what it shows, and that it costs nothing when closed."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

LOAD = "%load_ext wslink_jupyter\nimport wslink_jupyter as wl"

SETUP = """
%load_ext wslink_jupyter
import threading, time
import numpy as np
import wslink_jupyter as wl

@wl.expose("demo.scale", run="thread")
def scale(values, factor: float = 2.0, *, wait_s=0.0):
    '''Multiply, after a while.

    The array is at the front.
    '''
    if not values:
        raise ValueError("nothing to multiply")
    time.sleep(wait_s)
    return {"values": [each * factor for each in values], "array": np.arange(4.0)}

@wl.expose("demo.picture")
def picture():
    return np.full((20, 40, 3), [200, 80, 40], "u1")

class Ticks:
    def __init__(self):
        self.goes = True
        threading.Thread(target=self._run, daemon=True).start()
    def _run(self):
        count = 0
        while self.goes:
            count += 1
            wl.publish("demo.tick", {"count": count, "state": np.zeros(3)})
            time.sleep(0.05)

ticks = Ticks()

def inspected():
    from wslink_jupyter.kernel.extension import current_runtime
    hub = current_runtime().default.hub
    heard = [topic for topic in hub.listener_counts() if topic.startswith("jupyter.inspect.")]
    return [hub.on_publish is not None, sorted(heard)]
"""

MODULE = """
export default { render({ api, el }) {
  const button = el.appendChild(document.createElement('button'));
  let count = 0;
  button.textContent = 'scale';
  button.onclick = async () => {
    await api.demo.scale([1, 2]);
    button.textContent = `scaled ${++count} times`;
  };
} };
"""

NOTHING = [False, []]
TOPICS = ["jupyter.inspect.timings", "jupyter.inspect.topics"]


def set_open(page: Page, is_open: bool) -> None:
    """Open the inspector, or close the sidebar it is in."""
    page.evaluate(
        """isOpen => {
          const { shell } = window.jupyterapp;
          isOpen ? shell.activateById('wslink-jupyter-inspector') : shell.collapseRight();
        }""",
        is_open,
    )


def set_dark(page: Page, is_dark: bool) -> None:
    theme = "JupyterLab Dark" if is_dark else "JupyterLab Light"
    page.evaluate(
        "theme => window.jupyterapp.commands.execute('apputils:change-theme', { theme })", theme
    )
    expect(page.locator("body")).to_have_attribute("data-jp-theme-light", str(not is_dark).lower())


@pytest.fixture
def inspector(page: Page) -> Locator:
    return page.locator("#wslink-jupyter-inspector")


def test_what_a_kernel_offers_and_how_it_goes(
    open_notebook: Any, inspector: Locator, tmp_path: Path
) -> None:
    notebook = open_notebook([SETUP, f"wl.show({MODULE!r}, title='Scale')"])
    page = notebook.page
    notebook.run_cell(0)
    notebook.run_cell(1)
    button = notebook.panel.get_by_role("button", name="scale")
    expect(button).to_be_visible()
    assert notebook.evaluate("inspected()") == NOTHING
    set_open(page, True)
    expect(inspector).to_contain_text("Kernel of test.ipynb")

    # A procedure is called with the keyboard alone.
    procedure = inspector.locator("details", has_text="demo.scale")
    expect(procedure.locator("summary")).to_contain_text(
        "demo.scale(values, factor: float = 2.0, *, wait_s=0.0)"
    )
    procedure.locator("summary").focus()
    page.keyboard.press("Enter")
    expect(procedure).to_contain_text("The array is at the front.")
    page.keyboard.press("Tab")
    page.keyboard.type("[1, 2")
    page.keyboard.press("Enter")
    result = procedure.locator(".jp-WslinkInspector-result")
    expect(result).to_contain_text("values: expected JSON")
    page.keyboard.type("]")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.type("0.1")
    page.keyboard.press("Enter")
    expect(result).to_contain_text("<f8 [4], 0 to 3: 0, 1, 2, 3")
    assert json.loads(result.locator("pre").inner_text())["values"] == [2, 4]
    procedure.get_by_label("values").fill("[]")
    page.keyboard.press("Enter")
    expect(result).to_have_text("ProcedureRaised -32001: ValueError: nothing to multiply")
    picture = inspector.locator("details", has_text="demo.picture")
    picture.locator("summary").click()
    picture.get_by_role("button", name="Call").click()
    expect(picture.get_by_role("img", name=re.compile("Picture of 40 . 20 pixels"))).to_be_visible()

    # Topics, though nobody listens to them.
    topic = inspector.locator("li", has_text="demo.tick")
    expect(topic).to_contain_text(re.compile(r"1\d Hz · nobody listens"))
    expect(topic).to_contain_text("'state': float64 [3] 0 to 0: 0.0, 0.0, 0.0}")
    expect(inspector.locator("li", has_text="This page")).to_contain_text(
        re.compile(r"round trip \d+\.\d+ ms")
    )

    # The call of a view is among those of the page.
    button.click()
    expect(notebook.panel.get_by_role("button", name="scaled 1 times")).to_be_visible()
    calls = inspector.locator("li", has=page.locator(".jp-WslinkInspector-line"))
    newest = calls.first
    expect(newest).to_contain_text("demo.scale")
    expect(newest).to_contain_text(re.compile(r"there .* ms · queue .* ms · handler .* · back .*"))
    notebook.screenshot("inspector")
    set_dark(page, True)
    expect(page.locator("#jupyterlab-splash")).to_have_count(0)
    expect(topic).to_contain_text("nobody listens")
    notebook.screenshot("inspector-dark")
    set_dark(page, False)
    with page.expect_download() as download:
        inspector.get_by_role("button", name="Save the calls as JSON Lines").click()
    download.value.save_as(tmp_path / "calls.jsonl")
    lines = [json.loads(line) for line in (tmp_path / "calls.jsonl").read_text().splitlines()]
    waited, failed, _, seen = lines
    assert [line["uri"] for line in lines] == [
        "demo.scale",
        "demo.scale",
        "demo.picture",
        "demo.scale",
    ]
    assert waited["handler_s"] >= 0.1
    assert failed["error"].endswith("nothing to multiply")
    parts = [seen[part] for part in ("there_s", "queue_s", "handler_s", "back_s")]
    assert min(parts) >= 0
    assert sum(parts) == pytest.approx(seen["duration_s"], abs=1e-5)
    inspector.get_by_role("button", name="Clear the calls").click()
    expect(calls).to_have_count(0)
    assert notebook.evaluate("inspected()") == [True, TOPICS]

    # Closed, it costs nothing: neither the kernel nor the page.
    set_open(page, False)
    expect(inspector).to_be_hidden()
    notebook.panel.get_by_role("button").click()
    expect(notebook.panel.get_by_role("button", name="scaled 2 times")).to_be_visible()
    assert notebook.evaluate("inspected()") == NOTHING
    set_open(page, True)
    expect(topic).to_contain_text("Hz")
    expect(calls).to_have_count(0)
    assert notebook.evaluate("ticks.__setattr__('goes', False)") is None


def test_a_kernel_without_the_extension_and_one_without_views(
    open_notebook: Any, inspector: Locator
) -> None:
    notebook = open_notebook([LOAD, "wl.expose(len, 'demo.len')"])
    page = notebook.page
    set_open(page, True)
    expect(inspector).to_contain_text("run %load_ext wslink_jupyter")
    notebook.run_cell(0)
    expect(inspector).to_contain_text("Kernel of test.ipynb")
    expect(inspector).to_contain_text("Nothing is exposed")
    notebook.run_cell(1)
    expect(inspector.locator("summary")).to_contain_text("demo.len(obj, /)")
    # Nobody else has a session: it goes with the inspector.
    assert len(notebook.lab.wslink_sessions()) == 1
    set_open(page, False)
    expect(page.locator(".jp-WslinkStatus-badge")).to_be_hidden()
    page.evaluate("window.jupyterapp.commands.execute('launcher:create')")
    set_open(page, True)
    expect(inspector).to_contain_text("Open a notebook or console")
