"""``GET wslink-jupyter/static/…``: the client that matches this server, and what pages need."""

from __future__ import annotations

from jupyter_server.auth.decorator import authorized
from jupyter_server.base.handlers import JupyterHandler
from tornado import web

from wslink_jupyter.transport.packaged_files import answer_packaged_file


class StaticRoute(JupyterHandler):
    """Serves packaged files."""

    auth_resource = "wslink_jupyter"

    @web.authenticated
    @authorized("read", "wslink_jupyter")
    async def get(self, name: str) -> None:
        """Answer the file; raises as `answer_packaged_file`."""
        answer_packaged_file(self, name)
