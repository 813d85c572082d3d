"""Pictures that the kernel draws: seen, turned with the mouse, and live while a cell runs."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Locator, Page, expect
from support.line import Line

WINDOW = """
import os
os.environ["VTK_DEFAULT_OPENGL_WINDOW"] = "vtkEGLRenderWindow"
%load_ext wslink_jupyter
import wslink_jupyter as wl
import vtkmodules.vtkRenderingOpenGL2
from vtkmodules.vtkFiltersSources import vtkConeSource
from vtkmodules.vtkRenderingCore import (
    vtkActor, vtkPolyDataMapper, vtkRenderer, vtkRenderWindow)
source = vtkConeSource()
source.SetResolution(24)
mapper = vtkPolyDataMapper()
mapper.SetInputConnection(source.GetOutputPort())
actor = vtkActor()
actor.SetMapper(mapper)
renderer = vtkRenderer()
renderer.AddActor(actor)
renderer.SetBackground(0.1, 0.2, 0.4)
window = vtkRenderWindow()
window.AddRenderer(renderer)
wl.show(window, title="Cone")
"""

CLOCK = """
%load_ext wslink_jupyter
import threading, time
import numpy as np
import wslink_jupyter as wl
shade = 0
def picture(width, height):
    return np.full((height, width, 3), shade, "u1")
view = wl.show(picture, title="Clock", run="thread")
def tick():
    global shade
    while True:
        shade = (shade + 5) % 250
        view.update()
        time.sleep(0.03)
threading.Thread(target=tick, daemon=True).start()
"""

#: A coarse print of what the canvas shows.
SEEN = """canvas => {
  const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  let sum = 0;
  for (let at = 0; at < data.length; at += 4) sum = (sum * 31 + data[at]) % 1000003;
  return sum;
}"""


def canvas_of(notebook: Any) -> Locator:
    canvas: Locator = notebook.panel.locator("canvas.jp-WslinkPicture")
    return canvas


def wait_until_seen_changes(page: Page, canvas: Locator, before: int) -> None:
    page.wait_for_function(
        f"([canvas, before]) => ({SEEN})(canvas) !== before",
        arg=[canvas.element_handle(), before],
    )


def test_a_window_is_turned_by_a_drag(open_notebook: Any, page: Page) -> None:
    notebook = open_notebook([WINDOW])
    notebook.run_cell(0)
    canvas = canvas_of(notebook)
    expect(canvas).to_have_attribute("data-format", "png")
    box = canvas.bounding_box()
    assert box is not None
    size = canvas.evaluate("canvas => [canvas.width, canvas.height]")
    assert size == [round(box["width"]), round(box["height"])]
    before = canvas.evaluate(SEEN)

    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 80, y + 40, steps=8)
    page.mouse.up()
    wait_until_seen_changes(page, canvas, before)
    expect(canvas).to_have_attribute("data-format", "png")
    notebook.screenshot("picture-turned")

    # The right button zooms, and opens no menu: neither when pressed nor when let go.
    before = canvas.evaluate(SEEN)
    page.mouse.move(x, y)
    page.mouse.down(button="right")
    page.mouse.move(x, y + 60, steps=4)
    page.mouse.up(button="right")
    is_let_through = canvas.evaluate(
        """canvas => canvas.dispatchEvent(
          new MouseEvent('contextmenu', { button: 2, bubbles: true, cancelable: true }))"""
    )
    assert not is_let_through
    wait_until_seen_changes(page, canvas, before)
    expect(canvas).to_have_attribute("data-format", "png")
    expect(page.locator(".lm-Menu")).to_have_count(0)

    before = canvas.evaluate(SEEN)
    finger = page.context.new_cdp_session(page)
    for kind, points in [
        ("touchStart", [{"x": x, "y": y}]),
        ("touchMove", [{"x": x - 60, "y": y + 20}]),
        ("touchEnd", []),
    ]:
        finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    wait_until_seen_changes(page, canvas, before)
    expect(canvas).to_have_attribute("data-format", "png")

    before = canvas.evaluate(SEEN)
    page.mouse.wheel(0, -300)
    wait_until_seen_changes(page, canvas, before)
    expect(canvas).to_be_focused()
    # A wireframe: VTK's own key.
    expect(canvas).to_have_attribute("data-format", "png")
    before = canvas.evaluate(SEEN)
    page.keyboard.press("w")
    wait_until_seen_changes(page, canvas, before)

    # A panel that grows gets a picture of its size.
    page.set_viewport_size({"width": 1200, "height": 700})
    page.wait_for_function(
        "canvas => canvas.height === canvas.clientHeight && canvas.width === canvas.clientWidth",
        arg=canvas.element_handle(),
    )


def test_pictures_follow_while_a_cell_runs_and_after_a_loss(
    line: Line, open_notebook: Any, page: Page
) -> None:
    notebook = open_notebook([CLOCK, "import time; time.sleep(6)"])
    notebook.run_cell(0)
    canvas = canvas_of(notebook)
    expect(canvas).to_have_attribute("data-format", "jpeg")
    notebook.run_cell(1, wait=False)
    expect(notebook.panel).to_contain_text("Kernel busy")
    for _ in range(5):
        wait_until_seen_changes(page, canvas, canvas.evaluate(SEEN))
    expect(notebook.panel).to_contain_text("Kernel busy")

    line.cut()
    expect(page.locator(".jp-WslinkStatus-badge")).to_have_text("wslink: reconnecting")
    before = canvas.evaluate(SEEN)
    line.mend()
    wait_until_seen_changes(page, canvas, before)
    wait_until_seen_changes(page, canvas, canvas.evaluate(SEEN))
