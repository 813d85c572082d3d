"""A stock application's protocols on our server without Jupyter; says where, then serves."""

from __future__ import annotations

import asyncio
import importlib
import sys
from pathlib import Path

from wslink_jupyter import Server
from wslink_jupyter.protocols import WslinkServerProtocol
from wslink_jupyter.websocket import WslinkHandler, run_wslink

sys.path.insert(0, str(Path(__file__).parents[1]))

from interop.apps import SECRET

MODULE = importlib.import_module(f"interop.{sys.argv[1]}")


class Application(WslinkServerProtocol):
    def initialize(self) -> None:
        self.setSharedObject("answer", 42)
        for protocol in MODULE.make_protocols():
            self.registerVtkWebProtocol(protocol)
            if hasattr(protocol, "show_in"):
                protocol.show_in(self.getApplication())

    @Server.expose("application.hello")
    def hello(self) -> str:
        return "of the server protocol"


class Handler(WslinkHandler):
    protocol_class = Application


if __name__ == "__main__":
    asyncio.run(run_wslink(port=0, ws=Handler, secret=SECRET))
