"""A line that fails when a test says so."""

from __future__ import annotations

import re

from playwright.sync_api import Page, WebSocketRoute


class Line:
    """The line between the page and the wslink sockets, which can be cut."""

    def __init__(self, page: Page) -> None:
        self.is_cut = False
        self._routes: list[WebSocketRoute] = []
        page.route_web_socket(re.compile(r"/wslink-jupyter/kernels/"), self._on_socket)

    def _on_socket(self, route: WebSocketRoute) -> None:
        if self.is_cut:
            route.close(code=1012)
            return
        route.connect_to_server()
        self._routes.append(route)

    def cut(self) -> None:
        self.is_cut = True
        for route in self._routes:
            route.close(code=1012)
        self._routes.clear()

    def mend(self) -> None:
        self.is_cut = False
