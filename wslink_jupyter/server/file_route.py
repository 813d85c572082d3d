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
from wslink_jupyter.server.page_script import with_socket
from wslink_jupyter.server.state import ServerState

#: Browsers refuse a wrong type; `mimetypes` asks the system, which may not know or be wrong.
_TYPES = {
    ".html": "text/html",
    ".js": "text/javascript",
    ".mjs": "text/javascript",
    ".css": "text/css",
    ".json": "application/json",
    ".map": "application/json",
    ".wasm": "application/wasm",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".woff": "font/woff",
    ".woff2": "font/woff2",
}


class FileRoute(JupyterHandler):
    """Serves what an endpoint's owner made.

    Confined, as user files are, except for the pages that its kernel shows: a
    page needs the user's login for its socket, and is code of that kernel, as
    the module of a view is.
    """

    auth_resource = "kernels"
    _is_page = False

    def initialize(self, state: ServerState) -> None:
        """Take what the routes share."""
        super().initialize()
        self._state = state

    @property
    def content_security_policy(self) -> str:
        """Confine what is no shown page to an origin of its own, as Jupyter's files are."""
        policy = str(super().content_security_policy)
        return policy if self._is_page else f"{policy}; sandbox allow-scripts"

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
        suffix = found.name[found.name.rfind(".") :].lower()
        media_type = _TYPES.get(suffix) or mimetypes.guess_type(found.name)[0]
        self.set_header("Content-Type", media_type or "application/octet-stream")
        self.set_header("Cache-Control", "private, no-cache")
        content = found.content
        if found.is_page:
            self._is_page = True
            # Set before it was known whose file is asked for.
            self.set_header("Content-Security-Policy", self.content_security_policy)
            if media_type == "text/html":
                content = with_socket(content, path)
        self.finish(content)
