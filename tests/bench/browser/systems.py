"""What is measured: how a notebook shows the scene, and where its picture is on the page."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass

_BEGIN = """
import os
os.environ["VTK_DEFAULT_OPENGL_WINDOW"] = "vtkEGLRenderWindow"
from bench.browser import scene
from bench.programs import cells
"""

_OURS = """
%load_ext wslink_jupyter
import wslink_jupyter as wl
"""

_RFB = """
from jupyter_rfb import RemoteFrameBuffer

width, height = scene.SIZE

class Scene(RemoteFrameBuffer):
    def __init__(self):
        super().__init__(css_width=f"{{width}}px", css_height=f"{{height}}px", resizable=False)
        self.turned = scene.{source}()

    def get_frame(self):
        return self.turned.render(width, height)

    def handle_event(self, event):
        if self.turned.handle_event({{"width": width, "height": height, **event}}):
            self.request_draw()

Scene()
"""

_TRAME = """
from trame.app import get_server
from trame.ui.html import DivLayout
from trame.widgets import vtk

width, height = scene.SIZE
server = get_server("bench")
style = f"width: {width}px; height: {height}px; position: absolute; left: 0; top: 0"
with DivLayout(server) as layout:
    layout.iframe_style = f"border: none; width: {width + 20}px; height: {height + 20}px"
    vtk.VtkRemoteView(scene.window(), interactive_ratio=1, style=style)
await layout.ready
layout
"""


@dataclass(frozen=True)
class System:
    """One way to show the scene.

    Attributes
    ----------
    title : str
    cell : str
        What a user writes.
    picture : str
        CSS selector of the canvas or the image.
    frame : str
        Of the frame that it is in; empty if it is in the page itself.
    needs : tuple of str
        Packages.
    fills_panel : bool
        Whether the page, not the cell, says how large the picture is.
    comms_over_subshells : bool
        JupyterLab's default. What draws with VTK in the thread that a comm's
        messages come in needs them in the main one, where its OpenGL context is.
    peers : tuple of str
        Systems that ours is compared with: what draws in the same kind of thread.
    """

    title: str
    cell: str
    picture: str
    frame: str = ""
    needs: tuple[str, ...] = ()
    fills_panel: bool = False
    comms_over_subshells: bool = True
    peers: tuple[str, ...] = ()

    @property
    def is_installed(self) -> bool:
        return all(importlib.util.find_spec(name) for name in self.needs)


SYSTEMS = {
    "ours": System(
        "ours, a VTK window",
        f"{_BEGIN}{_OURS}wl.show(scene.window(), where='tab-after')",
        "canvas.jp-WslinkPicture",
        fills_panel=True,
        peers=("rfb", "trame"),
    ),
    "ours-thread": System(
        'ours, run="thread"',
        f"{_BEGIN}{_OURS}wl.show(scene.InOwnThread(), where='tab-after', run='thread')",
        "canvas.jp-WslinkPicture",
        fills_panel=True,
        peers=("rfb-thread", "rfb", "trame"),
    ),
    "rfb": System(
        "jupyter_rfb",
        _BEGIN + _RFB.format(source="Turned"),
        ".jp-OutputArea-output img",
        needs=("jupyter_rfb",),
        comms_over_subshells=False,
    ),
    "rfb-thread": System(
        "jupyter_rfb, subshell",
        _BEGIN + _RFB.format(source="InOwnThread"),
        ".jp-OutputArea-output img",
        needs=("jupyter_rfb",),
    ),
    "trame": System(
        "trame",
        _BEGIN + _TRAME,
        "img",
        frame=".jp-OutputArea-output iframe",
        needs=("trame", "trame_vtk", "trame_jupyter_extension"),
        comms_over_subshells=False,
    ),
}
