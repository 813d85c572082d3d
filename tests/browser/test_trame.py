"""trame and pyvista as they are, in panels and cells, with no word about us."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import FrameLocator, expect
from support.lab import Notebook

LOAD = "%load_ext wslink_jupyter\nimport wslink_jupyter as wl"
CONE = """
from trame.app.demo import Cone
cone = Cone()
wl.show(cone.server)
"""


def frame_of(notebook: Notebook) -> FrameLocator:
    return notebook.page.frame_locator("iframe.jp-WslinkView-page:visible")


def test_an_application_is_shown_in_a_panel(open_notebook: Any) -> None:
    notebook = open_notebook([LOAD, CONE])
    notebook.run_cell(0)
    notebook.run_cell(1)
    frame = frame_of(notebook)
    expect(frame.get_by_text("Trame demo")).to_be_visible()
    expect(frame.locator("canvas")).to_be_visible()
    notebook.page.wait_for_timeout(3000)
    notebook.screenshot("trame-cone")


def test_pyvista_plots_are_shown_in_their_cell(open_notebook: Any) -> None:
    notebook = open_notebook([LOAD, "import pyvista as pv\npl = pv.Plotter(off_screen=True)\npl.add_mesh(pv.Cone())\npl.show()"])
    notebook.run_cell(0)
    notebook.run_cell(1)
    frame = frame_of(notebook)
    notebook.page.wait_for_timeout(6000)
    notebook.screenshot("trame-pyvista")
    print(notebook.output_text(1))
