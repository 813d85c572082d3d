"""A window served by VTK's own protocols, as it is written for stock wslink.

Like ``apps.py``, it imports nothing of ours.
"""

from __future__ import annotations

import os
from typing import Any

os.environ["VTK_DEFAULT_OPENGL_WINDOW"] = "vtkEGLRenderWindow"

import vtkmodules.vtkRenderingOpenGL2  # noqa: F401 - draws
from interop.apps import SECRET, Values
from vtkmodules.vtkFiltersSources import vtkConeSource
from vtkmodules.vtkInteractionStyle import vtkInteractorStyleTrackballCamera
from vtkmodules.vtkRenderingCore import vtkActor, vtkPolyDataMapper, vtkRenderer, vtkRenderWindow
from vtkmodules.vtkRenderingUI import vtkGenericRenderWindowInteractor
from vtkmodules.vtkWebCore import vtkWebApplication
from vtkmodules.web.protocols import (
    vtkWebMouseHandler,
    vtkWebPublishImageDelivery,
    vtkWebViewPort,
)
from vtkmodules.web.wslink import ServerProtocol
from wslink import register


class Delivery(vtkWebPublishImageDelivery):
    """Counts what it draws."""

    def __init__(self) -> None:
        super().__init__(decode=False)
        self.renders = 0
        self.window = vtkRenderWindow()
        self.interactor = vtkGenericRenderWindowInteractor()
        self._make_scene()

    def _make_scene(self) -> None:
        source, mapper, actor = vtkConeSource(), vtkPolyDataMapper(), vtkActor()
        mapper.SetInputConnection(source.GetOutputPort())
        actor.SetMapper(mapper)
        renderer = vtkRenderer()
        renderer.AddActor(actor)
        self.window.SetOffScreenRendering(True)
        self.window.AddRenderer(renderer)
        self.interactor.SetRenderWindow(self.window)
        self.interactor.SetInteractorStyle(vtkInteractorStyleTrackballCamera())
        self.interactor.Initialize()

    def show_in(self, application: vtkWebApplication) -> None:
        """Make the window the one that clients see."""
        application.SetImageEncoding(vtkWebApplication.ENCODING_NONE)
        application.GetObjectIdMap().SetActiveObject("VIEW", self.window)

    def stillRender(self, options: Any) -> Any:  # noqa: N802 - VTK's name
        self.renders += 1
        return super().stillRender(options)

    @register("scene.renders")
    def count_renders(self) -> int:
        return self.renders

    @register("scene.observers")
    def count_observers(self) -> int:
        return sum(view["observerCount"] for view in self.trackingViews.values())

    @register("scene.position")
    def position(self) -> Any:
        return self.window.GetRenderers().GetFirstRenderer().GetActiveCamera().GetPosition()


def make_protocols() -> tuple[Any, ...]:
    return Delivery(), vtkWebMouseHandler(), vtkWebViewPort()


class Application(ServerProtocol):
    def initialize(self) -> None:
        delivery, *others = make_protocols()
        for protocol in (delivery, *others, Values()):
            self.registerVtkWebProtocol(protocol)
        delivery.show_in(self.getApplication())
        self.updateSecret(SECRET)
