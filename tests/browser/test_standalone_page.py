"""A page that a standalone server serves, with the client that matches it."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

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
</script></body></html>
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
