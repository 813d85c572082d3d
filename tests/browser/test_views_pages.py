"""``wslink-jupyter serve notebook.ipynb``: views in a plain browser, without JupyterLab."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect
from support.jupyter import JupyterServer
from support.notebook_file import write_notebook
from support.page_build import build, copy_source

PICTURES = Path(__file__).parents[2] / "test-results" / "screenshots"

CELLS = [
    """
%load_ext wslink_jupyter
from pathlib import Path
import numpy as np
import wslink_jupyter as wl

class Counter:
    value = 0
    def add(self, n: int = 1) -> int:
        self.value += n
        wl.publish("counter.value", self.value)
        return self.value
    def close(self) -> None:
        flag.close()
    def fail(self) -> None:
        raise ValueError("no such luck")

class Page:
    def add(self, a: int, b: int) -> int:
        return a + b

counter = wl.expose(Counter(), "counter")
page = wl.expose(Page(), "page")
""",
    '''
module = wl.show("""export default {
  render({ session, api, el, signal, view }) {
    const button = (text, act) => {
      const made = el.appendChild(document.createElement("button"));
      made.textContent = text;
      made.onclick = act;
    };
    button("add", () => api.counter.add(21));
    button("close", () => api.counter.close());
    button("fail", () => { api.counter.fail(); });
    const heard = el.appendChild(document.createElement("output"));
    session.subscribe("counter.value", value => { heard.textContent = value; }, { signal });
    el.append(`${view.name} is ${view.theme}`);
  }
}""", name="counter", title="Counter <b>")
''',
    """
side = 0
class Flag:
    def render(self, width, height):
        picture = np.zeros((height, width, 3), "u1")
        picture[:, : width // 2] = (200, 30, 30) if side == 0 else (30, 200, 30)
        picture[:, width // 2 :] = (30, 30, 200)
        return picture
    def handle_event(self, event):
        global side
        if event["event_type"] == "pointer_down":
            side = 1
flag = wl.show(Flag(), name="flag", title="Flag")
""",
    'plots = wl.show(Path("plots/dist"))',
    "from trame.app.demo import Cone\nwl.show(Cone(), name='cone', title='Cone')",
]


@pytest.fixture
def index(tmp_path: Path) -> Iterator[str]:
    """Where the views of the notebook are, with the token."""
    build(copy_source(tmp_path / "plots"), "First")
    name = write_notebook(tmp_path, *CELLS)
    command = (sys.executable, "-m", "wslink_jupyter", "serve", name, "--port=0", "--allow-root")
    variables = JupyterServer(tmp_path / "server").variables()
    process = subprocess.Popen(
        command,
        cwd=tmp_path,
        env=variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    for line in process.stdout:
        found = re.search(r"http://[^\s;]+", line)
        if found is not None:
            yield found[0]
            break
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=30)
    assert process.returncode == 0, errors
    # Of the call that fails on purpose.
    faults = errors.split("Traceback")[1:]
    assert all("no such luck" in fault for fault in faults), errors


def _colour(canvas: Locator, x: float) -> list[int]:
    """Return the colour of the picture at a part of its width."""
    colour: list[int] = canvas.evaluate(
        """(canvas, x) => [...canvas.getContext('2d')
          .getImageData(Math.floor(canvas.width * x), 5, 1, 1).data].slice(0, 3)""",
        x,
    )
    return colour


def test_views_are_pages(index: str, page: Page, request: Any) -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    # Stock clients ask for a launcher first; and one call fails on purpose.
    page.expected_faults.extend(["paraview", "no such luck"])  # type: ignore[attr-defined]
    page.goto(index)
    links = page.locator(".jp-WslinkIndex-link")
    expect(links).to_have_text(["Counter <b>", "Flag", "plots", "Cone"])
    # The address may be copied: it has the token no more.
    assert "token" not in page.url
    page.screenshot(path=PICTURES / "views-index.png")

    links.nth(0).click()
    expect(page).to_have_title("Counter <b>")
    page.get_by_role("button", name="add").click()
    page.get_by_role("button", name="add").click()
    expect(page.locator("output")).to_have_text("42")
    expect(page.locator(".jp-WslinkView-content")).to_contain_text("counter is light")
    page.emulate_media(color_scheme="dark")
    page.reload()
    expect(page.locator(".jp-WslinkView-content")).to_contain_text("counter is dark")
    # What the view does not catch is shown, as in a panel.
    page.get_by_role("button", name="fail").click()
    expect(page.locator(".jp-WslinkView-error")).to_contain_text("no such luck")
    page.screenshot(path=PICTURES / "views-module.png")
    page.emulate_media(color_scheme="light")

    page.goto(page.url.replace("/counter", "/flag"))
    canvas = page.locator("canvas.jp-WslinkPicture")
    expect(canvas).to_have_attribute("data-format", "png")
    assert _colour(canvas, 0.25) == [200, 30, 30]
    assert _colour(canvas, 0.75) == [30, 30, 200]
    size = page.viewport_size
    assert size is not None
    box = canvas.bounding_box()
    assert box is not None
    assert (box["width"], box["height"]) == (size["width"], size["height"])
    page.screenshot(path=PICTURES / "views-picture.png")
    canvas.click()
    page.wait_for_function(
        """() => document.querySelector('canvas').getContext('2d')
             .getImageData(5, 5, 1, 1).data[1] > 150"""
    )

    page.goto(page.url.replace("/flag", "/plots"))
    frame = page.frame_locator("iframe.jp-WslinkView-page")
    expect(frame.locator("#called")).to_have_text("ready")
    frame.get_by_role("button", name="add").click()
    expect(frame.locator("#called")).to_have_text("42")
    page.screenshot(path=PICTURES / "views-page.png")

    page.goto(page.url.replace("/plots", "/cone"))
    expect(frame.get_by_text("Trame demo")).to_be_visible()
    page.screenshot(path=PICTURES / "views-app.png")


def test_pages_follow_the_kernel(index: str, page: Page) -> None:
    page.goto(index)
    other = page.context.new_page()
    other.goto(page.url + "flag")
    expect(other.locator("canvas.jp-WslinkPicture")).to_be_visible()
    third = page.context.new_page()
    third.goto(page.url + "counter")
    third.get_by_role("button", name="close").click()
    expect(page.locator(".jp-WslinkIndex-link")).to_have_text(["Counter <b>", "plots", "Cone"])
    expect(other.locator(".jp-WslinkView-notice")).to_contain_text("was closed by the notebook")
    third.goto(page.url + "unknown")
    expect(third.locator(".jp-WslinkView-notice")).to_contain_text("is not shown by this kernel")
