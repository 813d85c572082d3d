"""The page of a trame server or layout, as a view shows it."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from wslink_jupyter.stock.endpoint import StockEndpoint
from wslink_jupyter.stock.recognition import is_trame_server
from wslink_jupyter.views.app_page import AppPage

#: The template of a layout that is given no name (trame-client 4.1.4, ``ui/core.py:215``).
_MAIN = "main"
#: Of a server that is given no title (trame-server 4.1.0, ``core.py:120``).
_UNTITLED = "Trame"
#: A length that does not depend on what is around it.
_LENGTH = re.compile(r"(?:^|;)\s*(width|height):\s*(\d+(?:\.\d+)?(?:px|em|rem|vh|cm|mm|in|pt))\b")


def is_layout(target: object) -> bool:
    """Return whether it is a trame layout, without importing trame."""
    base = getattr(sys.modules.get("trame_client.ui.core"), "AbstractLayout", None)
    return base is not None and isinstance(target, base)


def trame_server_of(target: object) -> Any | None:
    """Return the trame server that `target` is, or is a layout or an application of."""
    if "trame_server.core" not in sys.modules:
        return None
    if is_trame_server(target):
        return target
    server = getattr(target, "server", None)
    return server if is_trame_server(server) else None


def page_of(target: Any, serve: Callable[[Any], StockEndpoint], style: str = "") -> AppPage | None:
    """Return the page of a trame server, layout or application; None of anything else.

    Parameters
    ----------
    target : object
    serve : callable
        Makes an endpoint of a trame server, and starts it unless it runs.
    style : str, optional
        CSS whose width and height count in a cell; by default the layout's.

    Raises
    ------
    RegistrationError
        If the server runs elsewhere.
    """
    server = trame_server_of(target)
    if server is None:
        return None
    template = target.template_name if is_layout(target) else _MAIN
    style = style or getattr(target, "iframe_style", "")
    name = str(server.root_server.name) + ("" if template == _MAIN else f" {template}")
    title = server.state.trame__title
    return AppPage(
        endpoint=serve(server).name,
        query=urlencode({"ui": template}),
        default_name=name,
        default_title=name if title in (None, "", _UNTITLED) else str(title),
        **dict(_LENGTH.findall(style)),
    )
