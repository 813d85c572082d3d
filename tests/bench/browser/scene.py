"""The scene that every system shows. Runs in the kernel."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import vtkmodules.vtkRenderingOpenGL2  # noqa: F401 - what draws
from vtkmodules.vtkCommonCore import vtkUnsignedCharArray
from vtkmodules.vtkFiltersSources import vtkSphereSource
from vtkmodules.vtkInteractionStyle import vtkInteractorStyleTrackballCamera
from vtkmodules.vtkRenderingCore import vtkActor, vtkPolyDataMapper, vtkRenderer, vtkRenderWindow
from vtkmodules.vtkRenderingUI import vtkGenericRenderWindowInteractor

from bench.browser.grid import SIZE, code_of, colour_of

#: Few enough that without a GPU it is not the renderer alone that is measured.
_TRIANGLES = 8_000


def window() -> Any:
    """Return a render window whose background tells where its interactor saw the mouse."""
    sphere = vtkSphereSource()
    resolution = round((int(os.environ.get("BENCH_TRIANGLES", _TRIANGLES)) / 2) ** 0.5)
    sphere.SetThetaResolution(resolution)
    sphere.SetPhiResolution(resolution)
    mapper = vtkPolyDataMapper()
    mapper.SetInputConnection(sphere.GetOutputPort())
    actor = vtkActor()
    actor.SetMapper(mapper)
    renderer = vtkRenderer()
    renderer.AddActor(actor)
    made = vtkRenderWindow()
    made.SetOffScreenRendering(True)
    made.SetMultiSamples(0)
    made.SetSize(*SIZE)
    made.AddRenderer(renderer)
    interactor = vtkGenericRenderWindowInteractor()
    interactor.SetRenderWindow(made)
    interactor.SetInteractorStyle(vtkInteractorStyleTrackballCamera())
    interactor.Initialize()

    # Not when the mouse moves: a style that drags keeps that to itself.
    made.AddObserver("StartEvent", _tell_place)
    return made


def _tell_place(window: Any, _: str) -> None:
    x, y = window.GetInteractor().GetEventPosition()
    width, height = window.GetSize()
    colour = colour_of(code_of((x + 0.5) / width, 1 - (y + 0.5) / height))
    window.GetRenderers().GetFirstRenderer().SetBackground(*colour)


class Turned:
    """The scene for who draws it by hand, in the thread of the caller."""

    def __init__(self) -> None:
        self._window = window()
        self._buffer = vtkUnsignedCharArray()
        self._names = {
            "pointer_down": "LeftButtonPressEvent",
            "pointer_move": "MouseMoveEvent",
            "pointer_up": "LeftButtonReleaseEvent",
        }

    def handle_event(self, event: dict[str, Any]) -> bool:
        """Take an event of jupyter_rfb's kind; return whether the picture changes."""
        name = self._names.get(event["event_type"])
        if name is None:
            return False
        interactor = self._window.GetInteractor()
        columns, rows = self._window.GetSize()
        x = event["x"] / event["width"] * columns
        y = event["y"] / event["height"] * rows
        interactor.SetEventInformation(int(x), rows - 1 - int(y), 0, 0, "\0", 0, "")
        interactor.EnableRenderOff()  # it is rendered when somebody takes the picture
        interactor.InvokeEvent(name)
        return True

    def render(self, width: int, height: int) -> Any:
        """Return the picture as an array."""
        self._window.SetSize(width, height)
        self._window.Render()
        width, height = self._window.GetSize()
        self._window.GetPixelData(0, 0, width - 1, height - 1, 0, self._buffer, 0)
        return np.ascontiguousarray(np.asarray(self._buffer).reshape(height, width, 3)[::-1])


class InOwnThread:
    """The scene as a source that may be asked in any thread: VTK lives in one of its own."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1)
        self._scene = self._thread.submit(Turned).result()

    def render(self, width_px: int, height_px: int) -> Any:
        """Return the picture."""
        return self._thread.submit(self._scene.render, width_px, height_px).result()

    def handle_event(self, event: dict[str, Any]) -> bool:
        """Take an event of a panel."""
        return self._thread.submit(self._scene.handle_event, event).result()
