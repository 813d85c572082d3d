"""Stock wslink's own command line: python command_line_program.py PORT SECRET CONTENT."""

import hashlib
import sys

from wslink import register, server
from wslink.websocket import LinkProtocol, ServerProtocol

PORT, SECRET, CONTENT = sys.argv[1:]


class Stock(LinkProtocol):
    """The procedures of `PROCEDURES`, as far as stock wslink has what they need."""

    @register("stock.echo")
    def echo(self, *args, **kwargs):
        return [list(args), kwargs]

    @register("stock.same")
    def same(self, value):
        return value

    @register("stock.digest")
    def digest(self, data):
        return [len(data), hashlib.sha256(data).hexdigest()]

    @register("stock.make")
    def make(self, size):
        return bytes(size)

    @register("stock.fail")
    def fail(self):
        raise ValueError("no such luck")

    @register("stock.unsendable")
    def unsendable(self):
        return {"a": [1, object()]}

    @register("stock.announce")
    def announce(self, count):
        for n in range(count):
            self.publish("stock.news", {"n": n})
        return count


class Protocol(ServerProtocol):
    def initialize(self):
        self.updateSecret(SECRET)
        self.registerLinkProtocol(Stock())


options = ["--port", PORT, "--host", "127.0.0.1", "--timeout", "0", "--content", CONTENT]
server.start(options, protocol=Protocol)
