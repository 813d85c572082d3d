"""``GET …/kernels/{id}/views/{name}``: what a kernel shows, as pages without JupyterLab."""

from __future__ import annotations

from html import escape

from jupyter_server.auth.decorator import authorized
from jupyter_server.base.handlers import JupyterHandler
from jupyter_server.utils import url_path_join
from tornado import web

from wslink_jupyter.server.state import ServerState

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="same-origin">
<title>{title}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="{static}/views.css">
<script type="module" src="{static}/views.js"></script>
</head>
<body data-base-url="{base_url}" data-kernel-id="{kernel_id}" data-view="{view}"></body>
</html>
"""


class ViewsRoute(JupyterHandler):
    """Serves the list of a kernel's views, or the page of one.

    Authorized as the socket that the page opens. The page is the same for all views: it
    asks the kernel for what it shows.
    """

    auth_resource = "kernels"

    def initialize(self, state: ServerState) -> None:
        """Take what the routes share."""
        super().initialize()
        self._state = state

    @web.authenticated
    @authorized("execute", "kernels")
    async def get(self, kernel_id: str, view: str) -> None:
        """Answer the page.

        Raises
        ------
        tornado.web.HTTPError
            404 without such a kernel.
        """
        if kernel_id not in self._state.kernels:
            raise web.HTTPError(404, f"kernel does not exist: {kernel_id}")
        page = _PAGE.format(
            title=escape(view or "Views"),
            static=escape(url_path_join(self.base_url, "wslink-jupyter", "static")),
            base_url=escape(self.base_url),
            kernel_id=escape(kernel_id),
            view=escape(view),
        )
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.set_header("Cache-Control", "private, no-cache")
        self.finish(page)
