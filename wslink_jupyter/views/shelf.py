"""The views that a kernel shows, by name, as clients ask for them.

A view outlives its panels: a page that is loaded again, or a second tab, asks
for it by name. After a kernel restart the shelf is empty until the cells are
run again; panels then find their view under the same name.
"""

from __future__ import annotations

import asyncio
import secrets
import threading
from contextvars import copy_context
from dataclasses import dataclass, replace
from typing import Any, Literal, get_args

from wslink_jupyter.errors import ViewError
from wslink_jupyter.rpc.endpoint import Endpoint, WebFile
from wslink_jupyter.rpc.procedure import RESERVED, Procedure
from wslink_jupyter.views.front_end import FrontEnd

Where = Literal["split-right", "split-bottom", "tab-after", "cell"]
PLACES: tuple[Where, ...] = get_args(Where)
DEFAULT_PLACE: Where = "split-right"

CHANGED_TOPIC = f"{RESERVED}.views.changed"


def check_place(where: object) -> Where:
    """Return `where` if a view can be put there, else raise `ViewError`."""
    for place in PLACES:
        if where == place:
            return place
    raise ViewError(f"where: expected one of {', '.join(map(repr, PLACES))}, got {where!r}")


@dataclass(frozen=True, slots=True)
class ShownView:
    """One view as it is shown now.

    Attributes
    ----------
    name, title : str
    where : {"split-right", "split-bottom", "tab-after", "cell"}
    front_end : ModuleText, ModuleFile, PageFolder or Picture
    revision : int
        Grows whenever it is shown again or its file is saved.
    stamp : object
        Of the front end at this revision.
    """

    name: str
    title: str
    where: Where
    front_end: FrontEnd
    revision: int
    stamp: object

    def summary(self) -> dict[str, Any]:
        """Return what lists show."""
        return {
            "name": self.name,
            "title": self.title,
            "where": self.where,
            "revision": self.revision,
        }


class ViewShelf:
    """The views of one endpoint, and the procedures by which clients get them.

    Parameters
    ----------
    endpoint : Endpoint
        Gets the procedures ``jupyter.views.get`` and ``jupyter.views.list``
        and publishes on ``jupyter.views.changed``.
    """

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._lock = threading.Lock()
        self._views: dict[str, ShownView] = {}
        self._revision = 0
        self._key = secrets.token_hex(16)
        endpoint.find_file = self.find_file
        context = copy_context()
        endpoint.registry.bind(
            f"{RESERVED}.views",
            [
                Procedure(f"{RESERVED}.views.get", lambda: self.get, "loop", context),
                Procedure(f"{RESERVED}.views.list", lambda: self.list, "loop", context),
            ],
        )

    def put(self, name: str, title: str, where: Where, front_end: FrontEnd) -> ShownView:
        """Show a view, replacing the one of that name. From every thread."""
        with self._lock:
            self._revision += 1
            view = ShownView(name, title, where, front_end, self._revision, front_end.stamp())
            self._views[name] = view
        self._changed(name, view.revision)
        return view

    def _refresh(self, view: ShownView, stamp: object) -> None:
        """Show a view again whose file was saved, if it is still the one of its name."""
        with self._lock:
            if self._views.get(view.name) is not view:
                return
            self._revision += 1
            self._views[view.name] = replace(view, revision=self._revision, stamp=stamp)
            revision = self._revision
        self._changed(view.name, revision)

    def remove(self, name: str) -> None:
        """Take a view from the shelf; its panels say so. Idempotent."""
        with self._lock:
            view = self._views.pop(name, None)
        if view is not None:
            self._changed(name, None)

    def get(self, name: str) -> dict[str, Any] | None:
        """Return a view with its front end, or None (``jupyter.views.get``)."""
        view = self._views.get(name)
        if view is None:
            return None
        return {
            **view.summary(),
            **view.front_end.describe(),
            "files": f"{name}/{self._key}/{view.revision}" if view.front_end.origin else "",
            "origin": view.front_end.origin,
        }

    def list(self) -> list[dict[str, Any]]:
        """Return the summaries of all views (``jupyter.views.list``)."""
        return [view.summary() for view in list(self._views.values())]

    def find_file(self, path: str) -> WebFile | None:
        """Return the file at ``{view}/{key}/{revision}/{path in its folder}``, or None.

        The key keeps other sites from including a file as a script with the
        user's cookies: they cannot know it. The revision is for browsers,
        which load a module once per URL. Files outside the front end's
        folder, and hidden ones, are not found.
        """
        steps = path.split("/", 3)
        if len(steps) < 4:
            return None
        name, key, _, relative = steps
        view = self._views.get(name)
        if view is None or not secrets.compare_digest(key.encode(), self._key.encode()):
            return None
        return view.front_end.find(relative)

    async def watch(self, interval_s: float) -> None:
        """Notice saved files, for ever."""
        while True:
            await asyncio.sleep(interval_s)
            for view in list(self._views.values()):
                # A file that is missing is being saved, or was removed: what
                # is shown stays until there is something new.
                stamp = view.front_end.stamp()
                if stamp is not None and stamp != view.stamp:
                    self._refresh(view, stamp)

    def _changed(self, name: str, revision: int | None) -> None:
        self._endpoint.hub.publish(CHANGED_TOPIC, {"name": name, "revision": revision})
