"""A VTK render window as a source of pictures. Imported when there is one."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Mapping
from math import floor
from typing import Any

import numpy as np
from vtkmodules.vtkCommonCore import vtkUnsignedCharArray
from vtkmodules.vtkInteractionStyle import vtkInteractorStyleTrackballCamera
from vtkmodules.vtkRenderingUI import vtkGenericRenderWindowInteractor

from wslink_jupyter.errors import ViewError
from wslink_jupyter.views.pictures.events import Event
from wslink_jupyter.views.pictures.image import Pixels

_BUTTONS = {1: "LeftButton", 2: "RightButton", 3: "MiddleButton"}
_PRESSES = {"pointer_down": "Press", "pointer_up": "Release", "double_click": "DoubleClick"}
_CROSSINGS = {"pointer_enter": "EnterEvent", "pointer_leave": "LeaveEvent"}
#: Names of keys, from the browser's to VTK's, which are those of X.
_KEYSYMS = {
    " ": "space",
    "Enter": "Return",
    "ArrowLeft": "Left",
    "ArrowRight": "Right",
    "ArrowUp": "Up",
    "ArrowDown": "Down",
    "Shift": "Shift_L",
    "Control": "Control_L",
    "Alt": "Alt_L",
    "PageUp": "Prior",
    "PageDown": "Next",
}
#: They end the interactor, and with pyvista the plotter.
_ENDING_KEYS = frozenset("qQeE")
_CAMERA = {
    "position": "Position",
    "focalPoint": "FocalPoint",
    "viewUp": "ViewUp",
    "viewAngle": "ViewAngle",
    "parallelScale": "ParallelScale",
    "parallelProjection": "ParallelProjection",
}
#: What browsers say for one step of a mouse wheel.
_WHEEL_STEP = 100.0
_MAX_WHEEL_STEPS = 10


class WindowSource:
    """A render window, drawn off screen.

    Parameters
    ----------
    window : vtkRenderWindow
        Gets an interactor and a trackball style, if it has none: an event
        without interactor would end the process.
    plotter : pyvista.Plotter, optional
        Whose window it is: kept, because it closes its window when it goes.
    """

    #: OpenGL's context is of one thread.
    any_thread = False

    def __init__(self, window: Any, plotter: Any = None) -> None:
        self._window = window
        self._plotter = plotter
        self._buffer = vtkUnsignedCharArray()
        self._drawing = False
        self._moved = False
        self._observer: int | None = None
        self._changed: Callable[[], None] | None = None
        #: Of the pointer, as fractions from the top left.
        self._place = (0.0, 0.0)
        window.SetOffScreenRendering(True)
        self._interactor = _interactor_of(window)

    def draw(self, width: int, height: int, still: bool) -> Pixels:
        """Render, and return a copy of the pixels."""
        window = self._window
        samples = window.GetMultiSamples()
        self._drawing = True
        try:
            if not still:
                window.SetMultiSamples(0)  # a quarter of the time, without a GPU
            window.SetSize(width, height)
            window.Render()
            width, height = window.GetSize()
            window.GetPixelData(0, 0, width - 1, height - 1, 0, self._buffer, 0)
        finally:
            window.SetMultiSamples(samples)
            self._drawing = False
        pixels = np.asarray(self._buffer).reshape(height, width, 3)
        return Pixels(np.ascontiguousarray(pixels[::-1]))  # VTK's first row is at the bottom

    def handle(self, event: Event) -> bool:
        """Hand an event to the interactor; return whether it asks for a picture."""
        interactor = self._interactor
        does_render = interactor.GetEnableRender()
        # What it would render now is rendered when somebody may have it.
        interactor.EnableRenderOff()
        self._moved = False
        self._drawing = True
        observer = interactor.AddObserver("RenderEvent", self._on_interactor_render)
        try:
            self._invoke(event)
        finally:
            interactor.RemoveObserver(observer)
            interactor.SetEnableRender(does_render)
            self._drawing = False
        return self._moved

    def _pixel(self) -> tuple[int, int]:
        width, height = self._window.GetSize()
        x, y = self._place
        return floor(x * width), height - 1 - floor(y * height)  # VTK counts from the bottom

    def _on_interactor_render(self, *_: object) -> None:
        self._moved = True

    def _invoke(self, event: Event) -> None:
        kind = event["event_type"]
        key = event.get("key", "")
        # The window had another size if it was drawn for another panel meanwhile, or as a
        # still: where the pointer was is said anew, or what is dragged would jump.
        self._interactor.SetEventPosition(*self._pixel())
        if "x" in event:
            self._place = (
                event["x"] / max(event["width"], 1.0),
                event["y"] / max(event["height"], 1.0),
            )
        x, y = self._pixel()
        modifiers = event["modifiers"]
        character = key if len(key) == 1 and key.isascii() else "\0"
        keysym = _KEYSYMS.get(key, key)
        flags = ("Control" in modifiers, "Shift" in modifiers)
        self._interactor.SetEventInformation(x, y, *flags, character, 0, keysym)
        self._interactor.SetAltKey("Alt" in modifiers)
        for name in _vtk_events(event, kind, key):
            self._interactor.InvokeEvent(name)

    def camera(self) -> dict[str, Any]:
        """Return the camera of the first renderer, and what it may look at, in vtk.js's words."""
        renderer = self._renderer()
        camera = renderer.GetActiveCamera()
        return {
            **{name: getattr(camera, f"Get{vtk_name}")() for name, vtk_name in _CAMERA.items()},
            "centerOfRotation": camera.GetFocalPoint(),
            "bounds": renderer.ComputeVisiblePropBounds(),
        }

    def set_camera(self, parameters: Mapping[str, Any]) -> None:
        """Set those of the camera's parameters that are given."""
        renderer = self._renderer()
        for name, value in parameters.items():
            getattr(renderer.GetActiveCamera(), f"Set{_CAMERA[name]}")(value)
        renderer.ResetCameraClippingRange()

    def reset_camera(self) -> None:
        """Let the camera see everything."""
        self._renderer().ResetCamera()

    def _renderer(self) -> Any:
        renderer = self._window.GetRenderers().GetFirstRenderer()
        if renderer is None:
            raise ViewError("camera: expected a window that has a renderer, got one without")
        return renderer

    def watch(self, changed: Callable[[], None]) -> None:
        """Call `changed` whenever somebody else has rendered the window."""
        # The window and the plotter keep their observers alive, and must not keep this.
        reference = weakref.ref(self)

        def rendered(*_: object) -> None:
            source = reference()
            if source is not None and source._changed is not None and not source._drawing:
                source._changed()

        self.close()
        self._changed = changed
        self._observer = self._window.AddObserver("EndEvent", rendered)
        if self._plotter is not None:
            # Before its own `show`, which is never called, its `render` does not reach the window.
            self._plotter.add_on_render_callback(rendered)

    def close(self) -> None:
        """Watch no more."""
        self._changed = None
        if self._observer is not None:
            self._window.RemoveObserver(self._observer)
            self._observer = None


def _vtk_events(event: Event, kind: str, key: str) -> list[str]:
    if kind == "pointer_move":
        return ["MouseMoveEvent"]
    if kind in _PRESSES:
        button = _BUTTONS.get(event["button"])
        return [] if button is None else [f"{button}{_PRESSES[kind]}Event"]
    if kind == "wheel":
        steps = min(max(round(abs(event["dy"]) / _WHEEL_STEP), 1), _MAX_WHEEL_STEPS)
        direction = "Backward" if event["dy"] > 0 else "Forward"
        return [f"MouseWheel{direction}Event"] * steps if event["dy"] else []
    if kind in _CROSSINGS:
        return [_CROSSINGS[kind]]
    if key in _ENDING_KEYS:
        return []
    return ["KeyPressEvent", "CharEvent"] if kind == "key_down" else ["KeyReleaseEvent"]


def _interactor_of(window: Any) -> Any:
    interactor = window.GetInteractor()
    if interactor is None:
        interactor = vtkGenericRenderWindowInteractor()
        interactor.SetRenderWindow(window)
        interactor.SetInteractorStyle(vtkInteractorStyleTrackballCamera())
        interactor.Initialize()
        return interactor
    style = interactor.GetInteractorStyle()
    if style is None:
        interactor.SetInteractorStyle(vtkInteractorStyleTrackballCamera())
    elif style.IsA("vtkInteractorStyleSwitch"):
        # VTK's default is a joystick, which needs a timer of the desktop.
        style.SetCurrentStyleToTrackballCamera()
    return interactor
