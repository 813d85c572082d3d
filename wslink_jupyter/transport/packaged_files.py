"""``static/``: the client that matches this package, and the pages of views."""

from __future__ import annotations

import hashlib
from importlib.resources import files

from tornado import web

#: What is served, and no other file.
_TYPES = {
    "client.js": "text/javascript",
    "views.js": "text/javascript",
    "views.css": "text/css",
}
#: Of them, as a pattern for routes.
PACKAGED_NAME = "(" + "|".join(name.replace(".", r"\.") for name in _TYPES) + ")"


def answer_packaged_file(handler: web.RequestHandler, name: str) -> None:
    """Answer one packaged file by name, of a route with `PACKAGED_NAME`.

    Raises
    ------
    tornado.web.HTTPError
        404 in a checkout whose front end was not built.
    """
    packaged = files("wslink_jupyter") / "static" / name
    if not packaged.is_file():
        raise web.HTTPError(404, f"{name} was not built: run npm run build in labextension/")
    text = packaged.read_bytes()
    handler.set_header("Content-Type", f"{_TYPES[name]}; charset=utf-8")
    handler.set_header("Cache-Control", "private, no-cache")
    handler.set_header("Etag", f'"{hashlib.sha256(text).hexdigest()[:32]}"')
    if handler.check_etag_header():
        handler.set_status(304)
        return
    handler.finish(text)
