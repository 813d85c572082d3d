"""wslink for Jupyter: notebook objects answer in the browser.

Importing this imports neither IPython nor jupyter_server nor tornado.
"""

from __future__ import annotations

from typing import Any

from wslink_jupyter._version import __version__
from wslink_jupyter.errors import (
    NotSerializable,
    RegistrationError,
    RpcError,
    RuntimeNotLoaded,
    ServeError,
    ViewError,
    WslinkJupyterError,
)
from wslink_jupyter.kernel.api import expose, progress, publish, sessions, show, topic, unexpose
from wslink_jupyter.protocols import Server
from wslink_jupyter.rpc.procedure import procedure

__all__ = [
    "NotSerializable",
    "RegistrationError",
    "RpcError",
    "RuntimeNotLoaded",
    "ServeError",
    "Server",
    "ViewError",
    "WslinkJupyterError",
    "__version__",
    "expose",
    "procedure",
    "progress",
    "publish",
    "sessions",
    "show",
    "topic",
    "unexpose",
]


def load_ipython_extension(shell: Any) -> None:
    """Load into an IPython kernel: ``%load_ext wslink_jupyter``."""
    from wslink_jupyter.kernel.extension import load

    load(shell)


def unload_ipython_extension(shell: Any) -> None:
    """Undo `load_ipython_extension`."""
    from wslink_jupyter.kernel.extension import unload

    unload(shell)


def _jupyter_labextension_paths() -> list[dict[str, str]]:
    return [{"src": "labextension", "dest": "wslink-jupyter"}]


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "wslink_jupyter"}]


def _load_jupyter_server_extension(server_app: Any) -> None:
    from wslink_jupyter.server.extension import load

    load(server_app)
