"""Where pictures come from: one interface for all that `show` takes."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Mapping
from typing import Any, Protocol, runtime_checkable

from wslink_jupyter.errors import ViewError
from wslink_jupyter.views.pictures.events import Event
from wslink_jupyter.views.pictures.image import Image, image_of, is_image


class PictureSource(Protocol):
    """What a user may write, to be shown; ``handle_event`` is optional."""

    def render(self, width_px: int, height_px: int) -> object:
        """Return a picture: a numpy array, a PIL image or the bytes of a file."""

    def handle_event(self, event: Event) -> object:
        """Take an event of the panel; False says that the picture stays as it is."""


class Source(Protocol):
    """What an exhibit shows."""

    #: Whether it may be drawn in any thread.
    any_thread: bool

    def draw(self, width: int, height: int, still: bool) -> Image:
        """Return a picture, of that size in pixels if it can; a still has time to look good."""

    def handle(self, event: Event) -> bool:
        """Take an event; return whether the picture changes."""

    def watch(self, changed: Callable[[], None]) -> None:
        """Call `changed` from now on when the picture changes otherwise. From any thread."""

    def close(self) -> None:
        """Watch no more. Idempotent."""


@runtime_checkable
class CameraSource(Source, Protocol):
    """A source whose picture is what a camera sees; `camera` and others on its own thread."""

    def camera(self) -> dict[str, Any]:
        """Return the camera, and what it may look at, in vtk.js's words."""

    def set_camera(self, parameters: Mapping[str, Any]) -> None:
        """Set those of the camera's parameters that are given."""

    def reset_camera(self) -> None:
        """Let the camera see everything."""


class _Function:
    """A function that returns a picture, and perhaps one that takes events."""

    any_thread = True

    def __init__(
        self,
        draw: Callable[..., object],
        takes_size: bool,
        handle: Callable[[Event], object] | None,
    ) -> None:
        self._draw = draw
        self._takes_size = takes_size
        self._handle = handle

    def draw(self, width: int, height: int, still: bool) -> Image:
        return image_of(self._draw(width, height) if self._takes_size else self._draw())

    def handle(self, event: Event) -> bool:
        return self._handle is not None and self._handle(event) is not False

    def watch(self, changed: Callable[[], None]) -> None:
        """Nothing tells."""

    def close(self) -> None:
        """Nothing is held."""


def source_of(thing: object) -> Source | None:
    """Return the source of pictures that `thing` is, or None if it is none.

    Raises
    ------
    ViewError
        If it is one, but its function takes other arguments.
    """
    if isinstance(thing, str) or inspect.isclass(thing) or inspect.ismodule(thing):
        return None
    window = _render_window(thing)
    if window is not None:
        # Only here: it imports VTK, which who has a window has imported.
        from wslink_jupyter.views.pictures.vtk import WindowSource

        return WindowSource(window, None if window is thing else thing)
    if is_image(thing):
        picture = image_of(thing)
        return _Function(lambda: picture, False, None)
    handle = getattr(thing, "handle_event", None)
    handle = handle if callable(handle) else None
    render = getattr(thing, "render", None)
    if callable(render):
        _check_arguments(render, "render", (2,))
        return _Function(render, True, handle)
    if callable(thing):
        count = _check_arguments(thing, getattr(thing, "__name__", type(thing).__name__), (2, 0))
        return _Function(thing, count == 2, handle)
    return None


def _check_arguments(function: Callable[..., Any], name: str, counts: tuple[int, ...]) -> int:
    """Return the first of `counts` that is a number of arguments that `function` takes."""
    if inspect.iscoroutinefunction(function):
        raise ViewError(f"show: expected a plain function, got the async def {name}")
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):  # a builtin that does not say
        return counts[-1]
    for count in counts:
        try:
            signature.bind(*range(count))
        except TypeError:
            continue
        return count
    expected = " or ".join("(width_px, height_px)" if count else "()" for count in counts)
    raise ViewError(f"show: expected {name}{expected} to return a picture, got {name}{signature}")


def _render_window(thing: object) -> Any:
    """Return the VTK render window that `thing` is, or a pyvista plotter has."""
    core = sys.modules.get("vtkmodules.vtkRenderingCore")
    if core is None:
        return None
    if isinstance(thing, core.vtkRenderWindow):
        return thing
    plotter = getattr(sys.modules.get("pyvista"), "BasePlotter", None)
    if plotter is None or not isinstance(thing, plotter):
        return None
    window = getattr(thing, "render_window", None)
    if window is None:
        raise ViewError(
            "show: expected a plotter that has its render window, got one that was closed: "
            "make it with off_screen=True, and do not call its show"
        )
    for renderer in getattr(thing, "renderers", ()):
        # As its own `show` does before the first picture.
        if not renderer.camera.is_set:
            renderer.camera_position = renderer.get_default_cam_pos()
            renderer.ResetCamera()
    return window
