"""One trame application, on trame's own server and on a kernel of ours: its page is the same."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from browser.test_panel import wait_until
from browser.test_trame import CONE, LOAD, small
from playwright.sync_api import Page, expect
from support.lab import LabServer

#: What pages ask the application for, beside what it shows.
TRIGGERS = """
@server.trigger("ten")
def ten():
    state.count = 10
    return [1, "two", {"three": b"3"}]

@server.trigger("focus")
def focus():
    server.js_call("count", "focus")

@server.trigger("fail")
def fail():
    raise ValueError("no such luck")

@server.trigger("events")
def tell_events():
    return events
"""
#: trame's own server says where it listens.
TELL_PORT = """
server.controller.on_server_ready.add(lambda **_: print(server.port, flush=True))
server.start(port=0, open_browser=False, show_connection_info=False, disable_logging=True)
"""
#: On its own server, what trame's page shows while it loads may come late, and is then
#: written over the application: here it never comes.
NO_LOADER = """{
  const { fetch } = window;
  window.fetch = (...args) =>
    args[0] === './loading.tpl' ? new Promise(() => undefined) : fetch(...args);
}"""
#: Opens the page of a program's application once more.
Open = Callable[[], Page]


@pytest.fixture(params=["stock", "ours"])
def serve(
    request: pytest.FixtureRequest, open_notebook: Any, lab: LabServer, page: Page, tmp_path: Path
) -> Iterator[Callable[[str], Open]]:
    """Serve a program's application on either server; return what opens its page."""
    processes: list[subprocess.Popen[str]] = []

    def serve_there(program: str) -> str:
        command = [sys.executable, "-c", program + TELL_PORT]
        process = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, text=True)
        processes.append(process)
        assert process.stdout is not None
        return f"http://127.0.0.1:{int(process.stdout.readline())}/index.html?ui=main"

    def serve_here(program: str) -> str:
        notebook = open_notebook([LOAD, program, "server.start()"])
        for cell in range(3):
            notebook.run_cell(cell)
        name = notebook.evaluate("server.name")
        path = f"wslink-jupyter/kernels/{notebook.kernel_id()}/{name}/www/index.html"
        return lab.url(f"{path}?ui=main&wsProxy")

    def serve(program: str) -> Open:
        url = serve_there(program) if request.param == "stock" else serve_here(program)

        def open_page() -> Page:
            tab = page.context.new_page()
            tab.on("pageerror", lambda error: pytest.fail(f"{error.name}: {error.message}"))
            if request.param == "stock":
                tab.add_init_script(NO_LOADER)
            tab.goto(url)
            return tab

        return open_page

    yield serve
    for process in processes:
        process.kill()
        process.communicate()


def trigger(tab: Page, name: str) -> Any:
    return tab.evaluate(f"window.trame.trigger({name!r})")


def test_calls_and_state_go_to_and_fro(serve: Callable[[str], Open]) -> None:
    tab = serve(small() + TRIGGERS)()
    text = tab.locator("#text")
    expect(text).to_have_text("3 squared is 9")
    tab.get_by_role("button", name="double").click()
    expect(text).to_have_text("6 squared is 36")
    tab.locator("#count").fill("7")
    expect(text).to_have_text("7 squared is 36")  # it is text, which nobody squares
    assert trigger(tab, "double") == 14
    expect(text).to_have_text("14 squared is 196")
    result = tab.evaluate(
        "window.trame.trigger('ten').then(r => [r[0], r[1], Array.from(r[2].three)])"
    )
    assert result == [1, "two", [51]]
    expect(text).to_have_text("10 squared is 100")
    assert trigger(tab, "focus") is None
    expect(tab.locator("#count")).to_be_focused()
    fault = tab.evaluate(
        "window.trame.trigger('fail').catch(e => [e.code, e.message, e.data.exception])"
    )
    assert fault == [-32001, "Exception raised", "ValueError('no such luck')"]
    assert trigger(tab, "double") == 20


def test_two_pages_share_the_state_and_their_leave_is_heard(serve: Callable[[str], Open]) -> None:
    open_page = serve(small() + TRIGGERS)
    one, two = open_page(), open_page()
    for tab in (one, two):
        expect(tab.locator("#text")).to_have_text("3 squared is 9")
    two.get_by_role("button", name="double").click()
    for tab in (one, two):
        expect(tab.locator("#text")).to_have_text("6 squared is 36")
    assert trigger(one, "events") == ["connected"] * 2
    two.close(run_before_unload=True)
    wait_until(lambda: trigger(one, "events") == ["connected"] * 2 + ["exited"], "its leave")


def test_an_application_of_trames_own(serve: Callable[[str], Open]) -> None:
    tab = serve(f"{CONE}\nserver = cone.server")()
    expect(tab.get_by_text("Trame demo")).to_be_visible()
    canvas = tab.locator("canvas")
    expect(canvas).to_be_visible()
    before = canvas.screenshot()
    slider = tab.get_by_role("slider")
    slider.focus()
    slider.press("End")
    wait_until(lambda: canvas.screenshot() != before, "another cone")
