"""Tells a served page where its kernel's socket is, in the words of stock clients.

What is built with stock wslink finds its socket through ``window.WSLINK`` when
its URL has ``?wsProxy``. No other way keeps the case of a URL: the stock
applications lower that of a ``sessionURL``.
"""

from __future__ import annotations

import re
from importlib.resources import files

_SCRIPT = (files("wslink_jupyter.server") / "page_socket.js").read_text(encoding="utf-8")

#: What comes first of these decides: a head, or a script in a page without one.
_PLACE = re.compile(rb"<!--.*?-->|<head(?=[\s>])[^>]*>|<script(?=[\s>])", re.DOTALL | re.IGNORECASE)


def with_socket(html: bytes, path: str) -> bytes:
    """Return a page that runs our script before its own.

    Parameters
    ----------
    html : bytes
    path : str
        Of the page, below the endpoint's ``www/``. The rest of the socket's
        URL is read off the page's in the browser, which alone knows under
        which name and prefix this server is reached.
    """
    up = "/".join([".."] * (path.count("/") + 1))
    script = f"<script>\n{_SCRIPT.replace('UP', up)}</script>".encode()
    for found in _PLACE.finditer(html):
        if found[0].startswith(b"<!--"):
            continue
        at = found.start() if found[0].lower() == b"<script" else found.end()
        return html[:at] + script + html[at:]
    return html  # runs no scripts
