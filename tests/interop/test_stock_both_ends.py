"""The unmodified npm client and a whole wslink server, which meet in a kernel."""

from __future__ import annotations

import hashlib

from interop.conftest import Npm
from support.kernel import PRELUDE, Kernel
from support.waiting import asynchronous

#: As the servers of wslink's documentation are written.
SERVER = (
    PRELUDE
    + """
from wslink import register as exportRpc
from wslink import schedule_callback
from wslink.websocket import LinkProtocol, ServerProtocol
class Mine(LinkProtocol):
    @exportRpc("mine.add")
    def add(self, numbers):
        return sum(numbers)
    @exportRpc("mine.same")
    def same(self, *args, **kwargs):
        return [list(args), kwargs]
    @exportRpc("mine.digest")
    def digest(self, data):
        import hashlib
        return [len(data), hashlib.sha256(data).hexdigest()]
    @exportRpc("mine.bytes")
    def bytes(self, size):
        return bytes(size)
    @exportRpc("mine.stream")
    def stream(self, count):
        if count:
            self.publish("mine.numbers", {"left": count})
            schedule_callback(0.01, self.stream, count - 1)
    @exportRpc("mine.streamed")
    async def streamed(self, count):
        for _ in range(count + 2):
            await asyncio.sleep(0.02)
        return "all"
    @exportRpc("mine.fail")
    def fail(self):
        raise ValueError("no such luck")
    @exportRpc("mine.unsendable")
    def unsendable(self):
        return object()
class Server(ServerProtocol):
    def initialize(self):
        self.registerLinkProtocol(Mine())
        self.updateSecret("not the client's")
_ = wl.expose(Server, "mine")
"""
)


@asynchronous
async def test_the_client_calls_uploads_and_subscribes(kernel: Kernel, npm: Npm) -> None:
    async with kernel.console() as console:
        await console.run(SERVER)
    story = await npm(
        ["subscribe", "mine.numbers"],
        ["call", "mine.add", [[1, 2, 3, 4, 5]]],
        ["call", "mine.same", [1, "zwölf"], {"key": [None, True]}],
        ["call", "mine.digest", [{"$random": 9_000_000}]],
        ["call", "mine.bytes", [9_000_000]],
        ["call", "mine.stream", [5]],
        ["call", "mine.streamed", [5]],
        ["call", "mine.fail"],
        ["call", "mine.unsendable"],
        ["call", "mine.nothing"],
        endpoint="mine",
    )
    results = [reply.get("result") for reply in story.replies[:6]]
    assert results[0] == 15
    assert results[1] == [[1, "zwölf"], {"key": [None, True]}]
    assert results[2][0] == 9_000_000
    zeros = hashlib.sha256(bytes(9_000_000)).hexdigest()
    assert results[3] == {"$sha256": zeros, "size": 9_000_000}
    assert results[4] is None
    assert results[5] == "all"
    assert story.heard["mine.numbers"] == [{"left": left} for left in (5, 4, 3, 2, 1)]
    failed, unsendable, unknown = (reply["error"] for reply in story.replies[6:])
    assert (failed["code"], failed["message"]) == (-32001, "Exception raised")
    assert failed["data"]["exception"] == "ValueError('no such luck')"
    assert (unsendable["code"], unsendable["data"]) == (-32002, "mine.unsendable")
    assert (unknown["code"], unknown["data"]) == (-32601, "mine.nothing")


@asynchronous
async def test_a_client_that_leaves_leaves_the_server_to_the_next(kernel: Kernel, npm: Npm) -> None:
    async with kernel.console() as console:
        await console.run(SERVER)
    first = await npm(["call", "mine.add", [[1]]], ["destroy", 60], endpoint="mine")
    second = await npm(["call", "mine.add", [[2]]], endpoint="mine")
    assert (first.replies[0]["result"], second.replies[0]["result"]) == (1, 2)
