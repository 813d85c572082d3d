"""Where a server listens, and which pages may connect to it."""

from __future__ import annotations

import errno
import socket
from urllib.parse import urlsplit

from tornado.netutil import bind_sockets

from wslink_jupyter.errors import ServeError

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_LAST_PORT = 65535


def listen(host: str, port: int, *, may_move: bool) -> list[socket.socket]:
    """Return sockets that listen.

    Parameters
    ----------
    host : str
    port : int
        0 is any free one.
    may_move : bool
        Whether the next free port is as good as one that is taken.

    Raises
    ------
    ServeError
        If that is not possible.
    """
    if type(port) is not int or not 0 <= port <= _LAST_PORT:
        raise ServeError(f"port: expected a number from 0 to {_LAST_PORT}, got {port!r:.20}")
    last = min(port + 100, _LAST_PORT) if may_move else port
    for candidate in range(port, last + 1):
        try:
            return bind_sockets(candidate, host)
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                reason = error.strerror or error
                raise ServeError(f"cannot listen at {host}:{port}: {reason}") from error
    taken = f"{port}, which is taken" if last == port else f"{port} to {last}, which are taken"
    raise ServeError(
        f"port: expected a free one at {host}, got {taken}; choose another, or 0 for any free one"
    )


def is_loopback(host: str) -> bool:
    """Return whether only this machine reaches `host`."""
    return host in _LOOPBACK or host.startswith("127.")


def may_connect(origin: str, served_as: str, is_local: bool) -> bool:
    """Return whether a page of `origin` may open a WebSocket.

    Parameters
    ----------
    origin : str
        What the browser says.
    served_as : str
        The ``Host`` that it asked.
    is_local : bool
        Whether the server listens for this machine alone. Then pages of this
        machine may, of whatever port, such as a development server's, and no other: a
        foreign name may have been made to point here.
    """
    parts = urlsplit(origin)
    if is_local:
        return is_loopback(parts.hostname or "")
    return parts.netloc.lower() == served_as.lower()
