"""A kernel whose configuration loads the extension, before any cell."""

from __future__ import annotations

import asyncio
from pathlib import Path

from support.jupyter import JupyterServer
from support.kernel import Kernel
from support.waiting import asynchronous, until

import wslink_jupyter as wl

#: The kernel has no loop yet while it runs these lines; the last waits for a call to be made.
_CONFIGURATION = """
c = get_config()
c.InteractiveShellApp.extensions = ['wslink_jupyter']
c.InteractiveShellApp.exec_lines = [
    'import pathlib, time, wslink_jupyter as wl',
    'wl.expose(lambda: 42, "early.answer")',
    'pathlib.Path("{exposed}").touch()',
    'while not wl.sessions() or not wl.sessions()[0].calls: time.sleep(0.01)',
]
"""


@asynchronous
async def test_extension_of_the_configuration_is_there_before_the_first_cell(
    tmp_path: Path,
) -> None:
    exposed = tmp_path / "exposed"
    profile = tmp_path / "server" / "ipython" / "profile_default"
    profile.mkdir(parents=True)
    (profile / "ipython_kernel_config.py").write_text(_CONFIGURATION.format(exposed=exposed))
    server = JupyterServer(tmp_path / "server")
    server.start()
    try:
        starting = asyncio.create_task(Kernel.start(server))
        await until(exposed.exists, "the configuration's procedure")
        kernel_id = (await server.json("api/kernels"))[0]["id"]
        async with wl.connect(server.socket_url(kernel_id), token=server.token) as session:
            assert await session.call("early.answer") == 42
        kernel = await starting
        await kernel.shut_down()
    finally:
        server.stop()
