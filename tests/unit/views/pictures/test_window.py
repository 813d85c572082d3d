"""A VTK window as a source of pictures."""

from __future__ import annotations

import os
from typing import Any

import numpy as np
import pytest

os.environ.setdefault("VTK_DEFAULT_OPENGL_WINDOW", "vtkEGLRenderWindow")

import vtkmodules.vtkRenderingOpenGL2  # noqa: F401 - what draws
from vtkmodules.vtkRenderingCore import vtkRenderer, vtkRenderWindow

from wslink_jupyter.views.pictures.vtk import WindowSource

PANEL = (300, 200)


def pointer(kind: str, x: float, y: float) -> dict[str, Any]:
    width, height = PANEL
    place = {"x": x, "y": y, "width": width, "height": height}
    return {"event_type": f"pointer_{kind}", "button": 1, "modifiers": (), **place}


def turned(sizes: list[tuple[int, int]]) -> tuple[float, ...]:
    """Return where the camera is after a drag, with a picture of each size between its moves."""
    window = vtkRenderWindow()
    renderer = vtkRenderer()
    window.AddRenderer(renderer)
    source = WindowSource(window)
    source.draw(*PANEL, still=True)
    source.handle(pointer("down", 100, 100))
    for step, size in enumerate(sizes, 1):
        assert source.handle(pointer("move", 100 + 10 * step, 100 + 5 * step))
        source.draw(*size, still=False)
    source.handle(pointer("up", 100 + 10 * len(sizes), 100 + 5 * len(sizes)))
    place: tuple[float, ...] = renderer.GetActiveCamera().GetPosition()
    return place


@pytest.mark.parametrize("other", [(1200, 1600), (150, 100)])
def test_a_drag_does_not_jump_when_other_sizes_are_drawn(other: tuple[int, int]) -> None:
    alone = turned([PANEL] * 6)
    assert not np.allclose(alone, (0, 0, alone[2]), atol=0.1)
    assert np.allclose(alone, turned([other, PANEL, other, other, PANEL, other]), atol=0.02)
