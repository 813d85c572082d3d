"""trame as it is, in panels and cells: what is written here says no word about us."""

from __future__ import annotations

from typing import Any

import pytest
from browser.test_panel import wait_until
from playwright.sync_api import FrameLocator, Page, Route, expect
from support.lab import LabServer, Notebook
from support.line import Line

LOAD = "%load_ext wslink_jupyter\nimport wslink_jupyter as wl"
CONE = "from trame.app.demo import Cone\ncone = Cone()"
#: A page with all that goes to and fro.
SMALL = """
import asyncio
from trame.app import get_server
from trame.ui.html import DivLayout
from trame.widgets import html

server = get_server("NAME")
state, ctrl = server.state, server.controller
state.count = 3
events = []
ctrl.on_client_connected.add(lambda **_: events.append("connected"))
ctrl.on_client_exited.add(lambda **_: events.append("exited"))

@state.change("count")
def count_changed(count, **_):
    state.square = count**2

@server.trigger("double")
def double():
    state.count = 2 * int(state.count)
    return state.count

@server.trigger("wait")
async def wait():
    await asyncio.sleep(3600)

with DivLayout(server) as layout:
    html.Div("{{ count }} squared is {{ square }}", id="text")
    html.Input(v_model=("count",), id="count", ref="count")
    html.Button("double", click=double)
"""
DISPLAY = "await layout.ready\nlayout"
SERVED = "jp-WslinkView-page"


def small(name: str = "small") -> str:
    return SMALL.replace("NAME", name)


def frame_of(notebook: Notebook, title: str = "small") -> FrameLocator:
    return notebook.page.frame_locator(f"iframe.{SERVED}[title='{title}']:visible")


def run_all(notebook: Notebook) -> None:
    for cell in notebook.code_cells():
        notebook.run_cell(cell)


def page_url(notebook: Notebook) -> str:
    """The page's own URL, as somebody may copy it into a tab."""
    url = notebook.page.locator(f"iframe.{SERVED}").first.get_attribute("src")
    assert url is not None
    return url


def test_an_application_of_trames_own_in_a_panel(open_notebook: Any) -> None:
    notebook = open_notebook([LOAD, CONE, "wl.show(cone, title='Cone')"])
    run_all(notebook)
    frame = frame_of(notebook, "Cone")
    expect(frame.get_by_text("Trame demo")).to_be_visible()
    canvas = frame.locator("canvas")
    expect(canvas).to_be_visible()
    before = canvas.screenshot()
    slider = frame.get_by_role("slider")
    slider.focus()
    slider.press("End")
    wait_until(lambda: notebook.evaluate("cone.resolution") == 60, "the slider is heard")
    wait_until(lambda: canvas.screenshot() != before, "another cone")
    notebook.screenshot("trame-cone")


@pytest.mark.parametrize("where", ["cell", "split-right", "displayed"])
def test_calls_and_state_go_to_and_fro(open_notebook: Any, where: str) -> None:
    show = DISPLAY if where == "displayed" else f"wl.show(layout, where={where!r})"
    notebook = open_notebook(
        [
            LOAD,
            small(),
            show,
            "with state:\n    state.count = 10",
            'server.js_call("count", "focus")',
        ]
    )
    for cell in range(3):
        notebook.run_cell(cell)
    frame = frame_of(notebook)
    text = frame.locator("#text")
    expect(text).to_have_text("3 squared is 9")
    # A call, whose handler changes what another one derives.
    frame.get_by_role("button", name="double").click()
    expect(text).to_have_text("6 squared is 36")
    assert notebook.evaluate("state.square") == 36
    # What the page changes, and what a cell changes.
    frame.locator("#count").fill("7")
    wait_until(lambda: notebook.evaluate("int(state.count)") == 7, "the page's state")
    notebook.run_cell(3)
    expect(text).to_have_text("10 squared is 100")
    # A cell calls the page.
    notebook.run_cell(4)
    expect(frame.locator("#count")).to_be_focused()
    assert notebook.evaluate("events") == ["connected"]
    notebook.screenshot(f"trame-{where}")


def test_the_application_hears_who_leaves(open_notebook: Any, page: Page, lab: LabServer) -> None:
    notebook = open_notebook([LOAD, small(), "wl.show(layout)"])
    run_all(notebook)
    expect(frame_of(notebook).locator("#text")).to_have_text("3 squared is 9")
    url = page_url(notebook)
    # A second client of the same server, in a tab of its own: what one does, both see.
    tab = page.context.new_page()
    tab.goto(url)
    tab.get_by_role("button", name="double").click()
    for each in (tab.locator("#text"), frame_of(notebook).locator("#text")):
        expect(each).to_have_text("6 squared is 36")
    assert notebook.evaluate("events") == ["connected"] * 2
    tab.close(run_before_unload=True)
    wait_until(lambda: notebook.evaluate("events[2:]") == ["exited"], "the tab's leave")
    # Its panel is closed: the application is told, and goes on.
    page.evaluate("""() => {
      const panels = [...window.jupyterapp.shell.widgets('main')];
      panels.find(panel => panel.hasClass('jp-WslinkPanel')).dispose();
    }""")
    wait_until(lambda: notebook.evaluate("events[3:]") == ["exited"], "the panel's leave")
    notebook.run_cell(2)
    expect(frame_of(notebook).locator("#text")).to_have_text("6 squared is 36")


def test_several_servers_do_not_meet(open_notebook: Any) -> None:
    shows = ["wl.show(layout, title='One')", "wl.show(layout, title='Two', where='split-bottom')"]
    notebook = open_notebook([LOAD, small("One"), shows[0], small("Two x"), shows[1]])
    run_all(notebook)
    one, two = frame_of(notebook, "One"), frame_of(notebook, "Two")
    two.get_by_role("button", name="double").click()
    expect(two.locator("#text")).to_have_text("6 squared is 36")
    expect(one.locator("#text")).to_have_text("3 squared is 9")


def test_a_panel_stays_as_it_is_when_its_layout_is_displayed(open_notebook: Any) -> None:
    notebook = open_notebook([LOAD, small(), "wl.show(layout, title='Mine')", "layout"])
    run_all(notebook)
    panel, cell = frame_of(notebook, "Mine"), frame_of(notebook)
    cell.get_by_role("button", name="double").click()
    for frame in (panel, cell):
        expect(frame.locator("#text")).to_have_text("6 squared is 36")
    assert notebook.evaluate("events") == ["connected"] * 2  # nobody was loaded again


def test_a_late_loader_does_not_replace_the_application(open_notebook: Any, page: Page) -> None:
    notebook = open_notebook([LOAD, small(), "wl.show(layout)"])
    late: list[Route] = []
    page.route("**/loading.tpl", lambda route: late.append(route))
    run_all(notebook)
    frame = frame_of(notebook)
    expect(frame.locator("#text")).to_have_text("3 squared is 9")
    with page.expect_response("**/loading.tpl"):
        late[0].continue_()
    page.unroute("**/loading.tpl")
    # Behind what the page does with it.
    frame.locator("body").evaluate("() => fetch('./loading.tpl').then(all => all.text())")
    frame.get_by_role("button", name="double").click()
    expect(frame.locator("#text")).to_have_text("6 squared is 36")


def test_a_panel_comes_back_with_the_page(open_notebook: Any) -> None:
    notebook = open_notebook([LOAD, small(), "wl.show(layout)"])
    run_all(notebook)
    text = frame_of(notebook).locator("#text")
    frame_of(notebook).get_by_role("button", name="double").click()
    expect(text).to_have_text("6 squared is 36")
    notebook.save()
    notebook.save_layout()
    notebook.open(reset=False)
    expect(text).to_have_text("6 squared is 36")  # the server went on


def test_a_panel_comes_back_with_the_kernel(open_notebook: Any) -> None:
    notebook = open_notebook([LOAD, small(), "wl.show(layout)"])
    run_all(notebook)
    text = frame_of(notebook).locator("#text")
    frame_of(notebook).get_by_role("button", name="double").click()
    expect(text).to_have_text("6 squared is 36")
    notebook.restart_kernel()
    picture = notebook.panel.locator(".jp-WslinkView-picture")
    expect(picture).to_have_class("jp-WslinkView-picture jp-mod-stale")
    run_all(notebook)
    expect(picture).to_have_class("jp-WslinkView-picture")
    expect(text).to_have_text("3 squared is 9")
    expect(notebook.page.locator(f"iframe.{SERVED}")).to_have_count(1)


def test_a_page_connects_again_by_itself(open_notebook: Any, line: Line) -> None:
    """To the very same URL: its base has capitals, which trame itself would lose."""
    notebook = open_notebook(
        [LOAD, small(), "wl.show(layout)", "with state:\n    state.count = 10"]
    )
    for cell in range(3):
        notebook.run_cell(cell)
    faults = notebook.page.expected_faults  # type: ignore[attr-defined]
    # Playwright's stand-in for a socket gives Blobs to who wants none: results go unseen.
    faults.append("the connection ended before the result")
    faults.append(": Object")  # such an error of a call that trame does not wait for
    assert "/Ada%20L/" in page_url(notebook)
    text = frame_of(notebook).locator("#text")
    expect(text).to_have_text("3 squared is 9")
    line.cut()
    line.mend()
    notebook.run_cell(3)
    expect(text).to_have_text("10 squared is 100")
    frame_of(notebook).get_by_role("button", name="double").click()
    expect(text).to_have_text("20 squared is 400")


def test_a_page_in_a_tab_waits_for_its_kernel_to_come_back(open_notebook: Any, page: Page) -> None:
    notebook = open_notebook([LOAD, small(), "wl.show(layout, where='cell')"])
    run_all(notebook)
    expect(frame_of(notebook).locator("#text")).to_have_text("3 squared is 9")
    tab = page.context.new_page()
    tab.goto(page_url(notebook))
    expect(tab.locator("#text")).to_have_text("3 squared is 9")
    tab.evaluate("""() => {
      const wait = () => window.trame.trigger('wait').then(() => 'done', error => error.code);
      window.ends = Promise.all([wait(), wait(), wait()]);
    }""")
    wait_until(lambda: notebook.evaluate("len(asyncio.all_tasks())") > 3, "the calls run")
    notebook.restart_kernel()
    assert len(tab.evaluate("window.ends")) == 3
    assert "done" not in tab.evaluate("window.ends")
    run_all(notebook)
    tab.get_by_role("button", name="double").click()
    expect(tab.locator("#text")).to_have_text("6 squared is 36")
