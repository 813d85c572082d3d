"""``GET wslink-jupyter/static/client.js``: the client that matches this server."""

from __future__ import annotations

import hashlib
from importlib.resources import files

from jupyter_server.auth.decorator import authorized
from jupyter_server.base.handlers import JupyterHandler
from tornado import web


class ClientRoute(JupyterHandler):
    """Serves one packaged file by name: no path comes from the client."""

    auth_resource = "wslink_jupyter"

    @web.authenticated
    @authorized("read", "wslink_jupyter")
    async def get(self) -> None:
        """Answer the ES module.

        Raises
        ------
        tornado.web.HTTPError
            404 in a checkout whose front end was not built.
        """
        module = files("wslink_jupyter") / "static" / "client.js"
        if not module.is_file():
            raise web.HTTPError(404, "client.js was not built: run npm run build in labextension/")
        text = module.read_bytes()
        self.set_header("Content-Type", "text/javascript; charset=utf-8")
        self.set_header("Cache-Control", "private, no-cache")
        self.set_header("Etag", f'"{hashlib.sha256(text).hexdigest()[:32]}"')
        if self.check_etag_header():
            self.set_status(304)
            return
        self.finish(text)
