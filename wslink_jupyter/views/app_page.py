"""A view that is the page of an application whose server is in the kernel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from wslink_jupyter.rpc.endpoint import WebFile


@dataclass(frozen=True, slots=True)
class AppPage:
    """The page that an endpoint of its own serves, beside its socket.

    Attributes
    ----------
    endpoint : str
        Its name.
    query : str
        Of the page's URL, without ``?``.
    default_name : str
        Name of a view that is given none.
    default_title : str
    width, height : str
        CSS lengths that it asks for in a cell, or nothing.
    """

    endpoint: str
    query: str
    default_name: str
    default_title: str
    width: str = ""
    height: str = ""

    @property
    def origin(self) -> str:
        """There is no file: the endpoint has them."""
        return ""

    def describe(self) -> dict[str, Any]:
        """Return what clients get of it: where the page is."""
        return {
            "kind": "app",
            "endpoint": self.endpoint,
            "query": self.query,
            "width": self.width,
            "height": self.height,
            "error": "",
        }

    def find(self, relative: str) -> WebFile | None:
        """Return None: the files are the endpoint's."""
        return None

    def stamp(self) -> object:
        """Return nothing: nothing is watched."""
        return None
