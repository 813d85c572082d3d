# wslink's quickstart, with only the package name changed.
import asyncio

from wslink_jupyter import Server
from wslink_jupyter.protocols import WslinkServerProtocol
from wslink_jupyter.websocket import WslinkHandler, run_wslink


class MyProtocol(WslinkServerProtocol):
    def initialize(self):
        self.registerVtkWebProtocol(self)

    @Server.expose("my.hello")
    def hello(self, name):
        return f"Hello, {name}!"

    @Server.expose("my.add")
    def add(self, a, b):
        return a + b


class MyHandler(WslinkHandler):
    protocol_class = MyProtocol


async def main():
    await run_wslink(port=8080, host="127.0.0.1", ws=MyHandler, secret="wslink-secret")


if __name__ == "__main__":
    asyncio.run(main())
