"""Adds the routes to a Jupyter server."""

from __future__ import annotations

import os
from typing import Any

from jupyter_server.utils import url_path_join

from wslink_jupyter.server.config import WslinkServer
from wslink_jupyter.server.file_route import FileRoute
from wslink_jupyter.server.socket_route import WslinkSocket
from wslink_jupyter.server.state import ServerState
from wslink_jupyter.server.static_route import StaticRoute
from wslink_jupyter.server.status_route import StatusRoute
from wslink_jupyter.server.views_route import ViewsRoute
from wslink_jupyter.transport.packaged_files import PACKAGED_NAME

_KERNEL = r"kernels/(?P<kernel_id>\w+-\w+-\w+-\w+-\w+)"
_ENDPOINT = r"(?P<endpoint>\w[\w.-]*)"
#: Name, key and revision: the socket is the endpoint's, whichever they are.
_VIEW = "www/[^/]+/[^/]+/[^/]+"


def load(server_app: Any) -> None:
    """Add the routes under ``wslink-jupyter/`` to `server_app`."""
    config = WslinkServer(parent=server_app)
    shared = {"state": ServerState(server_app.kernel_manager, config)}
    base_url = server_app.web_app.settings["base_url"]
    # For the kernels, which inherit it: what asks for a URL there gets one of this server.
    os.environ["WSLINK_JUPYTER_BASE_URL"] = base_url
    base = url_path_join(base_url, "wslink-jupyter")
    server_app.web_app.add_handlers(
        ".*$",
        [
            (url_path_join(base, _KERNEL, _ENDPOINT, "ws"), WslinkSocket, shared),
            # Where stock clients look for it: beside the page of a view.
            (url_path_join(base, _KERNEL, _ENDPOINT, _VIEW, "ws"), WslinkSocket, shared),
            (url_path_join(base, _KERNEL, _ENDPOINT, "www", "(?P<path>.+)"), FileRoute, shared),
            (url_path_join(base, _KERNEL, "views", "(?P<view>[^/]*)"), ViewsRoute, shared),
            (url_path_join(base, "kernels"), StatusRoute, shared),
            (url_path_join(base, "static", PACKAGED_NAME), StaticRoute),
        ],
    )
