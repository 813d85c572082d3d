"""Stock vtk.js, in a page that knows nothing of Jupyter, shows and turns a window of the kernel."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from browser.test_page import frame_of
from browser.test_panel import wait_until
from browser.test_picture import WINDOW, canvas_of
from integration.test_stock_vtk import INTERACTOR, PROTOCOLS
from playwright.sync_api import Page, expect
from support.page_build import build, copy_source

SHOW = 'from pathlib import Path\nwl.show(Path("remote/dist"))'

#: Its width, and a coarse print of what it shows; of one that is replaced meanwhile, none.
SEEN = """async image => {
  try {
    await image.decode();
  } catch (error) {
    if (error.name === 'EncodingError') return [0, new Array(256).fill(0)];
    throw error;
  }
  const context = new OffscreenCanvas(16, 16).getContext('2d');
  context.drawImage(image, 0, 0, 16, 16);
  const { data } = context.getImageData(0, 0, 16, 16);
  return [image.naturalWidth, [...data.filter((_, at) => at % 4 === 0)]];
}"""


SHOWN = 'wl.show(window, title="Cone")'
assert SHOWN in WINDOW


@pytest.mark.parametrize("serves", [SHOWN, INTERACTOR + PROTOCOLS], ids=["shown", "VTK's own"])
def test_stock_vtk_js_shows_a_window_and_a_drag_turns_it(
    open_notebook: Any, page: Page, directory: Path, serves: str
) -> None:
    build(copy_source(directory / "remote", "remote_view"))
    notebook = open_notebook([WINDOW.replace(SHOWN, serves), SHOW])
    notebook.run_cell(0)
    if serves == SHOWN:
        expect(canvas_of(notebook)).to_have_attribute("data-format", "png")
    notebook.run_cell(1)
    frame = frame_of(notebook)
    expect(frame.locator("img")).to_have_attribute("src", re.compile("^blob:"))
    view = frame.locator("#view").bounding_box()
    assert view is not None
    width = round(view["width"])

    def wait_until_seen(wanted_width: int, other_than: list[int], what: str) -> list[int]:
        """Wait for a picture of that width that is clearly another; return its print."""
        prints: list[list[int]] = []

        def is_seen() -> bool:
            seen_width, seen = frame.locator("img").evaluate(SEEN)
            prints.append(seen)
            differences = (abs(a - b) for a, b in zip(seen, other_than, strict=True))
            return bool(seen_width == wanted_width and max(differences) > 40)

        wait_until(is_seen, what)
        return prints[-1]

    background = [25] * 256
    before = wait_until_seen(width, background, "the cone, in the size of the page")
    notebook.screenshot("remote-view")
    x, y = view["x"] + view["width"] / 2, view["y"] + view["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 80, y + 40, steps=8)
    wait_until_seen(width // 2, before, "coarse pictures while it turns")
    page.mouse.up()
    turned = wait_until_seen(width, before, "it has turned")
    page.mouse.wheel(0, -300)
    wait_until_seen(width, turned, "it has come nearer")
    notebook.screenshot("remote-view-turned")
