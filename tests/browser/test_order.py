"""A stock client in a page that we serve: hears in order, and every call of it ends."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from browser.test_page import frame_of
from browser.test_panel import wait_until
from playwright.sync_api import Page, expect
from support.jupyter import free_port
from support.lab import Notebook
from support.page_build import build, copy_source

SETUP = """
%load_ext wslink_jupyter
import asyncio, os, signal, threading
from pathlib import Path
import wslink_jupyter as wl

turn = threading.Event()
wl.expose(turn.set, "order.next", run="loop")

async def wait():
    await asyncio.sleep(3600)

wl.expose(wait, "order.wait", run="loop")
wl.show(Path("order/dist"))
"""
_STOCK = Path(__file__).parents[1] / "interop" / "order_program.py"
ROUNDS = 30
SIZES = [1 << 10, 1 << 16, 1 << 18, 1 << 20, 1 << 22, 1 << 24]
#: A large message, and three small ones at its heels; the page asks for the next four.
PUBLISH = f"""
for number in range(0, {4 * ROUNDS}, 4):
    turn.clear()
    wl.publish("order.value", {{"number": number, "filling": bytes(SIZE)}})
    for small in range(number + 1, number + 4):
        wl.publish("order.value", {{"number": small}})
    assert turn.wait(30)
"""


@pytest.fixture
def notebook(open_notebook: Any, directory: Path) -> Notebook:
    build(copy_source(directory / "order", "order"))
    cells = [SETUP, *(PUBLISH.replace("SIZE", str(size)) for size in SIZES)]
    opened: Notebook = open_notebook([*cells, "os.kill(os.getpid(), signal.SIGKILL)"])
    opened.run_cell(0)
    expect(frame_of(opened).locator("#heard")).to_have_text("ready ")
    return opened


def test_messages_are_heard_in_the_order_in_which_they_were_sent(notebook: Notebook) -> None:
    heard = frame_of(notebook).locator("#heard")
    expected = "ready "
    for cell in range(1, len(SIZES) + 1):
        notebook.run_cell(cell)
        expected += "".join(f"{number} " for number in range(4 * ROUNDS))
        expect(heard).to_have_text(expected)


def test_calls_in_flight_end_before_the_connection_of_a_kernel_that_dies(
    notebook: Notebook,
) -> None:
    notebook.run_cell(len(SIZES) + 1, wait=False)
    called = frame_of(notebook).locator("#called")
    expect(called).to_have_text(12 * "-32099 " + "closed ")


def test_neither_is_so_with_stock_wslink(page: Page, tmp_path: Path) -> None:
    """What the page's socket is for: without it, on stock wslink's own server."""
    content, port = build(copy_source(tmp_path / "order", "order")), free_port()
    page.add_init_script(
        f"window.WSLINK = {{ createWebSocket: () => new WebSocket('ws://127.0.0.1:{port}/ws') }};"
    )
    command = [sys.executable, str(_STOCK), str(port), str(content)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as stock:
        try:
            wait_until(lambda: _listens(port), "stock wslink's server")
            page.goto(f"http://127.0.0.1:{port}/index.html")
            heard = page.locator("#heard")
            numbers = [str(number) for number in range(4 * ROUNDS)]

            def has_heard_all() -> bool:
                return sorted(heard.inner_text().split()[1:]) == sorted(numbers)

            wait_until(has_heard_all, "every message")
            assert heard.inner_text().split()[1:] != numbers
        finally:
            stock.kill()
    # No call was answered, before the end or with it.
    expect(page.locator("#called")).to_have_text("closed ")


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
