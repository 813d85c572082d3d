"""The kernel's handle of a shown view, and what its cell displays."""

from __future__ import annotations

import re
import uuid
from typing import Any

from IPython.core.getipython import get_ipython
from IPython.display import display

from wslink_jupyter.errors import ViewError
from wslink_jupyter.rpc.endpoint import PROTOCOL, Identity
from wslink_jupyter.rpc.procedure import Policy
from wslink_jupyter.views.app_page import AppPage
from wslink_jupyter.views.front_end import Picture, front_end_of
from wslink_jupyter.views.pictures.encoder import check_encoder
from wslink_jupyter.views.pictures.exhibit import Exhibit
from wslink_jupyter.views.pictures.gallery import Gallery
from wslink_jupyter.views.pictures.image import Encoded
from wslink_jupyter.views.pictures.sources import Source, source_of
from wslink_jupyter.views.pictures.still import mime_of
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

    def __init__(
        self,
        shown: ShownView,
        shelf: ViewShelf,
        gallery: Gallery,
        exhibit: Exhibit | None,
        identity: Identity,
    ) -> None:
        self.name = shown.name
        self.title = shown.title
        self.where = shown.where
        self._shelf = shelf
        self._gallery = gallery
        self._exhibit = exhibit
        self._identity = identity
        self._show_id = uuid.uuid4().hex
        self._displayed_by: int | None = None

    def close(self) -> None:
        """Take the view away; open panels say that it was closed."""
        self._shelf.remove(self.name)
        self._gallery.hang(self.name, None)

    def update(self) -> None:
        """Draw the picture again soon, for whoever looks. From every thread, without waiting.

        Raises
        ------
        ViewError
            If the view is no picture.
        """
        if self._exhibit is None:
            raise ViewError(
                f"update: expected a view of a picture, got {self.name!r}, which draws itself "
                "in the browser: publish what it shows"
            )
        self._exhibit.update()

    def show(self, still: Encoded | None = None) -> None:
        """Display the output that opens the panel, or holds the view itself.

        Parameters
        ----------
        still : Encoded, optional
            What saved notebooks show; drawn now, by default, of a picture.
        """
        if still is None and self._exhibit is not None:
            still = self._exhibit.still()
        self._displayed_by = _execution_count()
        # A dict bundle: the MIME type is ours, the text is for everybody else.
        display(self._bundle(still), raw=True)

    def _bundle(self, still: Encoded | None) -> dict[str, Any]:
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
            **({} if still is None else mime_of(still)),
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
    gallery: Gallery,
    identity: Identity,
    front_end: object,
    title: str | None,
    where: str,
    name: str | None,
    run: str | None = None,
) -> View:
    """Put a front end on the shelf and display it; see `wslink_jupyter.show`."""
    for what, text in (("title", title), ("name", name)):
        if text is not None and not isinstance(text, str):
            raise ViewError(f"{what}: expected text, got {type(text).__name__}")
    place = check_place(where)
    source = source_of(front_end)
    policy = _check_run(run, source)
    shown = front_end_of(front_end) if source is None else Picture()
    if name is None:
        text = shown.default_name or title or _name_of(front_end)
        name = _NOT_NAME.sub("-", text)[:100].lstrip(" .-") or "view"
    if _NAME.fullmatch(name) is None:
        raise ViewError(
            "name: expected 1 to 100 ASCII letters, digits, spaces and ._- "
            f"that start with a letter, digit or _, got {name!r:.80}"
        )
    exhibit, still = None, None
    if source is not None:
        check_encoder()
        exhibit = gallery.exhibit(source, policy)
        try:
            still = exhibit.still()
        except BaseException:  # told in the cell, and nothing is shown
            exhibit.close()
            raise
    gallery.hang(name, exhibit)
    if title is None or title == "":
        title = shown.default_title if isinstance(shown, AppPage) else name
    view = View(shelf.put(name, title, place, shown), shelf, gallery, exhibit, identity)
    view.show(still)
    return view


def _check_run(run: str | None, source: Source | None) -> Policy:
    if run is None:
        return "main"
    if source is None:
        raise ViewError(f"run: expected none for an ES module, got {run!r:.40}")
    if run == "main":
        return "main"
    if run != "thread":
        raise ViewError(f"run: expected 'main' or 'thread', got {run!r:.40}")
    if not source.any_thread:
        raise ViewError(
            "run: expected 'main' for a VTK window, whose OpenGL context belongs to the main "
            "thread, got 'thread'"
        )
    return "thread"


def _name_of(front_end: object) -> str:
    if isinstance(front_end, str):
        return ""
    return str(getattr(front_end, "__name__", type(front_end).__name__)).strip("<>")


def _execution_count() -> int | None:
    shell = get_ipython()
    return None if shell is None else int(shell.execution_count)
