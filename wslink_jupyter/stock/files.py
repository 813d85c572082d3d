"""Files of a stock server's folders."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from wslink_jupyter.rpc.endpoint import WebFile


def find_file(static: Mapping[str, Any], path: str) -> WebFile | None:
    """Return the file that a stock server serves at a path, if there is one.

    Parameters
    ----------
    static : mapping of str to path
        Folders by route; ``/`` is that of the page. In trame, a folder may be
        the first of a tuple.
    path : str
        Without a slash at its start. A folder's is that of its ``index.html``.

    Raises
    ------
    OSError
        If the disk fails.
    """
    if "\0" in path:
        return None  # no file system has such names
    for route in sorted(static, key=len, reverse=True):  # the longest that fits
        prefix = route.strip("/")
        if prefix and path != prefix and not path.startswith(f"{prefix}/"):
            continue
        value = static[route]
        root = Path(value[0] if isinstance(value, (list, tuple)) else value).resolve()
        found = (root / path[len(prefix) :].lstrip("/")).resolve()
        if found.is_dir():
            found /= "index.html"
        if found.is_relative_to(root) and found.is_file():
            return WebFile(found, is_page=True)
    return None
