"""What a standalone server answers over HTTP."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

from tornado.web import Application, RequestHandler, StaticFileHandler

from wslink_jupyter.standalone.conversations import Conversations
from wslink_jupyter.standalone.socket_route import StandaloneSocket
from wslink_jupyter.transport.packaged_files import PACKAGED_NAME, answer_packaged_file

_log = logging.getLogger("wslink_jupyter.standalone")

#: Where Jupyter has them, too (`wslink_jupyter.server`).
_STATIC = "/wslink-jupyter/static"
_LOCAL_HOST = r"(localhost|127(\.\d+){3}|\[::1\])$"


class _StaticRoute(RequestHandler):
    def get(self, name: str) -> None:
        answer_packaged_file(self, name)


class _InfoRoute(RequestHandler):
    def get(self) -> None:
        self.set_header("Content-Type", "text/plain; charset=utf-8")
        self.finish(
            f"A wslink server: clients connect to /ws, and {_STATIC}/client.js is one for pages.\n"
        )


class _Files(StaticFileHandler):
    """A folder of web files; always asked for anew, as they change while one develops."""

    def set_extra_headers(self, path: str) -> None:
        self.set_header("Cache-Control", "no-cache")
        self.set_header("X-Content-Type-Options", "nosniff")


def make_application(
    conversations: Conversations, is_local: bool, folder: Path | None
) -> Application:
    """Return what answers: the socket at ``/ws``, the client, and a folder of web files."""
    routes: list[Any] = [
        ("/ws", StandaloneSocket, {"conversations": conversations, "is_local": is_local}),
        (f"{_STATIC}/{PACKAGED_NAME}", _StaticRoute),
    ]
    if folder is None:
        routes.append(("/", _InfoRoute))
    else:
        options = {"path": str(folder), "default_filename": "index.html"}
        routes.append(("/(.*)", _Files, options))
    application = Application(log_function=_log_request)
    # A foreign name may have been made to point here, so that its pages look like ours.
    application.add_handlers(_LOCAL_HOST if is_local else ".*", routes)
    return application


def _log_request(handler: RequestHandler) -> None:
    # Without the query, which may have the secret.
    path, status = handler.request.path, handler.get_status()
    _log.log(
        logging.ERROR if status >= 500 else logging.DEBUG,
        "%d %s %s",
        status,
        handler.request.method,
        path,
    )
