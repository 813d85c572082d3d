"""What an object of stock software is, without importing any of it."""

from __future__ import annotations

import sys


def is_server(target: object) -> bool:
    """Return whether it is a whole server: a wslink ``ServerProtocol`` or its class, or trame's."""
    return is_server_protocol(target) or is_trame_server(target)


def is_server_protocol(target: object) -> bool:
    """Return whether it is a wslink ``ServerProtocol``, or a class of them."""
    base = getattr(sys.modules.get("wslink.websocket"), "ServerProtocol", None)
    if base is None:
        return False
    return isinstance(target, base) or (isinstance(target, type) and issubclass(target, base))


def is_trame_server(target: object) -> bool:
    """Return whether it is a trame ``Server``."""
    base = getattr(sys.modules.get("trame_server.core"), "Server", None)
    return base is not None and isinstance(target, base)
