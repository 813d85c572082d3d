"""Panels that are opened and closed again and again leave nothing behind."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from playwright.sync_api import CDPSession, expect
from support.lab import Notebook

CYCLES = 100

SETUP = """
%load_ext wslink_jupyter
import os, threading
import wslink_jupyter as wl
wl.topic("ticks", retain=True)
wl.publish("ticks", 1)
wl.expose(abs, "absolute", run="thread")
wl.show("view.js")
def held():
    return [len(os.listdir("/proc/self/fd")), threading.active_count()]
"""

VIEW = """
export default {
  async render({ session, api, el, signal, view }) {
    view.onTheme(() => undefined);
    window.addEventListener('resize', () => undefined, { signal });
    const output = document.createElement('output');
    el.append(output);
    session.subscribe('ticks', value => (output.textContent = `tick ${value}`), { signal });
    await api.absolute(-1);
  }
};
"""

OPEN_AND_CLOSE = """async ([path, cycles]) => {
  const { commands, shell } = window.jupyterapp;
  const frame = () => new Promise(resolve => requestAnimationFrame(resolve));
  for (let cycle = 0; cycle < cycles; cycle++) {
    await commands.execute('wslink-jupyter:open-view', { path, name: 'view' });
    while (!document.querySelector('.jp-WslinkPanel')?.textContent.includes('tick 1')) {
      await frame();
    }
    const isPanel = widget => widget.node.matches('.jp-WslinkPanel, :has(.jp-WslinkPanel)');
    const panel = [...shell.widgets('main')].find(widget => isPanel(widget));
    panel.close();
    while (document.querySelector('.jp-WslinkPanel')) {
      await frame();
    }
  }
}"""


def _counters(cdp: CDPSession) -> dict[str, int]:
    """Return what the page holds that nobody collects."""
    for _ in range(3):  # what finalizers let go of is collected by the next
        cdp.send("HeapProfiler.collectGarbage")
    return cdp.send("Memory.getDOMCounters")


def _wait_for_no_session(notebook: Notebook) -> None:
    deadline_s = time.monotonic() + 15
    while notebook.lab.wslink_sessions():
        assert time.monotonic() < deadline_s, notebook.lab.wslink_sessions()
        time.sleep(0.05)


def test_a_hundred_panels_leave_nothing(open_notebook: Any, directory: Path) -> None:
    (directory / "view.js").write_text(VIEW)
    notebook = open_notebook([SETUP])
    notebook.run_cell(0)
    expect(notebook.panel).to_contain_text("tick 1")
    cdp = notebook.page.context.new_cdp_session(notebook.page)
    held = []
    for cycles in (10, CYCLES):  # the first ones fill what is kept once
        notebook.page.evaluate(OPEN_AND_CLOSE, [notebook.name, cycles])
        _wait_for_no_session(notebook)
        held.append((_counters(cdp), notebook.evaluate("held()")))
    (before, kernel_before), (after, kernel_after) = held
    growth = {name: after[name] - before[name] for name in before}
    # Anything that each panel left would be there a hundred times.
    assert all(more < CYCLES for more in growth.values()), growth
    assert kernel_after == kernel_before
    assert notebook.lab.wslink_sessions() == []
