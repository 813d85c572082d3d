"""The kernel's handle of a shown view, and what its cell displays."""

from __future__ import annotations

import re
import uuid
from typing import Any

from IPython.core.getipython import get_ipython
from IPython.display import display

from wslink_jupyter.errors import ViewError
from wslink_jupyter.rpc.endpoint import PROTOCOL, Identity
from wslink_jupyter.views.front_end import front_end_of
from wslink_jupyter.views.shelf import ShownView, ViewShelf, check_place

MIME_TYPE = "application/vnd.wslink-jupyter.view+json"
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_. -]{0,99}", re.ASCII)

_NOT_NAME = re.compile(r"[^A-Za-z0-9_. -]+")


class View:
    """A view that the kernel shows.

    Attributes
    ----------
    name : str
        Panels are keyed by it: showing the same name again focuses.
    title : str
    where : str
    """

    def __init__(self, shown: ShownView, shelf: ViewShelf, identity: Identity) -> None:
        self.name = shown.name
        self.title = shown.title
        self.where = shown.where
        self._shelf = shelf
        self._identity = identity
        self._show_id = uuid.uuid4().hex
        self._displayed_by: int | None = None

    def close(self) -> None:
        """Take the view away; open panels say that it was closed."""
        self._shelf.remove(self.name)

    def show(self) -> None:
        """Display the output that opens the panel, or holds the view itself."""
        self._displayed_by = _execution_count()
        # A dict bundle: the MIME type is ours, the text is for everybody else.
        display(self._bundle(), raw=True)

    def _bundle(self) -> dict[str, Any]:
        place = "below" if self.where == "cell" else "in a panel"
        return {
            MIME_TYPE: {
                "protocol": PROTOCOL,
                "version": self._identity.version,
                "name": self.name,
                "title": self.title,
                "where": self.where,
                "show_id": self._show_id,
                "epoch": self._identity.epoch,
            },
            "text/plain": f"{self.title} (a live view, shown {place}; run the notebook to see it)",
        }

    def _ipython_display_(self) -> None:
        # `wl.show(...)` as the last line of a cell is displayed once, not twice.
        if self._displayed_by is not None and self._displayed_by == _execution_count():
            self._displayed_by = None
            return
        self.show()

    def __repr__(self) -> str:
        return f"<View {self.name!r} {self.where}>"


def show_view(
    shelf: ViewShelf,
    identity: Identity,
    front_end: object,
    title: str | None,
    where: str,
    name: str | None,
) -> View:
    """Put a front end on the shelf and display it; see `wslink_jupyter.show`."""
    for what, text in (("title", title), ("name", name)):
        if text is not None and not isinstance(text, str):
            raise ViewError(f"{what}: expected text, got {type(text).__name__}")
    place = check_place(where)
    shown = front_end_of(front_end)
    if name is None:
        text = shown.default_name or title or ""
        name = _NOT_NAME.sub("-", text)[:100].lstrip(" .-") or "view"
    if _NAME.fullmatch(name) is None:
        raise ViewError(
            "name: expected 1 to 100 ASCII letters, digits, spaces and ._- "
            f"that start with a letter, digit or _, got {name!r:.80}"
        )
    view = View(shelf.put(name, title or name, place, shown), shelf, identity)
    view.show()
    return view


def _execution_count() -> int | None:
    shell = get_ipython()
    return None if shell is None else int(shell.execution_count)
