"""Pages that Jupyter does not serve: stock clients at a kernel's endpoint, and who may come."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from browser.test_panel import wait_until
from playwright.sync_api import Page
from support.jupyter import free_port
from support.lab import LabServer
from support.page_build import build, copy_source

KINDS = ["WebsocketConnection", "SmartConnect", "SmartConnect wsProxy", "WSLinkClient"]
STARTUP = """
get_ipython().run_line_magic("load_ext", "wslink_jupyter")
import wslink_jupyter as wl

class Outside:
    def add(self, a, b=1):
        return a + b
    def size(self, data):
        return len(data)
    def make(self, size):
        return bytes(size)
    def announce(self, count):
        for n in range(count):
            wl.publish("outside.news", n)

wl.expose(Outside(), "outside")
"""
DONE = {"sum": 42, "size": 6_000_000, "made": 6_000_000, "fault": -32602, "heard": [0, 1, 2]}


class Place:
    """A server with a kernel that is ready, a built page, and where that is served from.

    Attributes
    ----------
    friend, stranger : str
        Origins: one that the server allows, and another.
    """

    def __init__(self, directory: Path) -> None:
        friend, stranger = free_port(), free_port()
        self.friend, self.stranger = (f"http://127.0.0.1:{port}" for port in (friend, stranger))
        self.ports = (friend, stranger)
        self.dist = build(copy_source(directory / "page", "outside"))
        self.server = LabServer(
            directory / "server",
            more_options=[
                f"--ServerApp.allow_origin={self.friend}",
                f"--ServerApp.extra_static_paths={self.dist}",
            ],
        )
        startup = directory / "server" / "ipython" / "profile_default" / "startup"
        startup.mkdir(parents=True)
        (startup / "outside.py").write_text(STARTUP)
        self.server.start()
        self.kernel_id = self.server.get("api/kernels", method="POST")["id"]

    @property
    def url(self) -> str:
        """Of the page, where everybody may read."""
        return self.server.url("static/index.html")

    @property
    def socket_url(self) -> str:
        return self.server.socket_url(self.kernel_id)

    @property
    def socket_url_with_token(self) -> str:
        return f"{self.socket_url}?token={self.server.token}"

    def visit(self, page: Page, kind: str, url: str) -> Any:
        page.wait_for_function("window.visit")
        return page.evaluate("([kind, url]) => window.visit(kind, url)", [kind, url])


@contextmanager
def serving(directory: Path, port: int) -> Iterator[None]:
    class Handler(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *args: object) -> None: ...

    address = ("127.0.0.1", port)
    server = http.server.ThreadingHTTPServer(address, partial(Handler, directory=directory))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    directory = tmp_path_factory.mktemp("outside")
    (directory / "server").mkdir()
    place = Place(directory)
    with serving(place.dist, place.ports[0]), serving(place.dist, place.ports[1]):
        yield place
    place.server.stop()


@pytest.fixture
def same_origin(place: Place, page: Page) -> Page:
    """The page, from the Jupyter server's own origin, without a login."""
    page.goto(place.url)
    return page


def log_in(place: Place, page: Page) -> None:
    page.goto(place.server.url(f"lab?token={place.server.token}"))


@pytest.mark.parametrize("kind", KINDS)
def test_every_stock_client_with_the_token(place: Place, same_origin: Page, kind: str) -> None:
    assert place.visit(same_origin, kind, place.socket_url_with_token) == DONE
    wait_until(lambda: place.server.wslink_sessions() == [], "the session to be forgotten")


@pytest.mark.parametrize("kind", KINDS)
def test_without_a_login_none_comes_in(place: Place, same_origin: Page, kind: str) -> None:
    same_origin.expected_faults += ["403", "Connection error"]  # type: ignore[attr-defined]
    assert place.visit(same_origin, kind, place.socket_url) == "refused"


def test_who_is_logged_in_needs_no_token(place: Place, page: Page, same_origin: Page) -> None:
    log_in(place, page)
    page.goto(place.url)
    assert place.visit(page, "SmartConnect", place.socket_url) == DONE


def test_a_login_counts_for_origins_that_are_allowed_and_a_token_everywhere(
    place: Place, page: Page
) -> None:
    page.expected_faults += ["403"]  # type: ignore[attr-defined]
    log_in(place, page)
    for origin, expected in ((place.friend, DONE), (place.stranger, "refused")):
        page.goto(f"{origin}/index.html")
        assert place.visit(page, "WebsocketConnection", place.socket_url) == expected
        # A stranger has no token, unless it was given one.
        assert place.visit(page, "WSLinkClient", place.socket_url_with_token) == DONE
