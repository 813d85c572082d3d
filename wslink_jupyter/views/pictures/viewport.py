"""VTK's own procedures, ``viewport.*``, by which stock vtk.js shows the windows of a kernel.

Names, arguments and results are those of ``vtkmodules.web.protocols``, but for what goes
wrong there: who leaves is drawn for no more, a drag leaves no animation behind, and every
client has its own size and quality.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from contextvars import Context
from typing import Any

from wslink_jupyter.errors import InvalidParams
from wslink_jupyter.rpc.context import caller
from wslink_jupyter.rpc.endpoint import Endpoint
from wslink_jupyter.rpc.procedure import RESERVED, Policy, Procedure
from wslink_jupyter.views.pictures.events import Event
from wslink_jupyter.views.pictures.exhibit import Exhibit
from wslink_jupyter.views.pictures.sources import CameraSource
from wslink_jupyter.views.pictures.stock_client import (
    DEFAULT_FPS,
    StockMouse,
    StockStream,
    check_camera,
)
from wslink_jupyter.views.pictures.windows import Window, Windows

_SUCCESS = {"result": "success"}


class Viewport:
    """What clients of VTK's protocol call.

    Lives on the link's loop, but for `hang` and the procedures of the camera.

    Parameters
    ----------
    endpoint : Endpoint
        Gets the procedures when the first window is shown. A user's of the same name
        go first.
    numbers : iterator of int
        Numbers the viewers of exhibits.
    """

    def __init__(self, endpoint: Endpoint, numbers: Iterator[int]) -> None:
        self._endpoint = endpoint
        self._windows = Windows(endpoint.hub, numbers)
        self._is_bound = False

    def hang(self, name: str, exhibit: Exhibit | None) -> None:
        """Show an exhibit, if it is of a window, or none, as the view `name`. From every thread."""
        if exhibit is not None and not isinstance(exhibit.source, CameraSource):
            exhibit = None
        if exhibit is not None and not self._is_bound:
            self._is_bound = True
            self._bind()
        if self._is_bound:
            with contextlib.suppress(RuntimeError):  # the loop has ended
                self._endpoint.hub.loop.call_soon_threadsafe(self._windows.hang, name, exhibit)

    def _bind(self) -> None:
        on_loop: dict[str, Callable[..., Any]] = {
            "image.push": self.push,
            "image.push.observer.add": self.add_observer,
            "image.push.observer.remove": self.remove_observer,
            "image.push.quality": self.set_quality,
            "image.push.original.size": self.set_size,
            "image.push.enabled": self.enable,
            "image.push.invalidate.cache": self.invalidate_cache,
            "image.animation.fps.max": self.set_max_fps,
            "image.animation.fps.get": self.fps,
            "image.animation.start": self.start_animation,
            "image.animation.stop": self.stop_animation,
            "mouse.interaction": self.move_mouse,
            "mouse.zoom.wheel": self.turn_wheel,
        }
        on_main: dict[str, Callable[..., Any]] = {
            "camera.get": self.camera,
            "camera.reset": self.reset_camera,
            "camera.update": self.update_camera,
            "camera.update.params": self.update_camera_parameters,
        }
        context = Context()
        self._endpoint.registry.bind(
            f"{RESERVED}.viewport",
            [
                *(_procedure(uri, each, "loop", context) for uri, each in on_loop.items()),
                *(_procedure(uri, each, "main", context) for uri, each in on_main.items()),
            ],
            gives_way=True,
        )

    def add_observer(self, view_id: object = -1) -> dict[str, Any]:
        """Send the caller pictures of a window from now on; return its id.

        -1 is the window that was shown last; the name of a view is taken, too.
        """
        window = self._windows.find(view_id)
        self._windows.add_observer(window, caller())
        return {"success": True, "viewId": window.id}

    def remove_observer(self, view_id: object = -1) -> dict[str, str]:
        """Send the caller no more pictures of a window, once for each time it was added."""
        window = self._windows.find(view_id)
        if caller() not in window.observers:
            return _no_subscription(window)
        self._windows.remove_observer(window, caller())
        return _SUCCESS

    def push(self, options: dict[str, Any]) -> None:
        """Send the caller, which observes, a picture, whether or not it has changed."""
        self._change(_checked(options).get("view"), StockStream.changed)

    def invalidate_cache(self, view_id: object = -1) -> dict[str, str]:
        """Draw a window again for all its observers."""
        window = self._windows.find(view_id)
        window.exhibit.update()
        return _SUCCESS

    def set_quality(self, view_id: object, quality: float, ratio: float = 1) -> dict[str, str]:
        """Set the quality of the JPEGs, and their size relative to the panel's."""
        return self._change(view_id, lambda stream, *now: stream.set_quality(quality, ratio, *now))

    def set_size(self, view_id: object, width: float, height: float) -> dict[str, str]:
        """Set the size of the panel."""
        return self._change(view_id, lambda stream, *now: stream.set_size(width, height, *now))

    def enable(self, view_id: object, enabled: bool) -> dict[str, str]:
        """Let an observer have pictures, or none for now."""

        def change(stream: StockStream, now_s: float) -> None:
            stream.visible = bool(enabled)

        return self._change(view_id, change)

    def start_animation(self, view_id: object = -1) -> None:
        """Draw all the time, for the caller, until it says that it is enough, or leaves."""

        def change(stream: StockStream, now_s: float) -> None:
            stream.animates = True
            stream.changed(now_s)

        self._change(view_id, change)

    def stop_animation(self, view_id: object = -1) -> None:
        """Draw when something changes."""

        def change(stream: StockStream, now_s: float) -> None:
            stream.animates = False

        self._change(view_id, change)

    def set_max_fps(self, fps: float = 30) -> None:
        """Set how many pictures the caller gets in a second, at most."""
        for observer in self._windows.observed_by(caller()):
            observer.stream.fps = fps

    def fps(self) -> float:
        """Return how many pictures the caller gets in a second, at most."""
        observed = self._windows.observed_by(caller())
        return min((each.stream.fps for each in observed), default=DEFAULT_FPS)

    def move_mouse(self, event: dict[str, Any]) -> bool:
        """Hand the state of the mouse to a window's interactor."""
        return self._handle(event, StockMouse.moved)

    def turn_wheel(self, event: dict[str, Any]) -> bool:
        """Hand the mouse wheel to a window's interactor."""
        return self._handle(event, StockMouse.turned)

    def camera(self, view_id: object = -1) -> dict[str, Any]:
        """Return the camera of a window."""
        window = self._windows.find(view_id)
        return {"id": window.id, **_source(window).camera()}

    def reset_camera(self, view_id: object = -1) -> str:
        """Let a window show everything; return its id."""
        window = self._windows.find(view_id)
        _source(window).reset_camera()
        window.exhibit.update()
        return window.id

    def update_camera(
        self,
        view_id: object,
        focal_point: list[float],
        view_up: list[float],
        position: list[float],
        forceUpdate: bool = True,  # noqa: N803 - VTK's name
    ) -> None:
        """Place the camera of a window."""
        parameters = {"focalPoint": focal_point, "viewUp": view_up, "position": position}
        self.update_camera_parameters(view_id, parameters, forceUpdate)

    def update_camera_parameters(
        self,
        view_id: object,
        parameters: dict[str, Any],
        forceUpdate: bool = True,  # noqa: N803 - VTK's name
    ) -> None:
        """Set what is known of the camera of a window."""
        window = self._windows.find(view_id)
        _source(window).set_camera(check_camera(parameters))
        if forceUpdate:
            window.exhibit.update()

    def _change(
        self, view_id: object, change: Callable[[StockStream, float], object]
    ) -> dict[str, str]:
        window = self._windows.find(view_id)
        observer = window.observers.get(caller())
        if observer is None:
            return _no_subscription(window)
        change(observer.stream, window.exhibit.now_s)
        window.exhibit.wake()
        return _SUCCESS

    def _handle(
        self, event: object, events_of: Callable[[StockMouse, Mapping[str, Any]], list[Event]]
    ) -> bool:
        checked = _checked(event)
        window = self._windows.find(checked.get("view"))
        mouse = window.mice.setdefault(caller(), StockMouse())
        events = events_of(mouse, checked)
        window.exhibit.handle(events)
        return bool(events)


def _procedure(
    uri: str, function: Callable[..., Any], policy: Policy, context: Context
) -> Procedure:
    return Procedure(f"viewport.{uri}", lambda: function, policy, context)


def _source(window: Window) -> CameraSource:
    source = window.exhibit.source
    assert isinstance(source, CameraSource)  # others are not hung
    return source


def _no_subscription(window: Window) -> dict[str, str]:
    return {"error": f"Unable to find subscription for view {window.id}"}


def _checked(options: object) -> Mapping[str, Any]:
    if not isinstance(options, dict):
        raise InvalidParams(f"expected a mapping, got {type(options).__name__}")
    return options
