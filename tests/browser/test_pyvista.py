"""pyvista's plots, shown as every notebook of its users does."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import PIL.Image
import pytest
from browser.test_panel import wait_until
from browser.test_trame import LOAD, SERVED
from playwright.sync_api import Locator, expect
from support.lab import Notebook

PLOT = """
import pyvista as pv
pl = pv.Plotter()
pl.add_mesh(pv.Cone(direction=(0, 0, 1)), color="red")
pl.show(OPTIONS)
"""


def plot(options: str) -> str:
    return PLOT.replace("OPTIONS", options)


def red_share(frame: Locator) -> float:
    """How much of what the frame shows is the cone."""
    pixels = np.asarray(PIL.Image.open(io.BytesIO(frame.screenshot())).convert("RGB"), "i2")
    red, green, blue = np.moveaxis(pixels, -1, 0)
    return float(np.mean((red > green + 60) & (red > blue + 60)))


def shown(notebook: Notebook) -> Locator:
    frame = notebook.page.locator(f"iframe.{SERVED}:visible")
    expect(frame).to_have_count(1)
    frame.scroll_into_view_if_needed()
    return frame


@pytest.mark.parametrize("backend", ["", "trame", "server", "client"])
def test_a_plot_is_shown_in_its_cell(open_notebook: Any, backend: str) -> None:
    # The name alone is not enough for pyvista 0.49: "client" and "server" are "trame", too.
    options = f"jupyter_backend={backend!r}, jupyter_kwargs={{'mode': {backend!r}}}"
    notebook = open_notebook([LOAD, plot(options if backend else "")])
    notebook.run_cell(0)
    notebook.run_cell(1)
    frame = shown(notebook)
    wait_until(lambda: red_share(frame) > 0.05, "a red cone")
    assert "/pyvista-jupyter/www/" in (frame.get_attribute("src") or "")
    # Nobody has patched asyncio to wait in the middle of the cell.
    assert not notebook.evaluate("hasattr(__import__('asyncio'), '_nest_patched')")
    canvas = frame.content_frame.locator("canvas, img").first
    before = canvas.screenshot()
    box = frame.bounding_box()
    assert box
    mouse = notebook.page.mouse
    mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    mouse.down()
    mouse.move(box["x"] + box["width"] / 2 + 90, box["y"] + box["height"] / 2 + 60, steps=5)
    mouse.up()
    wait_until(lambda: canvas.screenshot() != before, "the cone turned")
    notebook.screenshot(f"pyvista-{backend or 'default'}")


def test_a_plot_switches_between_here_and_there(open_notebook: Any) -> None:
    notebook = open_notebook([LOAD, plot("")])
    notebook.run_cell(0)
    notebook.run_cell(1)
    frame = shown(notebook)
    wait_until(lambda: red_share(frame) > 0.05, "a red cone from the kernel")
    content = frame.content_frame
    for icon, other in ((".mdi-dns", ".mdi-open-in-app"), (".mdi-open-in-app", ".mdi-dns")):
        content.locator(".v-checkbox").filter(has=content.locator(icon)).click()
        expect(content.locator(other)).to_be_visible()
        wait_until(lambda: red_share(frame) > 0.05, f"a red cone, with {other}")


def test_a_plot_has_the_size_of_its_window(open_notebook: Any) -> None:
    notebook = open_notebook([LOAD, plot("window_size=[320, 240]")])
    notebook.run_cell(0)
    notebook.run_cell(1)
    box = shown(notebook).bounding_box()
    assert box
    assert (box["width"], box["height"]) == (320, 240)


def test_plots_in_widgets_are_shown_there(open_notebook: Any) -> None:
    views = PLOT.replace("OPTIONS", "return_viewer=True").replace("pl.show", "views += [pl.show")
    cell = f"import ipywidgets\nviews = []\n{2 * views.replace('True)', 'True)]')}"
    notebook = open_notebook([LOAD, f"{cell}ipywidgets.VBox(views)"])
    notebook.run_cell(0)
    notebook.run_cell(1)
    frames = notebook.page.locator("iframe.pyvista")
    expect(frames).to_have_count(2)
    for frame in frames.all():
        frame.scroll_into_view_if_needed()
        wait_until(lambda frame=frame: red_share(frame) > 0.05, "a red cone")
