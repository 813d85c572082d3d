"""Panels that are opened and closed a hundred times leave nothing behind."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

from browser.test_panel import wait_until
from playwright.sync_api import CDPSession, Page, expect

#: Each round opens and closes so many panels of either kind.
CYCLES = 25
ROUNDS = 6

SETUP = """
%load_ext wslink_jupyter
import gc, os, threading
import numpy as np
import wslink_jupyter as wl
from wslink_jupyter.views.pictures.gallery import Gallery

def held():
    gc.collect()
    # The pool's are as many as calls ran at once, up to a limit of their own.
    kept = [each for each in threading.enumerate() if not each.name.startswith("wslink-worker")]
    return {
        "files": len(os.listdir("/proc/self/fd")),
        "threads": len(kept),
        "subscriptions": [session.subscriptions for session in wl.sessions()],
        "streams": [len(each._open) for each in gc.get_objects() if type(each) is Gallery],
    }

wl.topic("ticks", retain=True)
wl.publish("ticks", 1)
wl.expose(abs, "absolute", run="thread")
wl.show("view.js", name="kept")
wl.show("view.js", name="module")
wl.show(lambda width, height: np.zeros((height, width, 3), "u1"), name="picture", run="thread")
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

# Beside the panel that stays: where a split closes, Lab keeps its tab bar.
OPEN_AND_CLOSE = """async ([path, cycles]) => {
  const { commands } = window.jupyterapp;
  const frame = () => new Promise(resolve => requestAnimationFrame(resolve));
  const open = async (name, isLive) => {
    const args = { path, name, where: 'split-right', activate: true };
    const panel = await commands.execute('wslink-jupyter:open-view', args);
    while (!isLive(panel.node)) {
      await frame();
    }
    return panel;
  };
  for (let cycle = 0; cycle < cycles; cycle++) {
    const panels = [
      await open('module', node => node.textContent.includes('tick 1')),
      await open('picture', node => node.querySelector('canvas[data-format]'))
    ];
    for (const panel of panels) {
      panel.close();
      while (panel.node.isConnected) {
        await frame();
      }
    }
  }
}"""

#: Of what each panel is made: widget, content, live view.
PROTOTYPES = """() => {
  const { shell } = window.jupyterapp;
  const panel = [...shell.widgets('main')].find(widget => widget.hasClass('jp-WslinkPanel'));
  return [panel, panel.content, panel.content.live].map(each => Object.getPrototypeOf(each));
}"""


class Heap:
    """What is in the page's memory once nobody needs it any more."""

    def __init__(self, cdp: CDPSession) -> None:
        self._cdp = cdp

    def sizes(self) -> dict[str, int]:
        self._collect()
        usage = self._cdp.send("Runtime.getHeapUsage")
        size_bytes = usage["usedSize"] + usage["backingStorageSize"]
        return {**self._cdp.send("Memory.getDOMCounters"), "bytes": int(size_bytes)}

    def instances(self) -> list[int]:
        """How many there are of each class of PROTOTYPES."""
        self._collect()
        made = self._cdp.send("Runtime.evaluate", {"expression": f"({PROTOTYPES})()"})
        classes = self._properties(made["result"]["objectId"])
        counts = []
        for index in "012":
            found = self._cdp.send(
                "Runtime.queryObjects", {"prototypeObjectId": classes[index]["objectId"]}
            )
            counts.append(self._properties(found["objects"]["objectId"])["length"]["value"])
        self._cdp.send("Runtime.releaseObjectGroup", {"objectGroup": ""})
        return counts

    def _collect(self) -> None:
        for _ in range(3):  # what finalizers let go of is collected by the next
            self._cdp.send("HeapProfiler.collectGarbage")

    def _properties(self, object_id: str) -> dict[str, Any]:
        answer = self._cdp.send(
            "Runtime.getProperties", {"objectId": object_id, "ownProperties": True}
        )
        return {each["name"]: each["value"] for each in answer["result"] if "value" in each}


def test_a_hundred_panels_leave_nothing(open_notebook: Any, directory: Path) -> None:
    (directory / "view.js").write_text(VIEW)
    notebook = open_notebook([SETUP])
    notebook.run_cell(0)
    page = notebook.page
    panels = page.locator(".jp-WslinkPanel")
    expect(panels).to_have_count(3)
    close_panels(page, ["module", "picture"])
    heap = Heap(page.context.new_cdp_session(page))
    page.evaluate(OPEN_AND_CLOSE, [notebook.name, 3])  # fills what is kept once
    held = notebook.evaluate("held()")
    sizes = [heap.sizes()]
    for _ in range(ROUNDS):
        page.evaluate(OPEN_AND_CLOSE, [notebook.name, CYCLES])
        sizes.append(heap.sizes())
    assert heap.instances() == [1, 1, 1]
    assert notebook.evaluate("held()") == held
    # What Lab loads late is in one round; what each panel leaves would be in all.
    growth = {name: min(b[name] - a[name] for a, b in pairwise(sizes)) for name in sizes[0]}
    count = 2 * CYCLES
    assert growth["documents"] == 0, sizes
    assert growth["jsEventListeners"] < count, sizes
    assert growth["nodes"] < 2 * count, sizes  # a panel has some thirty
    # The browser keeps every module's text and code: that is 10 kB here.
    assert growth["bytes"] < 50_000 * count, sizes
    assert len(notebook.lab.wslink_sessions()) == 1
    close_panels(page, ["kept"])
    wait_until(lambda: not notebook.lab.wslink_sessions(), "the session is gone")


def close_panels(page: Page, names: list[str]) -> None:
    for name in names:
        tab = page.get_by_role("tab", name=name)
        tab.click()
        tab.locator(".lm-TabBar-tabCloseIcon").click()
        expect(tab).to_have_count(0)
