"""The tour, as a visitor runs it: cell by cell, clicking in the panel."""

from __future__ import annotations

import re
from typing import Any

from playwright.sync_api import expect

COUNT_PAINTED = """canvas => {
  const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  return data.filter((value, at) => at % 4 === 3 && value > 0).length;
}"""


def marked_pixels(notebook: Any) -> int:
    """Count the pixels that circles cover on the panel's canvas."""
    return int(notebook.panel.locator(".field canvas").nth(1).evaluate(COUNT_PAINTED))


def test_run_all_ends_with_the_picture_and_the_largest_objects(open_notebook: Any) -> None:
    notebook = open_notebook("tour.ipynb")
    notebook.page.evaluate(
        "async () => { await window.jupyterapp.commands.execute('notebook:run-all-cells'); }"
    )
    expect(notebook.panel.locator(".count")).to_have_text("25 objects")
    assert marked_pixels(notebook) > 0


def point_at(panel: Any, x: int, y: int) -> None:
    """Move the mouse to a pixel of the picture."""
    scale = panel.locator(".field").bounding_box()["width"] / 1000
    panel.locator(".field").hover(position={"x": x * scale, "y": y * scale})


def test_the_tour(open_notebook: Any) -> None:
    notebook = open_notebook("tour.ipynb")
    panel = notebook.panel
    setup, exposing, showing, survey, look, status = notebook.code_cells()
    for cell in (setup, exposing, showing):
        notebook.run_cell(cell)

    # The panel stands beside the notebook and has asked the object for its picture.
    expect(panel).to_have_count(1)
    expect(panel.get_by_role("button", name="Find galaxies")).to_be_visible()
    box, cells = panel.bounding_box(), notebook.page.locator(".jp-Notebook").bounding_box()
    assert box["x"] >= cells["x"] + cells["width"] - 5
    assert marked_pixels(notebook) == 0

    # A click calls the object; what it published is on the canvas, what it did is in the kernel.
    slider = panel.get_by_label("threshold")
    slider.fill("0.2")
    panel.get_by_role("button", name="Find galaxies").click()
    expect(panel.locator(".count")).to_have_text(re.compile(r"^\d+ objects$"))
    count = int(panel.locator(".count").inner_text().split()[0])
    assert notebook.evaluate("[sky.threshold, len(sky.objects)]") == [0.2, count]
    assert marked_pixels(notebook) > 0
    expect(notebook.page.get_by_text(f"{count} objects above 0.2")).to_be_visible()
    assert f"{count} objects above 0.2" in notebook.output_text(exposing)
    point_at(panel, 727, 473)
    expect(panel.locator(".probe")).to_contain_text("(727, 473), peak 1.00")
    notebook.screenshot("tour")

    # While a cell runs, its results stream in and the object answers from a thread.
    notebook.run_cell(survey, wait=False)
    expect(panel.locator(".count")).not_to_have_text(f"{count} objects")
    point_at(panel, 123, 401)
    expect(panel.locator(".probe")).to_contain_text("(123, 401)")
    assert (
        notebook.page.evaluate(
            "async () => (await Promise.race([window.ran.then(() => 'done'),"
            " Promise.resolve('running')]))"
        )
        == "running"
    )
    notebook.screenshot("tour-while-a-cell-runs")
    notebook.page.evaluate("async () => { await window.ran; }")
    found = notebook.evaluate("len(sky.objects)")
    expect(panel.locator(".count")).to_have_text(f"{found} objects")

    notebook.run_cell(look)
    expect(panel.locator(".count")).to_have_text("25 objects")
    notebook.run_cell(status)
    assert "sessions: 1" in notebook.output_text(status)
