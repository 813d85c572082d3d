"""``GET …/{endpoint}/www/{path}``: web files of an endpoint, fetched over the link.

No disk is shared with the kernel, and no path of this server's is involved:
the kernel decides what its endpoint has.
"""

from __future__ import annotations

import mimetypes

from jupyter_server.auth.decorator import authorized
from jupyter_server.base.handlers import JupyterHandler
from tornado import web

from wslink_jupyter.errors import LinkError
from wslink_jupyter.server.state import ServerState

#: Browsers refuse modules of another type; `mimetypes` asks the system.
_TYPES = {".js": "text/javascript", ".mjs": "text/javascript", ".wasm": "application/wasm"}


class FileRoute(JupyterHandler):
    """Serves what an endpoint's owner made; confined, as user files are."""

    auth_resource = "kernels"

    def initialize(self, state: ServerState) -> None:
        """Take what the routes share."""
        super().initialize()
        self._state = state

    @property
    def content_security_policy(self) -> str:
        """Confine pages of users to an origin of their own, as Jupyter's files are."""
        return f"{super().content_security_policy}; sandbox allow-scripts"

    @web.authenticated
    @authorized("execute", "kernels")
    async def get(self, kernel_id: str, endpoint: str, path: str) -> None:
        """Answer the file.

        Raises
        ------
        tornado.web.HTTPError
            404 without such a kernel, runtime or file.

        Notes
        -----
        Not Jupyter's check of the referer: a module that was imported from
        its text has none. What must not be read by a script of another site
        has a key in its path.
        """
        if kernel_id not in self._state.kernels:
            raise web.HTTPError(404, f"kernel does not exist: {kernel_id}")
        try:
            found = await self._state.link(kernel_id).file(endpoint, path)
        except LinkError as error:
            raise web.HTTPError(404, str(error)) from error
        if found is None:
            raise web.HTTPError(404, "the endpoint has no such file")
        name, content = found
        suffix = name[name.rfind(".") :].lower()
        media_type = _TYPES.get(suffix) or mimetypes.guess_type(name)[0]
        self.set_header("Content-Type", media_type or "application/octet-stream")
        self.set_header("Cache-Control", "private, no-cache")
        self.finish(content)
