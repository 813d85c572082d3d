"""A page that a standalone server serves, with the client that matches it."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from itertools import accumulate
from pathlib import Path

import msgpack
import pytest
from browser.test_panel import wait_until
from playwright.sync_api import Page, WebSocket, expect

from wslink_jupyter.limits import HEADER_BYTES, KIB, MIB
from wslink_jupyter.wire.envelopes import RECEIVED_METHOD

QUICKSTART = Path(__file__).parents[1] / "support" / "quickstart.py"
PAGE = """<!doctype html>
<html><head><link rel="icon" href="data:,"></head><body>
<output></output>
<script type="module">
  import { connect, VERSION } from '/wslink-jupyter/static/client.js';
  const secret = new URLSearchParams(location.search).get('secret');
  const session = connect(new URL('ws', location.href).href, { secret });
  const { api } = session;
  session.onStatus(({ state }) => { document.title = state; });
  const words = [await api.my.hello('page'), await api.my.add(20, 22), VERSION];
  document.querySelector('output').textContent = words.join(' ');
  window.hear = async text => (await api.my.hello(text)).length;
</script></body></html>
"""
#: What a page sees that lies behind others; its timers fire once a second.
_HIDDEN = """
Object.defineProperty(document, 'hidden', { get: () => true });
const { setTimeout } = window;
window.setTimeout = (callback, delayMs) => setTimeout(callback, Math.max(delayMs, 1000));
"""


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    """Where the page is, with the secret."""
    (tmp_path / "quickstart.py").write_text(QUICKSTART.read_text())
    www = tmp_path / "www"
    www.mkdir()
    (www / "index.html").write_text(PAGE)
    what = ("serve", "quickstart:MyProtocol", "--port=0", "--www=www")
    process = subprocess.Popen(
        (sys.executable, "-m", "wslink_jupyter", *what),
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    found = re.search(r"http://[^\s;]+", process.stdout.readline())
    if found is not None:
        yield found[0]
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=30)
    assert (process.returncode, errors) == (0, "")


def test_the_matched_client_calls_and_is_told_of_the_end(url: str, page: Page) -> None:
    from wslink_jupyter import __version__

    assert "?secret=" in url
    page.goto(url)
    expect(page.locator("output")).to_have_text(f"Hello, page! 42 {__version__}")
    expect(page).to_have_title("open")


@pytest.mark.parametrize("is_hidden", [False, True])
def test_the_client_tells_what_it_has_received(url: str, page: Page, is_hidden: bool) -> None:
    received: list[int] = []
    receipts: list[int] = []

    def on_sent(frame: str | bytes) -> None:
        if isinstance(frame, bytes) and RECEIVED_METHOD.encode() in frame:
            receipts.extend(msgpack.unpackb(frame[HEADER_BYTES:])["args"])

    def on_received(frame: str | bytes) -> None:
        if isinstance(frame, bytes):
            received.append(len(frame))

    def on_socket(socket: WebSocket) -> None:
        socket.on("framesent", on_sent)
        socket.on("framereceived", on_received)

    page.on("websocket", on_socket)
    if is_hidden:
        page.add_init_script(_HIDDEN)
    page.goto(url)
    expect(page.locator("output")).to_have_text(re.compile("Hello"))
    assert receipts == []
    for _ in range(4):
        assert page.evaluate("hear('x'.repeat(4194304))") > 4 * MIB
    # Asking the page lets what its socket did come in here.
    wait_until(
        lambda: page.evaluate("true") and sum(received) - receipts[-1] < 32 * KIB,
        "the last receipt",
    )
    totals = list(accumulate(received))
    # Each is what had come after some frame.
    assert receipts == sorted(set(receipts) & set(totals))
    if is_hidden:
        # Of every large one, so that no timer is needed.
        large = {total for total, size in zip(totals, received, strict=True) if size >= 32 * KIB}
        assert large <= set(receipts)
