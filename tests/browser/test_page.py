"""A built page, whose stock wslink client knows nothing of Jupyter."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from browser.test_panel import wait_until
from playwright.sync_api import FrameLocator, expect
from support.lab import LabServer, Notebook
from support.page_build import build, copy_source

SETUP = """
%load_ext wslink_jupyter
import wslink_jupyter as wl
from pathlib import Path

class Page:
    def add(self, a: int, b: int) -> int:
        return a + b

page = wl.expose(Page(), "page")
"""
SHOW = 'wl.show(Path("plots/dist"), where="WHERE")'


@pytest.fixture
def source(directory: Path) -> Path:
    return copy_source(directory / "plots")


@pytest.fixture
def show(open_notebook: Any, source: Path) -> Any:
    def show_(where: str) -> Notebook:
        build(source, "First")
        notebook: Notebook = open_notebook(
            [SETUP, SHOW.replace("WHERE", where), 'wl.publish("page.value", "news")']
        )
        # Stock clients without configuration ask for a launcher first.
        notebook.page.expected_faults.append("paraview")  # type: ignore[attr-defined]
        notebook.run_cell(0)
        notebook.run_cell(1)
        return notebook

    return show_


def frame_of(notebook: Notebook) -> FrameLocator:
    return notebook.page.frame_locator("iframe.jp-WslinkView-page:visible")


@pytest.mark.parametrize("where", ["split-right", "cell"])
def test_a_stock_client_connects_by_itself(show: Any, where: str) -> None:
    notebook = show(where)
    page = frame_of(notebook)
    expect(page.locator("#called")).to_have_text("ready")
    page.get_by_role("button", name="add").click()
    expect(page.locator("#called")).to_have_text("42")
    notebook.run_cell(2)
    expect(page.locator("#heard")).to_have_text("news")
    # Beside the page, and by default.
    expect(page.locator("#beside")).to_have_text("3")
    expect(page.locator("#default")).to_have_text("7")
    # Style sheets and parts that are fetched later come with the right type.
    expect(page.locator("h1")).to_have_css("color", "rgb(1, 2, 3)")
    frame = notebook.page.locator("iframe.jp-WslinkView-page")
    expect(frame).to_have_attribute("title", "plots")
    content = frame.element_handle().content_frame()
    assert content is not None
    wait_until(lambda: content.title() == "loaded late", "the part that is fetched later")
    outer, inner = frame.locator("..").bounding_box(), frame.bounding_box()
    assert outer is not None
    assert inner is not None
    assert inner["width"] > 300
    assert inner["height"] > 300
    assert (inner["width"], inner["height"]) == (outer["width"], outer["height"])
    notebook.screenshot(f"page-{where}")


def test_a_page_is_loaded_again_when_it_is_built_again(
    show: Any, source: Path, lab: LabServer
) -> None:
    notebook = show("split-right")
    page = frame_of(notebook)
    expect(page.get_by_role("heading")).to_have_text("First")
    expect(page.locator("#default")).to_have_text("7")
    assert len(lab.wslink_sessions()) == 4  # the panel's own, and three of the page
    build(source, "Second")
    expect(page.get_by_role("heading")).to_have_text("Second")
    expect(page.locator("#default")).to_have_text("7")
    expect(notebook.page.locator("iframe.jp-WslinkView-page")).to_have_count(1)
    wait_until(lambda: len(lab.wslink_sessions()) == 4, "the sessions of the old page end")
    # One that could not find its files is told; the page that works stays.
    build(source, "Third", "--base=/")
    alert = notebook.panel.locator(".jp-WslinkView-error")
    expect(alert).to_contain_text("build the page with vite build --base=./")
    expect(page.get_by_role("heading")).to_have_text("Second")


def test_a_page_is_greyed_by_a_restart_and_comes_back_in_place(show: Any) -> None:
    notebook = show("split-right")
    page = frame_of(notebook)
    expect(page.locator("#default")).to_have_text("7")
    notebook.restart_kernel()
    picture = notebook.panel.locator(".jp-WslinkView-picture")
    expect(picture).to_have_class("jp-WslinkView-picture jp-mod-stale")
    notebook.run_cell(0)
    notebook.run_cell(1)
    expect(picture).to_have_class("jp-WslinkView-picture")
    expect(notebook.page.locator("iframe.jp-WslinkView-page")).to_have_count(1)
    expect(page.locator("#called")).to_have_text("ready")
    page.get_by_role("button", name="add").click()
    expect(page.locator("#called")).to_have_text("42")
