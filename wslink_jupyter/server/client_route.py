"""``GET wslink-jupyter/static/client.js``: the client that matches this server."""

from __future__ import annotations

from jupyter_server.auth.decorator import authorized
from jupyter_server.base.handlers import JupyterHandler
from tornado import web

from wslink_jupyter.transport.client_module import answer_client_module


class ClientRoute(JupyterHandler):
    """Serves the packaged client."""

    auth_resource = "wslink_jupyter"

    @web.authenticated
    @authorized("read", "wslink_jupyter")
    async def get(self) -> None:
        """Answer the ES module; raises as `answer_client_module`."""
        answer_client_module(self)
