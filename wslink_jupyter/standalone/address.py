"""Where a server listens, and what is of this machine."""

from __future__ import annotations

import errno
import ipaddress
import socket
from urllib.parse import urlsplit

from tornado.netutil import bind_sockets

from wslink_jupyter.errors import ServeError

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
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def is_local_page(origin: str) -> bool:
    """Return whether a page of `origin` is this machine's, such as a development server's."""
    return is_loopback(urlsplit(origin).hostname or "")
