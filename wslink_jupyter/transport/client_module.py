"""``static/client.js``, the client that matches this package, as an HTTP answer."""

from __future__ import annotations

import hashlib
from importlib.resources import files

from tornado import web


def answer_client_module(handler: web.RequestHandler) -> None:
    """Answer one packaged file by name: no path comes from the client.

    Raises
    ------
    tornado.web.HTTPError
        404 in a checkout whose front end was not built.
    """
    module = files("wslink_jupyter") / "static" / "client.js"
    if not module.is_file():
        raise web.HTTPError(404, "client.js was not built: run npm run build in labextension/")
    text = module.read_bytes()
    handler.set_header("Content-Type", "text/javascript; charset=utf-8")
    handler.set_header("Cache-Control", "private, no-cache")
    handler.set_header("Etag", f'"{hashlib.sha256(text).hexdigest()[:32]}"')
    if handler.check_etag_header():
        handler.set_status(304)
        return
    handler.finish(text)
