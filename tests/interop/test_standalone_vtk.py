"""VTK's own protocols, registered in the quickstart, and seen as vtk.js sees them."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from integration.test_pictures import WINDOW
from integration.test_viewport import RemoteView
from support.program import running
from support.waiting import PATIENCE_S, asynchronous

from wslink_jupyter.client import connect
from wslink_jupyter.errors import InvalidParams

_PROGRAM = (
    WINDOW
    + """
import asyncio
from vtkmodules.web import protocols
from wslink_jupyter import Server
from wslink_jupyter.protocols import WslinkServerProtocol
from wslink_jupyter.websocket import WslinkHandler, run_wslink

class Scene(WslinkServerProtocol):
    def initialize(self):
        self.registerVtkWebProtocol(self)
        self.registerVtkWebProtocol(protocols.vtkWebMouseHandler())
        self.registerVtkWebProtocol(protocols.vtkWebPublishImageDelivery())
        self.registerVtkWebProtocol(protocols.vtkWebViewPort())
        window.SetOffScreenRendering(True)
        self.getApplication().GetObjectIdMap().SetActiveObject("VIEW", window)

    @Server.expose("scene.paint")
    def paint(self, red, green, blue):
        renderer.SetBackground(red, green, blue)

class Handler(WslinkHandler):
    protocol_class = Scene

asyncio.run(run_wslink(port=0, ws=Handler, secret="s"))
"""
)


@asynchronous
async def test_a_window_is_seen_without_jupyter(tmp_path: Path) -> None:
    (tmp_path / "scene.py").write_text(_PROGRAM)
    async with running("scene.py", directory=tmp_path) as program:
        url = (await program.line()).removeprefix("wslink-jupyter serves ").partition(";")[0]
        async with connect(url, secret="s") as session:
            view = RemoteView(session)
            await view.open("-1")
            black = await view.picture()
            assert black[5, 5].max() < 20
            await session.call("scene.paint", 0, 0, 1)
            await view.ask("image.push.invalidate.cache", view.id)
            await view.ask("image.push", {"view": view.id, "size": [300, 200]})
            async with asyncio.timeout(PATIENCE_S):
                while (await view.picture())[5, 5, 2] <= 200:
                    pass  # one of before: VTK encodes in threads, on a busy machine late
            # It has no interactor: an error, and not the end of the program.
            with pytest.raises(InvalidParams):
                await view.mouse("down", 0.5, 0.5, 1)
            assert await session.call("scene.paint", 0, 0, 0) is None
        assert await program.interrupted() == (0, "", "")
