"""Stock wslink, publishing as the browser's `test_order.py` does: order_program.py PORT CONTENT."""

import asyncio
import sys

from wslink import register, server
from wslink.websocket import LinkProtocol, ServerProtocol

PORT, CONTENT = sys.argv[1:]
ROUNDS, SIZE = 30, 1 << 22


class Order(LinkProtocol):
    """Publishes to a page that has come: a large message, and three small ones at its heels."""

    def onConnect(self, request, client_id):  # noqa: N802
        self.publishing = asyncio.get_running_loop().create_task(self.publish_all())

    async def publish_all(self):
        await asyncio.sleep(1)  # until it listens
        for number in range(0, 4 * ROUNDS, 4):
            self.publish("order.value", {"number": number, "filling": bytes(SIZE)})
            for small in range(number + 1, number + 4):
                self.publish("order.value", {"number": small})
            await asyncio.sleep(0.05)

    @register("order.wait")
    async def wait(self):
        await asyncio.sleep(3600)


class Protocol(ServerProtocol):
    def initialize(self):
        self.updateSecret("wslink-secret")  # npm wslink's own
        self.registerLinkProtocol(Order())


options = ["--port", PORT, "--host", "127.0.0.1", "--timeout", "0", "--content", CONTENT]
server.start(options, protocol=Protocol)
