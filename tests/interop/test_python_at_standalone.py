"""Our Python client at our own server without Jupyter: it has all that a kernel has."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from support.program import running
from support.waiting import asynchronous, soon

import wslink_jupyter as wl
from wslink_jupyter.errors import AuthenticationFailed, InvalidParams

PROGRAM = """
import asyncio
from wslink_jupyter import Server
from wslink_jupyter.protocols import WslinkServerProtocol
from wslink_jupyter.websocket import WslinkHandler, run_wslink

class Scale(WslinkServerProtocol):
    @Server.expose("my.scale")
    def scale(self, array, by):
        self.publish("my.scaled", array * by)
        return float(array.sum())

class Handler(WslinkHandler):
    protocol_class = Scale

asyncio.run(run_wslink(port=0, ws=Handler, secret="gk secret"))
"""


@asynchronous
async def test_calls_arrays_topics_and_errors(tmp_path: Path) -> None:
    path = tmp_path / "scale.py"
    path.write_text(PROGRAM)
    async with running(str(path), directory=tmp_path) as program:
        line = await program.line_with("wslink-jupyter serves")
        url = next(word.rstrip(",;") for word in line.split() if "://" in word)
        with pytest.raises(AuthenticationFailed, match="expected the secret of this server"):
            async with wl.connect(url, secret="wrong"):
                pass
        async with wl.connect(url, secret="gk secret") as session:
            assert session.hello["protocol"] == 1
            async with session.subscribe("my.scaled") as scaled:
                array = np.arange(3, dtype="<f4")
                assert await session.call("my.scale", array, by=2, timeout_s=20) == 3.0
                assert (await soon(anext(scaled))).tolist() == [0, 2, 4]
            with pytest.raises(InvalidParams, match=r"expected my\.scale\(array, by\)"):
                await session.call("my.scale", array)
        assert await program.interrupted() == (0, "", "")
