"""The link where there are no Unix sockets: loopback TCP, guarded by the handshake alone."""

from __future__ import annotations

import json
import socket

from support.jupyter import JupyterServer
from support.kernel import Kernel
from support.waiting import asynchronous

from wslink_jupyter.client import connect

# As on Windows, for the module that listens.
LOAD = """
import socket, types
import wslink_jupyter.kernel.listener as listener
names = {name: value for name, value in vars(socket).items() if name != "AF_UNIX"}
listener.socket = types.SimpleNamespace(**names)
%load_ext wslink_jupyter
import wslink_jupyter as wl
wl.expose(lambda b: bytes(reversed(b)), "reverse")
"""


@asynchronous
async def test_a_kernel_without_unix_sockets(server: JupyterServer) -> None:
    kernel = await Kernel.start(server)
    try:
        async with kernel.console() as console:
            await console.run(LOAD)
        (path,) = server.runtime_directory.glob(f"wslink-*{kernel.id}.json")
        place = json.loads(path.read_text())
        assert place["unix"] == ""
        async with connect(kernel.socket_url, token=server.token) as session:
            assert await session.call("reverse", bytes(range(256)) * 10_000) == (
                bytes(reversed(range(256))) * 10_000
            )
        with socket.create_connection(("127.0.0.1", place["port"])) as stranger:
            stranger.sendall(b"\x02\x00\x00\x00\x04{}")  # OPEN without the handshake
            stranger.settimeout(5)
            assert stranger.recv(1) == b""
    finally:
        await kernel.shut_down()
