"""The windows of one endpoint, and who observes them by VTK's own protocol."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from wslink_jupyter.errors import InvalidParams
from wslink_jupyter.rpc.hub import Hub
from wslink_jupyter.views.pictures.exhibit import Exhibit, Viewer
from wslink_jupyter.views.pictures.stock_client import StockMouse, StockStream

IMAGE_TOPIC = "viewport.image.push.subscription"


@dataclass(slots=True)
class Observer:
    """One client that observes one window, by one panel or several of the same size."""

    number: int
    stream: StockStream
    viewer: Viewer
    count: int = 1


@dataclass(slots=True)
class Window:
    """A view of a window.

    Attributes
    ----------
    id : str
        Digits; stays when the view is shown again.
    exhibit : Exhibit
    observers, mice : dict
        By session.
    """

    id: str
    exhibit: Exhibit
    observers: dict[str, Observer] = field(default_factory=dict)
    mice: dict[str, StockMouse] = field(default_factory=dict)

    def move_to(self, exhibit: Exhibit) -> None:
        """Let who observes go on with an exhibit that is shown in the place of the old one."""
        self.exhibit = exhibit
        self.mice.clear()
        for observer in self.observers.values():
            observer.stream.changed(exhibit.now_s)
            exhibit.add(observer.number, observer.viewer)


class Windows:
    """Windows by the name of their view.

    Lives on the link's loop, but for `find`.

    Parameters
    ----------
    hub : Hub
    numbers : iterator of int
        Numbers the viewers of exhibits.
    """

    def __init__(self, hub: Hub, numbers: Iterator[int]) -> None:
        self._hub = hub
        self._numbers = numbers
        self._ids = itertools.count(1)
        #: The one shown last is at the end. Never changed: another thread may be reading.
        self._windows: dict[str, Window] = {}
        hub.on_gone(self._forget_session)

    def hang(self, name: str, exhibit: Exhibit | None) -> None:
        """Show an exhibit, or none, as the view `name`; who observes it goes on."""
        windows = dict(self._windows)
        window = windows.pop(name, None)
        if exhibit is not None:
            window = window or Window(str(next(self._ids)), exhibit)
            windows[name] = window
            window.move_to(exhibit)
        self._windows = windows

    def find(self, view_id: object) -> Window:
        """Return the window of an id or name; None and -1 are the one that was shown last.

        Raises
        ------
        InvalidParams
            If none is shown that has it.
        """
        windows = self._windows
        text = "-1" if view_id is None else str(view_id)
        if text == "-1" and windows:
            return list(windows.values())[-1]
        for name, window in windows.items():
            if text in (window.id, name):
                return window
        known = ", ".join(f"{window.id} ({name!r})" for name, window in windows.items())
        raise InvalidParams(
            f"view: expected the id of a window ({known or 'none is shown'}), got {view_id!r:.100}"
        )

    def observed_by(self, session_id: str) -> list[Observer]:
        """Return what a session observes."""
        every = self._windows.values()
        return [each.observers[session_id] for each in every if session_id in each.observers]

    def add_observer(self, window: Window, session_id: str) -> None:
        """Send a session pictures from now on."""
        exhibit, observer = window.exhibit, window.observers.get(session_id)
        if observer is not None:
            observer.count += 1
            observer.stream.changed(exhibit.now_s)
            exhibit.wake()
            return
        stream = StockStream(exhibit.now_s)
        viewer = Viewer(session_id, stream, partial(self._tell, window, session_id, stream))
        observer = Observer(next(self._numbers), stream, viewer)
        window.observers[session_id] = observer
        exhibit.add(observer.number, viewer)

    def remove_observer(self, window: Window, session_id: str) -> None:
        """Send a session no more, if this is said as often as it was added."""
        observer = window.observers[session_id]
        observer.count -= 1
        if observer.count == 0:
            del window.observers[session_id]
            window.exhibit.remove(observer.number)

    def _tell(
        self, window: Window, session_id: str, stream: StockStream, value: dict[str, Any]
    ) -> None:
        if "data" not in value:
            return  # an error, which is told in the cell
        message = {
            "id": window.id,
            "global_id": window.id,
            "image": value["data"],
            "format": value["format"],
            "size": [value["width"], value["height"]],
            "memsize": len(value["data"]),
            "mtime": value["number"],
            "stale": False,
            "localTime": 0,
            "workTime": 0,
        }
        sent = partial(_sent, window, stream, value["number"])
        self._hub.publish(IMAGE_TOPIC, message, session_id, sent)

    def _forget_session(self, session_id: str) -> None:
        for window in self._windows.values():
            observer = window.observers.pop(session_id, None)
            mouse = window.mice.pop(session_id, None)
            if observer is not None:
                window.exhibit.remove(observer.number)
            if mouse is not None:
                window.exhibit.handle(mouse.released())  # or the others would go on with its drag


def _sent(window: Window, stream: StockStream, number: int) -> None:
    """Take a frame for drawn that has left: stock clients do not acknowledge."""
    stream.acknowledged(number, window.exhibit.now_s)
    window.exhibit.wake()
