"""The other notebooks, as a visitor runs them: cell by cell, with a hand on the mouse."""

from __future__ import annotations

import re
from typing import Any

from browser.test_panel import wait_until
from playwright.sync_api import Locator, expect

#: A coarse print of what a canvas shows.
SEEN = """canvas => {
  const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  let sum = 0;
  for (let at = 0; at < data.length; at += 4) sum = (sum * 31 + data[at]) % 1000003;
  return sum;
}"""
IS_IMAGE = re.compile("^(blob:|data:image/)")
IS_RUNNING = "Promise.race([window.ran.then(() => false), Promise.resolve(true)])"


def wait_until_changed(canvas: Locator, before: int) -> None:
    canvas.page.wait_for_function(
        f"([canvas, before]) => ({SEEN})(canvas) !== before",
        arg=[canvas.element_handle(), before],
    )


def drag(canvas: Locator, dx: float, dy: float) -> None:
    """Drag from the middle of a canvas."""
    box, mouse = canvas.bounding_box(), canvas.page.mouse
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    mouse.move(x, y)
    mouse.down()
    mouse.move(x + dx, y + dy, steps=5)
    mouse.up()


def test_remote_view(open_notebook: Any) -> None:
    notebook = open_notebook("remote_view.ipynb")
    page = notebook.page
    setup, tissues, show, fade, spin, waves, sleep = notebook.code_cells()
    for cell in (setup, tissues, show):
        notebook.run_cell(cell)
    frog = page.get_by_role("application", name="Frog")
    expect(frog).to_have_attribute("data-format", "png")
    before = frog.evaluate(SEEN)
    drag(frog, 60, 10)
    wait_until_changed(frog, before)
    expect(frog).to_have_attribute("data-format", "png")
    notebook.screenshot("remote-view")

    # The plotter's own methods are seen, in one cell and while one runs.
    before = frog.evaluate(SEEN)
    notebook.run_cell(fade)
    wait_until_changed(frog, before)
    notebook.run_cell(spin, wait=False)
    for _ in range(3):
        wait_until_changed(frog, frog.evaluate(SEEN))
    assert page.evaluate(IS_RUNNING)
    page.evaluate("window.ran")

    # What is safe in a thread follows the mouse while a cell sleeps.
    notebook.run_cell(waves)
    pond = page.get_by_role("application", name="Waves")
    expect(pond).to_have_attribute("data-format", "png")
    notebook.run_cell(sleep, wait=False)
    before = pond.evaluate(SEEN)
    pond.hover(position={"x": 60, "y": 40})
    wait_until_changed(pond, before)
    assert page.evaluate(IS_RUNNING)
    notebook.screenshot("remote-view-while-a-cell-sleeps")


def test_dashboard(open_notebook: Any) -> None:
    notebook = open_notebook("dashboard.ipynb")
    page, panel = notebook.page, notebook.panel
    setup, simulation, show, more = notebook.code_cells()
    for cell in (setup, simulation, show):
        notebook.run_cell(cell)
    field = panel.locator(".field")
    expect(panel.locator(".covered")).to_contain_text("% covered")
    feed = panel.get_by_role("slider", name="feed")
    expect(feed).to_have_value("0.037")

    # Sliders and buttons reach the object; the picture and the chart go on.
    feed.fill("0.05")
    panel.get_by_role("button", name="Restart").click()
    # What the notebook asks may be there before the call, which goes another way.
    wait_until(lambda: notebook.evaluate("reaction.feed") == 0.05, "the slider's value")
    panel.get_by_role("button", name="coral").click()
    expect(feed).to_have_value("0.055")
    for canvas in (field, panel.locator(".chart canvas")):
        wait_until_changed(canvas, canvas.evaluate(SEEN))

    # Paused, it stands still but for a drop that is added.
    panel.get_by_role("button", name="Pause").click()
    panel.get_by_role("button", name="Go on").wait_for()
    total = notebook.evaluate("float(reaction._v.sum())")
    field.click()
    wait_until(lambda: notebook.evaluate("float(reaction._v.sum())") != total, "the drop")
    panel.get_by_role("button", name="Go on").click()

    # While a cell runs: it sets, the sliders show, and the picture goes on.
    notebook.run_cell(more, wait=False)
    expect(feed).not_to_have_value("0.055")
    wait_until_changed(field, field.evaluate(SEEN))
    assert page.evaluate(IS_RUNNING)
    notebook.screenshot("dashboard")


def test_trame_app(open_notebook: Any) -> None:
    notebook = open_notebook("trame_app.ipynb")
    page = notebook.page
    setup, surfaces, application, show, change, waves, plot = notebook.code_cells()
    for cell in (setup, surfaces, application, show):
        notebook.run_cell(cell)
    frame = notebook.panel.frame_locator("iframe")
    picture = frame.locator("img")
    expect(picture).to_have_attribute("src", IS_IMAGE)
    before = picture.get_attribute("src")
    drag(picture, 60, 10)
    expect(picture).not_to_have_attribute("src", before or "")

    # Both ways, also while a cell waits.
    slider = frame.get_by_role("slider")
    notebook.run_cell(change)
    expect(slider).to_have_attribute("aria-valuenow", "0.3")
    expect(frame.get_by_text("Diamond")).to_be_visible()
    slider.focus()
    slider.press("Home")
    expect(slider).to_have_attribute("aria-valuenow", "-0.8")
    assert notebook.evaluate("state.level") == -0.8
    notebook.run_cell(waves, wait=False)
    for level in ("-0.8", "0"):
        expect(slider).not_to_have_attribute("aria-valuenow", level)
    assert page.evaluate(IS_RUNNING)
    page.evaluate("window.ran")

    notebook.run_cell(plot)
    cell = page.frame_locator(".jp-OutputArea iframe")
    expect(cell.locator("img")).to_have_attribute("src", IS_IMAGE)
    page.wait_for_timeout(3000)
    notebook.screenshot("trame-app")
