"""Where a server listens, and what is of this machine."""

from __future__ import annotations

import errno
import ipaddress
import os
import socket
from typing import Any
from urllib.parse import urlsplit

from wslink_jupyter.errors import ServeError

_LAST_PORT = 65535
#: Of a name's addresses, some may be of a kind that this system has not.
_ABSENT = (errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL)


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
            return _listen(host, candidate)
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                reason = error.strerror or error
                raise ServeError(f"cannot listen at {host}:{port}: {reason}") from error
    taken = f"{port}, which is taken" if last == port else f"{port} to {last}, which are taken"
    raise ServeError(
        f"port: expected a free one at {host}, got {taken}; choose another, or 0 for any free one"
    )


def _listen(host: str, port: int) -> list[socket.socket]:
    """Return sockets at every address of `host`, on one port, or leave none open."""
    sockets: list[socket.socket] = []
    absent: OSError | None = None
    found = socket.getaddrinfo(host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    for family, address in dict.fromkeys((each[0], each[4]) for each in found):
        # Of 0, all have the port that the first was given.
        same = port or (sockets[0].getsockname()[1] if sockets else 0)
        try:
            sockets.append(_listen_at(family, (address[0], same, *address[2:])))
        except OSError as error:
            if error.errno not in _ABSENT:
                for sock in sockets:
                    sock.close()
                raise
            absent = error
    if not sockets and absent is not None:
        raise absent
    return sockets


def _listen_at(family: socket.AddressFamily, address: tuple[Any, ...]) -> socket.socket:
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        if os.name == "posix":
            # A port whose last connections are not forgotten is free.
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        sock.bind(address)
        sock.setblocking(False)
        sock.listen()
    except BaseException:
        sock.close()
        raise
    return sock


def is_loopback(host: str) -> bool:
    """Return whether only this machine reaches `host`."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def is_local_page(origin: str) -> bool:
    """Return whether a page of `origin` is this machine's, such as a development server's."""
    return is_loopback(urlsplit(origin).hostname or "")
