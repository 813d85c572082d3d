"""Pictures that a real kernel draws: VTK off screen, and plain functions."""

from __future__ import annotations

import asyncio
import base64
import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import numpy as np
import pytest
from PIL import Image
from support.jupyter import JupyterServer
from support.kernel import Console, Kernel
from support.listening import listen
from support.waiting import asynchronous, until

from wslink_jupyter.client import ClientSession, connect

WINDOW = """
import os
os.environ["VTK_DEFAULT_OPENGL_WINDOW"] = "vtkEGLRenderWindow"
import vtkmodules.vtkRenderingOpenGL2
from vtkmodules.vtkFiltersSources import vtkConeSource
from vtkmodules.vtkRenderingCore import (
    vtkActor, vtkPolyDataMapper, vtkRenderer, vtkRenderWindow)
source = vtkConeSource()
mapper = vtkPolyDataMapper()
mapper.SetInputConnection(source.GetOutputPort())
actor = vtkActor()
actor.SetMapper(mapper)
renderer = vtkRenderer()
renderer.AddActor(actor)
window = vtkRenderWindow()
window.AddRenderer(renderer)
rendered = []
window.AddObserver("EndEvent", lambda *_: rendered.append(1))
"""

FUNCTION = """
drawn = []
def picture(width, height):
    drawn.append((width, height))
    return np.full((height, width, 3), len(drawn) % 256, np.uint8)
"""


class Looker:
    """A client that looks at one picture."""

    def __init__(self, session: ClientSession) -> None:
        self.session = session
        self.frames: list[dict[str, Any]] = []
        self.acknowledges = True
        self.stream = 0
        listen(session, "jupyter.pictures.frame", self._on_frame)
        self._acks: set[asyncio.Task[Any]] = set()

    def _on_frame(self, frame: dict[str, Any]) -> None:
        self.frames.append(frame)
        if self.acknowledges and "number" in frame:
            self._acks.add(asyncio.ensure_future(self.ask("ack", frame["number"])))

    async def ask(self, what: str, *args: Any) -> Any:
        return await self.session.call(f"jupyter.pictures.{what}", self.stream, *args)

    async def open(self, name: str, *args: Any) -> None:
        await self.session.flush()
        answer = await self.session.call("jupyter.pictures.open", name, *args)
        assert answer["topic"] == "jupyter.pictures.frame"
        self.stream = answer["stream"]

    async def still(self) -> np.ndarray[Any, Any]:
        """Wait for a lossless frame."""
        await until(lambda: self.frames and self.frames[-1].get("lossless"), "a still")
        return pixels(self.frames[-1])

    async def close(self) -> None:
        await asyncio.gather(*self._acks)
        await self.ask("close")


def pixels(frame: dict[str, Any]) -> np.ndarray[Any, Any]:
    image = Image.open(io.BytesIO(frame["data"]))
    assert (image.format or "").lower() == frame["format"]
    assert image.size == (frame["width"], frame["height"])
    return np.asarray(image.convert("RGB"))


@asynccontextmanager
async def looking(
    kernel: Kernel, server: JupyterServer, *cells: str
) -> AsyncIterator[tuple[Console, Looker]]:
    async with (
        kernel.console() as console,
        connect(kernel.socket_url, token=server.token) as session,
    ):
        for cell in cells:
            await console.run(cell)
        looker = Looker(session)
        yield console, looker
        await looker.close()


def pointer(kind: str, x: float, y: float, **more: Any) -> dict[str, Any]:
    return {"event_type": f"pointer_{kind}", "x": x, "y": y, "width": 300, "height": 200, **more}


DRAG = [
    pointer("down", 150, 100, button=1, buttons=[1]),
    *(pointer("move", 150 + 5 * n, 100 + 2 * n, buttons=[1]) for n in range(10)),
    pointer("up", 195, 118, button=1),
]


@asynchronous
async def test_a_window_is_seen_turned_and_seen_again(
    kernel: Kernel, server: JupyterServer
) -> None:
    show = "view = wl.show(window, name='cone', title='Cone')"
    async with looking(kernel, server, WINDOW) as (console, looker):
        (png,) = (await console.run(show)).data("image/png")
        assert pixels_of_png(png).std() > 5
        view = await looker.session.call("jupyter.views.get", "cone")
        assert (view["kind"], view["title"]) == ("picture", "Cone")
        await looker.open("cone", 300, 200, 2)
        before = await looker.still()
        assert before.shape == (400, 600, 3)
        assert before.std() > 5
        # Motion comes first, and fast; the still after it.
        assert [frame["format"] for frame in looker.frames] == ["jpeg", "png"]

        looker.frames.clear()
        await looker.ask("event", DRAG)
        turned = await looker.still()
        assert abs(turned.astype(int) - before).max() > 30
        assert looker.frames[0]["format"] == "jpeg"

        # Hovering changes nothing, so nothing is drawn.
        count = await console.value("len(rendered)")
        await looker.ask("event", [pointer("move", 10, 10)])
        await asyncio.sleep(0.5)
        assert await console.value("len(rendered)") == count

        # Who renders in a cell is seen in the panel.
        looker.frames.clear()
        await console.run("renderer.SetBackground(0, 0, 1); window.Render()")
        blue = await looker.still()
        assert tuple(blue[0, 0]) == (0, 0, 255)
        await console.run("view.close()")


def pixels_of_png(text: str) -> np.ndarray[Any, Any]:
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(text))))


@asynchronous
async def test_wheel_and_keys_reach_the_interactor(kernel: Kernel, server: JupyterServer) -> None:
    cell = "view = wl.show(window, name='keys')\nkeys = []\n" + (
        "window.GetInteractor().AddObserver('KeyPressEvent',"
        " lambda iren, _: keys.append((iren.GetKeySym(), iren.GetShiftKey())))"
    )
    async with looking(kernel, server, WINDOW, cell) as (console, looker):
        await looker.open("keys", 300, 200)
        before = await looker.still()
        looker.frames.clear()
        wheel = {**pointer("move", 150, 100), "event_type": "wheel", "dx": 0, "dy": -300}
        await looker.ask("event", [wheel])
        assert abs((await looker.still()).astype(int) - before).max() > 30
        pressed = [
            {"event_type": "key_down", "key": "ArrowLeft", "modifiers": ["Shift"]},
            {"event_type": "key_down", "key": "w", "modifiers": []},
            {"event_type": "key_down", "key": "q", "modifiers": []},
        ]
        await looker.ask("event", pressed)
        expected = [("Left", 1), ("w", 0)]
        await until(lambda: has(console, "keys", expected), "the keys")
        await console.run("view.close()")


async def has(console: Console, expression: str, value: Any) -> bool:
    return bool(await console.value(expression) == value)


PLOTTER = """
import os
os.environ["VTK_DEFAULT_OPENGL_WINDOW"] = "vtkEGLRenderWindow"
import pyvista as pv
plotter = pv.Plotter({})
plotter.background_color = "white"
plotter.add_mesh(pv.Cone(), color="red")
view = wl.show(plotter, name="plotter")
"""


@pytest.mark.parametrize("arguments", ["", "off_screen=True"])
@asynchronous
async def test_a_plotter_is_seen_turned_and_seen_again(
    kernel: Kernel, server: JupyterServer, arguments: str
) -> None:
    async with looking(kernel, server, PLOTTER.format(arguments)) as (console, looker):
        await looker.open("plotter", 300, 200)
        before = (await looker.still()).astype(int)
        assert 1000 < (before[:, :, 0] - before[:, :, 1] > 100).sum() < 30_000  # red on white
        looker.frames.clear()
        await looker.ask("event", DRAG)
        assert abs(await looker.still() - before).max() > 30
        # What its own methods change is seen at once, with no call of `show` or `update`.
        looker.frames.clear()
        await console.run("_ = plotter.add_mesh(pv.Sphere(radius=0.6), color='lime')")
        after = (await looker.still()).astype(int)
        assert (after[:, :, 1] - after[:, :, 0] > 100).sum() > 1000
        await console.run("view.close()")


@asynchronous
async def test_each_panel_gets_pictures_of_its_own_size(
    kernel: Kernel, server: JupyterServer
) -> None:
    show = "view = wl.show(window, name='shared')"
    async with (
        looking(kernel, server, WINDOW, show) as (console, looker),
        connect(kernel.socket_url, token=server.token) as session,
    ):
        await looker.open("shared", 300, 200)
        other = Looker(session)
        await other.open("shared", 90, 400, 2)
        before = [await each.still() for each in (looker, other)]
        assert [each.shape for each in before] == [(200, 300, 3), (800, 180, 3)]
        for each in (looker, other):
            each.frames.clear()
        await looker.ask("event", DRAG)
        for each, still in zip((looker, other), before, strict=True):
            assert abs((await each.still()).astype(int) - still).max() > 30
        await other.close()
        await console.run("view.close()")


@asynchronous
async def test_nothing_is_drawn_for_who_does_not_look(
    kernel: Kernel, server: JupyterServer
) -> None:
    show = "view = wl.show(picture, name='unseen', run='thread')"
    async with looking(kernel, server, FUNCTION, show) as (console, looker):
        await looker.open("unseen", 30, 20, 1, False)
        await console.run("for _ in range(20):\n    view.update()\n    time.sleep(0.01)")
        assert await console.value("len(drawn)") == 1  # the saved notebook's
        await looker.ask("visible", True)
        assert (await looker.still()).shape == (20, 30, 3)
        await looker.ask("visible", False)
        count = await console.value("len(drawn)")
        await console.run("view.update(); time.sleep(0.3)")
        assert await console.value("len(drawn)") == count
        await looker.ask("visible", True)
        await looker.ask("resize", 50, 40, 2)
        await until(lambda: looker.frames[-1]["width"] == 100, "the new size")
        await console.run("view.close()")


@asynchronous
async def test_two_frames_wait_for_acknowledgement_and_no_more(
    kernel: Kernel, server: JupyterServer
) -> None:
    show = "view = wl.show(picture, name='slow', run='thread')"
    busy = "for _ in range(30):\n    view.update()\n    time.sleep(0.02)"
    async with looking(kernel, server, FUNCTION, show) as (console, looker):
        looker.acknowledges = False
        await looker.open("slow", 30, 20)
        # While a cell runs: the source is safe in a thread.
        await console.run(busy)
        assert [frame["number"] for frame in looker.frames] == [1, 2]
        assert await console.value("len(drawn)") == 3
        looker.acknowledges = True
        await looker.ask("ack", 2)
        await looker.still()
        looker.frames.clear()
        await console.run(busy)
        assert len(looker.frames) > 10
        await console.run("view.close()")


@asynchronous
async def test_an_error_is_told_and_the_next_change_tries_again(
    kernel: Kernel, server: JupyterServer
) -> None:
    cell = """
fails = False
def fragile():
    if fails:
        raise RuntimeError("no picture today")
    return np.zeros((4, 5), "u1")
view = wl.show(fragile, name='fragile')
"""
    async with looking(kernel, server) as (console, looker):
        shown = await console.run(cell)
        await looker.open("fragile", 30, 20)
        assert (await looker.still()).shape == (4, 5, 3)
        await console.run("fails = True; view.update()")
        await until(lambda: "error" in looker.frames[-1], "the error")
        assert looker.frames[-1]["error"] == "RuntimeError: no picture today"
        await shown.printed("no picture today", "stderr")
        looker.frames.clear()
        await console.run("fails = False; view.update()")
        await looker.still()
        await console.run("view.close()")


@asynchronous
async def test_who_leaves_is_drawn_for_no_more(kernel: Kernel, server: JupyterServer) -> None:
    show = "view = wl.show(picture, name='left', run='thread')"
    async with kernel.console() as console:
        await console.run(FUNCTION)
        await console.run(show)
        async with connect(kernel.socket_url, token=server.token) as session:
            looker = Looker(session)
            await looker.open("left", 30, 20)
            await looker.still()
            await asyncio.gather(*looker._acks)

        async def is_gone() -> bool:
            before = await console.value("len(drawn)")
            await console.run("view.update(); time.sleep(0.1)")
            return bool(await console.value("len(drawn)") == before)

        await until(is_gone, "no more drawing")
        await console.run("view.close()")


@asynchronous
async def test_mistakes_are_told_in_the_cell(kernel: Kernel) -> None:
    async with kernel.console() as console:
        await console.run(WINDOW)
        for cell, expected in [
            ("wl.show(lambda: None)", "expected a numpy array of uint8"),
            ("wl.show(lambda: np.zeros((4, 4, 3)))", "(255 * a).astype('u1')"),
            ("wl.show(lambda a, b, c: None)", "to return a picture, got <lambda>(a, b, c)"),
            ("wl.show(window, run='thread')", "expected 'main' for a VTK window"),
            ("wl.show(lambda: None, run='loop')", "run: expected 'main' or 'thread'"),
            ("wl.show('export default {}', run='main')", "run: expected none for an ES module"),
            ("wl.show('export default {}', name='m').update()", "update: expected a view of a"),
        ]:
            name, text = await console.fails(cell)
            assert name == "ViewError", cell
            assert expected in text
        name, _ = await console.fails("wl.show(lambda: 1 / 0)")
        assert name == "ZeroDivisionError"
