"""VTK's own protocols, exposed, against a real kernel and a window off screen."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from integration.test_pictures import WINDOW
from integration.test_viewport import SUCCESS, RemoteView, is_idle
from support.jupyter import JupyterServer
from support.kernel import Console, Kernel
from support.listening import listen
from support.sockets import HELLO, SleepingClient, call, frame
from support.waiting import asynchronous, until

from wslink_jupyter.client import connect
from wslink_jupyter.errors import InvalidParams, RpcError

#: A window without interactor, and everything of ``vtkmodules.web.protocols`` that shows one.
PROTOCOLS = """
from vtkmodules.web import protocols
window.SetOffScreenRendering(True)
mouse = wl.expose(protocols.vtkWebMouseHandler(), "mouse")
images = wl.expose(protocols.vtkWebPublishImageDelivery(), "images")
port = wl.expose(protocols.vtkWebViewPort(), "port")
app = mouse.getApplication()
app.GetObjectIdMap().SetActiveObject("VIEW", window)
"""

INTERACTOR = """
from vtkmodules.vtkInteractionStyle import vtkInteractorStyleTrackballCamera
from vtkmodules.vtkRenderingUI import vtkGenericRenderWindowInteractor
interactor = vtkGenericRenderWindowInteractor()
interactor.SetRenderWindow(window)
interactor.SetInteractorStyle(vtkInteractorStyleTrackballCamera())
interactor.Initialize()
"""

UNEXPOSE = """
bound = get_ipython().wslink_jupyter_extension.runtime.default.registry.bindings()
for name in {"mouse", "images", "port", "local", "files", "requested"} & bound.keys():
    wl.unexpose(name)
assert images.trackingViews == {} and images.viewsInAnimations == []
assert not any(app.HasObserver(name) for name in events)
"""

PICTURES = """
for number in range(100):
    images.publish(
        "viewport.image.push.subscription", {"id": "1", "image": os.urandom(1_000_000)})
"""

EVENTS = "events = ('UpdateEvent', 'StartInteractionEvent', 'EndInteractionEvent')\n"


@asynccontextmanager
async def serving(kernel: Kernel, *cells: str) -> AsyncIterator[Console]:
    """Run cells, and take everything away that they expose; nothing may go on then."""
    async with kernel.console() as console:
        for cell in (EVENTS, *cells):
            await console.run(cell)
        try:
            yield console
        finally:  # other tests use this kernel
            await console.run(UNEXPOSE)
        await until(lambda: is_idle(console), "no more drawing")


@asynccontextmanager
async def looking(kernel: Kernel, server: JupyterServer) -> AsyncIterator[RemoteView]:
    async with connect(kernel.socket_url, token=server.token) as session:
        yield RemoteView(session)


async def entries(console: Console) -> tuple[list[str], dict[str, int]]:
    """Return which views are animated, and how often each is observed."""
    observed = "{key: view['observerCount'] for key, view in images.trackingViews.items()}"
    animated, counts = await console.value(f"(images.viewsInAnimations, {observed})")
    return animated, counts


@asynchronous
async def test_a_window_is_seen_and_turned_and_then_the_kernel_is_idle(
    kernel: Kernel, server: JupyterServer
) -> None:
    async with (
        serving(kernel, WINDOW, INTERACTOR, PROTOCOLS) as console,
        looking(kernel, server) as view,
    ):
        await view.open("-1")
        before = await view.picture()
        assert before.std() > 5
        view.frames.clear()
        assert await view.ask("image.push.quality", view.id, 40, 0.5) == SUCCESS
        await view.drag(12)
        # One animation, however many moves there were.
        assert await entries(console) == ([view.id], {view.id: 1})
        await until(lambda: [150, 100] in [each["size"] for each in view.frames], "small frames")
        await view.release()
        assert await entries(console) == ([], {view.id: 1})
        assert await view.ask("image.push.quality", view.id, 100, 1) == SUCCESS
        await view.ask("image.push", {"view": view.id})
        after = await view.picture()
        assert abs(after - before).max() > 30
        assert await is_idle(console)

        wheel = {"x": 0.5, "y": 0.5, "view": view.id}
        for _ in range(3):
            await view.ask("mouse.zoom.wheel", {"type": "StartMouseWheel", "spinY": 1, **wheel})
        assert await entries(console) == ([view.id], {view.id: 1})
        for _ in range(3):
            await view.ask("mouse.zoom.wheel", {"type": "EndMouseWheel", "view": view.id})
        assert await entries(console) == ([], {view.id: 1})
        view.frames.clear()
        await view.ask("image.push", {"view": view.id})
        await until(lambda: view.frames, "a picture from farther away")
        assert abs(await view.picture() - after).max() > 30
        assert await view.ask("camera.reset", view.id) == view.id
        await view.ask("camera.update", view.id, [0, 0, 0], [0, 1, 0], [0, 0, 20])
        position = await console.value("renderer.GetActiveCamera().GetPosition()")
        assert np.allclose(position, [0, 0, 20])


@asynchronous
async def test_a_mouse_on_a_window_without_interactor_is_an_error_and_the_kernel_lives(
    kernel: Kernel, server: JupyterServer
) -> None:
    async with (
        serving(kernel, WINDOW, PROTOCOLS) as console,
        looking(kernel, server) as view,
    ):
        await view.open("-1")
        pid = await console.value("os.getpid()")
        for _ in range(2):
            with pytest.raises(InvalidParams, match="expected a render window with an interactor"):
                await view.drag(1)
        assert await console.value("os.getpid()") == pid
        await console.run(INTERACTOR)
        await view.drag(2)
        # It may lose it again, while the mouse is down.
        await console.run("window.SetInteractor(None)")
        with pytest.raises(InvalidParams):
            await view.release()
        await view.session.close()
        await until(lambda: is_idle(console), "no more drawing")
        assert await console.value("os.getpid()") == pid


@asynchronous
async def test_without_a_view_calls_are_errors(kernel: Kernel, server: JupyterServer) -> None:
    no_view = "app.GetObjectIdMap().SetActiveObject('VIEW', None)"
    async with (
        serving(kernel, WINDOW, PROTOCOLS, no_view) as console,
        looking(kernel, server) as view,
    ):
        calls: list[tuple[str, Any]] = [
            ("image.push.observer.add", "-1"),
            ("image.push.observer.remove", "-1"),
            ("image.push", {"view": "-1"}),
            ("image.animation.start", "-1"),
            ("camera.reset", "-1"),
            ("mouse.interaction", {"view": "-1", "action": "down"}),
        ]
        for what, argument in calls:
            with pytest.raises(RpcError, match="no view provided"):
                await view.ask(what, argument)
        assert await entries(console) == ([], {})


LEFT = [
    pytest.param("mouse, images, port", id="mouse first"),
    pytest.param("images, mouse, port", id="images first"),
]


@pytest.mark.parametrize("order", LEFT)
@asynchronous
async def test_a_tab_that_is_closed_in_a_drag_leaves_nothing_behind(
    kernel: Kernel, server: JupyterServer, order: str
) -> None:
    expose = f"for each in ({order}):\n    wl.unexpose(each.name)\n    wl.expose(each, each.name)"
    names = "for each, each.name in zip((mouse, images, port), ('mouse', 'images', 'port')): pass"
    async with serving(kernel, WINDOW, INTERACTOR, PROTOCOLS, names, expose) as console:
        async with looking(kernel, server) as stays:
            await stays.open("-1")
            await stays.picture()
            async with looking(kernel, server) as leaves:
                await leaves.open("-1")
                await leaves.ask("image.push.observer.add", leaves.id)
                await leaves.ask("image.animation.start", leaves.id)
                await leaves.ask("image.animation.start", leaves.id)
                wheel = {"type": "StartMouseWheel", "spinY": 0, "view": leaves.id}
                await leaves.ask("mouse.zoom.wheel", wheel)
                await leaves.drag(3)
                animated, counts = await entries(console)
                assert animated == [leaves.id] * 4
                assert counts == {leaves.id: 3}

            async def has_left() -> bool:
                return await entries(console) == ([], {stays.id: 1})

            await until(has_left, "nothing of the tab that was closed")
            await until(lambda: is_idle(console), "no more drawing")
            # The button was released: moving the mouse turns nothing.
            position = await console.value("renderer.GetActiveCamera().GetPosition()")
            for x in (0.1, 0.9):
                await stays.mouse("up", x, 0.3, 0)
            assert await console.value("renderer.GetActiveCamera().GetPosition()") == position
            # Who stays is still served.
            stays.frames.clear()
            await console.run("app.InvalidateCache(window); app.InvokeEvent('UpdateEvent')")
            await until(lambda: stays.frames, "a picture for who stays")
            await stays.drag(3)

        async def is_empty() -> bool:
            return await entries(console) == ([], {})

        await until(is_empty, "nothing of anybody")
        assert not await console.value("any(app.HasObserver(name) for name in events)")
        async with looking(kernel, server) as again:
            await again.open("-1")
            assert await entries(console) == ([], {again.id: 1})


@asynchronous
async def test_a_connection_that_is_lost_leaves_nothing_behind_and_was_sent_the_newest_pictures(
    kernel: Kernel, server: JupyterServer
) -> None:
    async with serving(kernel, WINDOW, PROTOCOLS) as console:
        lost = await SleepingClient.open(server, kernel.socket_url)
        await lost.send(frame(HELLO))
        for number, what in enumerate(["image.push.observer.add", "image.animation.start"], 1):
            await lost.send(frame(call(number, f"viewport.{what}", "-1")))

        view_id = await console.value("str(images.getGlobalId(window))")

        async def observes() -> bool:
            return await entries(console) == ([view_id], {view_id: 1})

        await until(observes, "the animation")
        await console.run(PICTURES)

        async def has_the_newest() -> bool:
            session = (await kernel.sessions())[-1]
            return bool(session["coalesced_messages"] > 50 and session["queued_messages"] <= 2)

        await until(has_the_newest, "one picture that waits")
        lost.close()

        async def has_left() -> bool:
            return await entries(console) == ([], {})

        await until(has_left, "nothing of the connection")
        await until(lambda: is_idle(console), "no more drawing")


@asynchronous
async def test_nobody_takes_away_what_another_observes(
    kernel: Kernel, server: JupyterServer
) -> None:
    # One that the user's own code has started goes on.
    own = "images.startViewAnimation('-1')"
    async with serving(kernel, WINDOW, PROTOCOLS, own) as console:
        async with looking(kernel, server) as one, looking(kernel, server) as other:
            await one.open("-1")
            error = {"error": f"Unable to find subscription for view {one.id}"}
            assert await other.ask("image.push.observer.remove", "-1") == error
            await other.open("-1")
            assert await entries(console) == ([one.id], {one.id: 2})
            await other.ask("image.animation.start", "-1")
            await other.ask("image.animation.stop", "-1")
            assert await other.ask("image.push.observer.remove", "-1") == SUCCESS
            assert await other.ask("image.push.observer.remove", "-1") == error
            assert await one.ask("image.push.observer.remove", "-1") == SUCCESS
            assert await entries(console) == ([one.id], {})

        async def have_left() -> bool:
            return not await kernel.sessions()

        await until(have_left, "no clients")
        assert await entries(console) == ([one.id], {})
        await console.run("images.stopViewAnimation('-1')")


@asynchronous
async def test_a_cell_that_is_run_again_replaces_the_protocols(
    kernel: Kernel, server: JupyterServer
) -> None:
    async with (
        serving(kernel, WINDOW, INTERACTOR, PROTOCOLS) as console,
        looking(kernel, server) as view,
    ):
        await view.open("-1")
        await view.ask("image.animation.start", "-1")
        await view.drag(2)
        await console.run("old, old_app = images, app\n" + WINDOW + INTERACTOR + PROTOCOLS)
        assert await console.value("(old.trackingViews, old.viewsInAnimations)") == ({}, [])
        assert await console.value("app is old_app")
        await until(lambda: is_idle(console), "no more drawing")
        view.frames.clear()
        await view.open("-1")
        await view.picture()
        assert await entries(console) == ([], {view.id: 1})


@asynchronous
async def test_geometry_pictures_on_request_and_files(
    kernel: Kernel, server: JupyterServer, tmp_path: Path
) -> None:
    (tmp_path / "some.vtp").touch()
    more = f"""
local = wl.expose(protocols.vtkWebLocalRendering(), "local")
files = wl.expose(protocols.vtkWebFileBrowser({str(tmp_path)!r}, "Home"), "files")
requested = wl.expose(protocols.vtkWebViewPortImageDelivery(), "requested")
"""
    async with serving(kernel, WINDOW, PROTOCOLS, more) as console:
        async with looking(kernel, server) as view:
            heard: list[Any] = []
            listen(view.session, "viewport.geometry.view.subscription", heard.append)
            await view.session.flush()
            answer = await view.ask("geometry.view.observer.add", "-1")
            await until(lambda: heard, "the scene")
            assert heard[0]["id"] == answer["viewId"]
            arrays = await console.value("list(local.context.dataArrayCache)")
            array = await view.ask("geometry.array.get", arrays[0], True)
            assert isinstance(array, bytes)
            assert array
            listing = await view.session.call("file.server.directory.list", ".")
            assert {"label": "some.vtp", "size": -1} in listing["files"]
            # Not both ways at once.
            still = {"view": "-1", "size": [120, 80]}
            with pytest.raises(InvalidParams, match="encodes pictures as base64"):
                await view.ask("image.render", still)
            await console.run("app.SetImageEncoding(app.ENCODING_BASE64)")
            answer_still = await view.ask("image.render", still)
            assert answer_still["size"] == [120, 80]
            assert base64.b64decode(answer_still["image"])[:3] == b"\xff\xd8\xff"
            assert await console.value("list(local.trackingViews)") == [answer["viewId"]]

        async def is_empty() -> bool:
            return bool(await console.value("local.trackingViews == {}"))

        await until(is_empty, "no observer of the geometry")


SERVER = """
from vtkmodules.web import protocols, wslink as vtk_wslink
class Cone(vtk_wslink.ServerProtocol):
    def initialize(self):
        self.registerVtkWebProtocol(protocols.vtkWebMouseHandler())
        self.registerVtkWebProtocol(protocols.vtkWebViewPort())
        self.images = protocols.vtkWebPublishImageDelivery(decode=False)
        self.registerVtkWebProtocol(self.images)
        self.getApplication().SetImageEncoding(0)
        self.getApplication().GetObjectIdMap().SetActiveObject("VIEW", window)
window.SetOffScreenRendering(True)
cone = wl.expose(Cone(), "cone_server")
images = cone.images
"""


@asynchronous
async def test_a_whole_server_of_vtk_is_looked_after_too(
    kernel: Kernel, server: JupyterServer
) -> None:
    url = server.socket_url(kernel.id, "cone_server")
    async with kernel.console() as console:
        await console.run(WINDOW + SERVER)
        async with connect(url, token=server.token) as session:
            view = RemoteView(session)
            await view.open("-1")
            await view.picture()
            with pytest.raises(RpcError, match="Exception raised"):
                await view.drag(1)
            await console.run(INTERACTOR)
            await view.drag(12)
            assert await entries(console) == ([view.id], {view.id: 1})
            await view.release()
            assert await entries(console) == ([], {view.id: 1})
            await view.ask("image.animation.start", view.id)
            await view.drag(3)

        async def is_empty() -> bool:
            return await entries(console) == ([], {})

        await until(is_empty, "nothing of the tab that was closed")
        await until(lambda: is_idle(console), "no more drawing")
        await console.run("wl.unexpose('cone_server')")
