"""A kernel whose configuration loads the extension, before any cell."""

from __future__ import annotations

from pathlib import Path

from support.jupyter import JupyterServer
from support.kernel import Kernel
from support.waiting import asynchronous, until

from wslink_jupyter.client import connect


@asynchronous
async def test_extension_of_the_configuration_is_there_before_the_first_cell(
    tmp_path: Path,
) -> None:
    profile = tmp_path / "server" / "ipython" / "profile_default"
    profile.mkdir(parents=True)
    (profile / "ipython_kernel_config.py").write_text(
        "c = get_config()\n"
        "c.InteractiveShellApp.extensions = ['wslink_jupyter']\n"
        "c.InteractiveShellApp.exec_lines = ["
        "'import wslink_jupyter as wl', 'wl.expose(lambda: 42, \"early.answer\")']\n"
    )
    server = JupyterServer(tmp_path / "server")
    server.start()
    try:
        kernel = await Kernel.start(server)
        async with connect(kernel.socket_url, token=server.token) as session:
            await until(lambda: session.hello, "a session")
            assert await session.call("early.answer") == 42
        await kernel.shut_down()
    finally:
        server.stop()
