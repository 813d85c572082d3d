"""VTK's own procedures, as vtk.js calls them, against a real kernel."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import numpy as np
import pytest
from integration.test_pictures import FUNCTION, WINDOW
from PIL import Image
from support.jupyter import JupyterServer
from support.kernel import Console, Kernel
from support.listening import listen
from support.sockets import HELLO, SleepingClient, call, frame
from support.waiting import asynchronous, until

from wslink_jupyter.client import ClientSession, connect
from wslink_jupyter.errors import RpcError

TOPIC = "viewport.image.push.subscription"
SUCCESS = {"result": "success"}


class RemoteView:
    """Calls what vtk.js's class of this name does."""

    def __init__(self, session: ClientSession) -> None:
        self.session = session
        self.frames: list[dict[str, Any]] = []
        self.id = ""
        listen(session, TOPIC, self.frames.append)

    async def ask(self, what: str, *args: Any) -> Any:
        return await self.session.call(f"viewport.{what}", *args)

    async def open(self, view_id: Any) -> None:
        await self.session.flush()
        answer = await self.ask("image.push.observer.add", view_id)
        self.id = answer.pop("viewId")
        assert answer == {"success": True}
        assert self.id.isdigit()
        assert await self.ask("image.push.original.size", self.id, 300, 200) == SUCCESS
        assert await self.ask("image.push.invalidate.cache", self.id) == SUCCESS
        assert await self.ask("image.push", {"view": self.id, "size": [300, 200]}) is None

    async def picture(self, width: int = 300, height: int = 200) -> np.ndarray[Any, Any]:
        """Wait until no more frames come; return the last, of that size.

        VTK encodes in threads: a stale one is not yet of the size that it says.
        """
        count = -1
        while (
            count != len(self.frames)
            or self.frames[-1]["size"] != [width, height]
            or self.frames[-1]["stale"]
        ):
            count = len(self.frames)
            await asyncio.sleep(0.5)
        frame = self.frames[-1]
        assert frame["id"] == self.id
        assert frame["memsize"] == len(frame["image"])
        image = Image.open(io.BytesIO(frame["image"]))
        assert (image.format, frame["format"]) == ("JPEG", "jpeg")
        assert image.size == (width, height)
        return np.asarray(image.convert("RGB")).astype(int)

    async def mouse(self, action: str, x: float, y: float, left: int) -> None:
        names = ("buttonMiddle", "buttonRight", "shiftKey", "altKey", "ctrlKey", "metaKey")
        event = {"action": action, "x": x, "y": y, "buttonLeft": left, "view": self.id}
        await self.ask("mouse.interaction", {**event, **dict.fromkeys(names, 0)})

    async def drag(self, steps: int = 12) -> None:
        """Move as a hand does: every move says "down"."""
        for step in range(steps):
            await self.mouse("down", 0.5 + step / 40, 0.5 + step / 80, 1)

    async def release(self) -> None:
        await self.mouse("up", 0.8, 0.7, 0)


@asynccontextmanager
async def viewing(
    kernel: Kernel, server: JupyterServer, view_id: Any, *cells: str
) -> AsyncIterator[tuple[Console, RemoteView]]:
    async with (
        kernel.console() as console,
        connect(kernel.socket_url, token=server.token) as session,
    ):
        for cell in cells:
            await console.run(cell)
        view = RemoteView(session)
        await view.open(view_id)
        yield console, view
        await console.run("view.close()")


@asynchronous
async def test_a_window_is_seen_and_turned_and_then_the_kernel_is_idle(
    kernel: Kernel, server: JupyterServer
) -> None:
    show = "view = wl.show(window, name='cone')"
    async with viewing(kernel, server, "-1", WINDOW, show) as (console, view):
        before = await view.picture()
        assert before.std() > 5
        view.frames.clear()
        assert await view.ask("image.push.quality", view.id, 40, 0.5) == SUCCESS
        await view.drag()
        await until(lambda: view.frames, "frames of the drag")
        assert await view.ask("image.push.quality", view.id, 100, 1) == SUCCESS
        await view.release()
        await view.ask("image.push", {"view": view.id})
        after = await view.picture()
        assert view.frames[0]["size"] == [150, 100]
        assert abs(after - before).max() > 30
        # No animation goes on.
        count = await console.value("len(rendered)")
        await asyncio.sleep(0.3)
        assert await console.value("len(rendered)") == count

        view.frames.clear()
        camera = await view.ask("camera.get", view.id)
        wheel = {"action": "up", "x": 0.5, "y": 0.5, "view": view.id}
        await view.ask("mouse.zoom.wheel", {"type": "StartMouseWheel", "spinY": -1, **wheel})
        await view.ask("mouse.zoom.wheel", {"type": "EndMouseWheel", "view": view.id})
        await view.picture()
        near = await view.ask("camera.get", -1)
        assert distance(near) < distance(camera)
        assert near["id"] == view.id

        # What vtk.js calls with a camera of its own.
        await view.ask("camera.update", view.id, [0, 0, 0], [0, 1, 0], [0, 0, 20], False)
        assert distance(await view.ask("camera.get", view.id)) == pytest.approx(20)
        assert await view.ask("camera.reset", view.id) == view.id
        assert distance(await view.ask("camera.get", view.id)) < 10


def distance(camera: dict[str, Any]) -> float:
    return float(np.linalg.norm(np.subtract(camera["position"], camera["focalPoint"])))


@asynchronous
async def test_an_animation_ends_when_it_is_stopped_and_its_rate_is_limited(
    kernel: Kernel, server: JupyterServer
) -> None:
    show = "view = wl.show(window, name='moving')"
    async with viewing(kernel, server, "moving", WINDOW, show) as (console, view):
        await view.picture()
        await view.ask("image.animation.fps.max", 20)
        assert await view.ask("image.animation.fps.get") == pytest.approx(20)
        view.frames.clear()
        await view.ask("image.animation.start", view.id)
        await until(lambda: len(view.frames) > 5, "frames of what stands still")
        await view.ask("image.animation.stop", view.id)
        await view.picture()
        # Hidden, it gets none.
        await view.ask("image.push.enabled", view.id, False)
        view.frames.clear()
        await console.run("for _ in range(10):\n    window.Render()")
        await asyncio.sleep(0.3)
        assert view.frames == []


@asynchronous
async def test_who_stops_to_observe_gets_nothing_and_who_leaves_is_drawn_for_no_more(
    kernel: Kernel, server: JupyterServer
) -> None:
    show = "view = wl.show(window, name='left')"
    async with viewing(kernel, server, "left", WINDOW, show) as (console, view):
        await view.picture()
        # As often as it was added.
        await view.ask("image.push.observer.add", view.id)
        assert await view.ask("image.push.observer.remove", view.id) == SUCCESS
        view.frames.clear()
        await console.run("window.Render()")
        await view.picture()
        assert await view.ask("image.push.observer.remove", view.id) == SUCCESS
        error = {"error": f"Unable to find subscription for view {view.id}"}
        assert await view.ask("image.push.observer.remove", view.id) == error
        assert await view.ask("image.push.original.size", view.id, 30, 20) == error
        await view.ask("image.push", {"view": view.id})

        async with connect(kernel.socket_url, token=server.token) as session:
            other = RemoteView(session)
            await other.open(view.id)
            await other.ask("image.animation.start", other.id)
            await until(lambda: len(other.frames) > 3, "frames")
            await other.drag(3)  # and it is not let go
        await until(lambda: is_idle(console), "no more drawing")
        # Its button was released: moving the mouse turns nothing.
        camera = await view.ask("camera.get", view.id)
        await view.mouse("up", 0.1, 0.1, 0)
        await view.mouse("up", 0.9, 0.3, 0)
        await console.run("pass")
        assert await view.ask("camera.get", view.id) == camera
        count = await console.value("len(rendered)")
        await console.run("window.Render()")
        await asyncio.sleep(0.3)
        assert await console.value("len(rendered)") == count + 1


async def is_idle(console: Console) -> bool:
    before = await console.value("len(rendered)")
    await asyncio.sleep(0.3)
    return bool(await console.value("len(rendered)") == before)


@asynchronous
async def test_for_a_stock_client_that_does_not_read_no_more_than_two_frames_wait(
    kernel: Kernel, server: JupyterServer
) -> None:
    show = "view = wl.show(window, name='slept')"
    async with viewing(kernel, server, "slept", WINDOW, show) as (console, view):
        await view.picture()
        sleeper = await SleepingClient.open(server, kernel.socket_url)
        await sleeper.send(frame(HELLO))
        for number, (what, *args) in enumerate(
            [
                ("image.push.observer.add", "-1"),
                ("image.push.original.size", "-1", 1500, 1500),
                ("image.animation.start", "-1"),
            ],
            1,
        ):
            await sleeper.send(frame(call(number, f"viewport.{what}", *args)))

        async def has_sent() -> bool:
            return bool((await kernel.sessions())[-1]["sent_messages"] > 10)

        await until(has_sent, "frames that are on the way")
        await until(lambda: is_idle(console), "no more drawing")
        session = (await kernel.sessions())[-1]
        assert 0 < session["queued_messages"] <= 2
        sleeper.close()


@asynchronous
async def test_a_view_that_is_shown_again_goes_on_and_one_that_is_closed_ends(
    kernel: Kernel, server: JupyterServer
) -> None:
    show = "view = wl.show(window, name='again')"
    async with viewing(kernel, server, "again", WINDOW, show) as (console, view):
        await view.picture()
        # Not one of VTK, and so not the last that -1 means.
        await console.run(FUNCTION + "other = wl.show(picture, name='function')")
        view.frames.clear()
        await console.run(WINDOW + "renderer.SetBackground(0, 0, 1)\n" + show)
        assert (await view.picture())[0, 0, 2] > 240
        assert (await view.ask("camera.get"))["id"] == view.id
        for unknown in ("function", "999", [1]):
            with pytest.raises(RpcError, match=r"expected the id of a window.*'again'"):
                await view.ask("image.push", {"view": unknown})
        await console.run("view.close(); other.close()")
        with pytest.raises(RpcError, match="none is shown"):
            await view.ask("mouse.interaction", {"action": "up", "x": 0, "y": 0})
        view.frames.clear()
        await console.run("window.Render()")
        await asyncio.sleep(0.3)
        assert view.frames == []


@asynchronous
async def test_procedures_of_the_user_go_first(kernel: Kernel, server: JupyterServer) -> None:
    own = """
class Own:
    @wl.procedure("viewport.camera.get")
    def get(self, view_id=-1):
        return "mine"
own = wl.expose(Own(), "viewport")
view = wl.show(window, name='own')
"""
    async with viewing(kernel, server, "own", WINDOW, own) as (console, view):
        assert await view.ask("camera.get", "own") == "mine"
        await console.run("wl.unexpose('viewport')")
        assert (await view.ask("camera.get", "own"))["id"] == view.id
