"""The names of wslink's quickstart: `run_wslink` serves a protocol, without Jupyter."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, ClassVar

from wslink_jupyter.errors import ServeError
from wslink_jupyter.limits import KERNEL_LIMITS, Limits
from wslink_jupyter.standalone.lifetime import keep, notebook_shell, stop_earlier, until_ended
from wslink_jupyter.standalone.server import StandaloneServer

__all__ = ["StandaloneServer", "WslinkHandler", "run_wslink"]


class WslinkHandler:
    """Says what `run_wslink` serves; it is never made.

    Attributes
    ----------
    protocol_class : type
        Of the protocol: one is made for all clients.
    limits : Limits
        What one client may cost.
    """

    protocol_class: ClassVar[Any] = None
    limits: ClassVar[Limits] = KERNEL_LIMITS


async def run_wslink(
    port: int = 8080,
    host: str = "127.0.0.1",
    ws: type[WslinkHandler] | None = None,
    secret: str | None = None,
    *,
    www: str | os.PathLike[str] | None = None,
) -> StandaloneServer:
    """Serve a protocol over WebSockets, at ``ws://host:port/ws``.

    In a program it serves until Ctrl+C, SIGTERM or the server's `stop`. In a cell of a
    notebook it returns once it listens, and takes no signal from the kernel; there it
    stops the server that an earlier run of the cell started at the same address, and
    takes the next free port if another program has it.

    Parameters
    ----------
    port : int
        0 is any free one.
    host : str
        What to listen at; by default this machine alone can connect.
    ws : type
        Subclass of `WslinkHandler` with a ``protocol_class``.
    secret : str, optional
        What clients must know. By default a random one, which is printed.
    www : path, optional
        A folder of web files to serve as well, at ``http://host:port/``.

    Returns
    -------
    StandaloneServer
        Has `url` and `stop()`, and ends with ``async with``; in a program, it has stopped.

    Raises
    ------
    ServeError
        If there is nothing to serve, the port is taken, or an argument makes no sense.
    RegistrationError
        If the name of a procedure is not valid.
    """
    protocol_class = getattr(ws, "protocol_class", None)
    if ws is None or not isinstance(protocol_class, type):
        raise ServeError(
            f"run_wslink: expected ws=, a subclass of WslinkHandler with a protocol_class, "
            f"got {ws!r:.80}"
        )
    shell = notebook_shell()
    if shell is not None:
        await stop_earlier(shell, host, port)
    server = StandaloneServer(
        protocol_class(),
        port=port,
        host=host,
        secret=secret,
        folder=None if www is None else Path(www),
        modules_of=(protocol_class, ws) if ws.__module__ != protocol_class.__module__ else (ws,),
        may_move=shell is not None,
        limits=ws.limits,
    )
    announcement = _announcement(server, has_pages=www is not None)
    if shell is None:
        await until_ended(server, f"{announcement}; Ctrl+C stops it")
    else:
        keep(shell, server)
        print(announcement)
    return server


def _announcement(server: StandaloneServer, *, has_pages: bool) -> str:
    secret = server.secret if server.has_random_secret else ""
    text = f"wslink-jupyter serves {server.url}"
    if has_pages:
        text = f"wslink-jupyter serves {server.page_url}{'?secret=' if secret else ''}{secret}"
    elif secret:
        text += f", secret {secret}"
    if server.asked_port not in (0, server.port):
        text += f" (port {server.asked_port} is taken)"
    return text
