"""Our ``client.js``, as pages get it, at a real stock server and at a real kernel."""

from __future__ import annotations

import hashlib

import pytest
from interop.command_line_server import StockServer
from interop.javascript import Story, binary, random_bytes, run_client
from interop.test_python_at_others import Echo, Garbage, Leaving, Text, Version1, served
from support.jupyter import JupyterServer
from support.kernel import Kernel
from support.waiting import asynchronous
from tornado.web import RequestHandler

SIZE = 20_000_000
STEPS = [
    ["call", "stock.echo", [1, "two"], {"three": None}],
    ["call", "stock.same", [{"frames": [binary(b"\xde\xad"), binary(b"")]}]],
    ["call", "stock.digest", [{"$random": 2**20 + 1}]],
    ["call", "stock.digest", [{"$random": SIZE}]],
    ["call", "stock.make", [SIZE]],
    ["call", "no.such"],
    ["call", "stock.fail"],
    ["call", "stock.same"],
    ["call", "stock.unsendable"],
    ["call", "stock.announce", [1]],
    ["call", "stock.same", [0]],
    ["subscribe", "stock.news"],
    ["call", "stock.announce", [2]],
    ["call", "stock.same", [0]],
    ["unsubscribe", "stock.news"],
    ["call", "stock.announce", [3]],
    ["call", "stock.same", ["last"]],
    ["destroy", 10],
    ["lost"],
]


async def tell(url: str, secret: str = "") -> Story:
    """Run the steps, and check what is the same with both servers."""
    story = await run_client("ours", url, *STEPS, secret=secret)
    echo, same, small, large, made, *errors = story.replies[:9]
    assert echo["result"] == [[1, "two"], {"three": None}]
    assert same["result"] == {"frames": [binary(b"\xde\xad"), binary(b"")]}
    assert small["result"] == [2**20 + 1, hashlib.sha256(random_bytes(2**20 + 1)).hexdigest()]
    assert large["result"][0] == SIZE
    assert made["result"] == {"$sha256": hashlib.sha256(bytes(SIZE)).hexdigest(), "size": SIZE}
    assert [each["error"]["name"] for each in errors[:2]] == ["MethodNotFound", "ProcedureRaised"]
    assert errors[3]["error"]["name"] == "NotSerializable"
    assert story.heard == {"stock.news": [{"n": 0}, {"n": 1}]}
    assert story.replies[-1] == {"result": "last"}
    assert story.failure is None
    assert [code for code, _ in story.closes] == [1000]
    return story


@asynchronous
async def test_at_a_stock_server(stock: StockServer) -> None:
    story = await tell(stock.url, stock.secret)
    # What only ours have was not asked for: a stock server answers -32601 to it.
    assert not any("system:c0:1" in repr(each) for each in story.envelopes())
    missing, raised, arguments, unsendable = (reply["error"] for reply in story.replies[5:9])
    assert missing["message"] == "Unregistered method called: no.such"
    assert raised["message"] == "Exception raised: ValueError('no such luck')"
    assert "missing 1 required positional argument: 'value'" in arguments["message"]
    assert unsendable["message"] == "Method result cannot be serialized: stock.unsendable"


@asynchronous
async def test_at_a_kernel(kernel: Kernel, server: JupyterServer) -> None:
    story = await tell(f"{kernel.socket_url}?token={server.token}")
    assert "expected stock.same(value)" in story.replies[7]["error"]["message"]


@asynchronous
async def test_a_wrong_secret_is_said_to_be_one(stock: StockServer) -> None:
    story = await run_client("ours", stock.url, secret="wrong")
    assert story.failure == (
        "hello: expected the secret of this server, got another: Authentication failed"
    )


@pytest.mark.parametrize(
    ("handler", "got"),
    [
        (Text, "text in place of binary messages, as of wslink 1.x"),
        (Version1, "the end of the connection"),
        (Leaving, "going away"),
        (Garbage, "frame: expected at least 12 bytes, got 2"),
    ],
)
@asynchronous
async def test_what_is_no_wslink_2_server_is_said_to_be_none(
    handler: type[RequestHandler], got: str
) -> None:
    async with served(handler) as url:
        story = await run_client("ours", url)
    assert story.failure == (
        f"expected an answer to the hello, got {got}: is it a wslink 2 server?"
    )


@asynchronous
async def test_an_answer_to_the_hello_that_is_none_is_said_to_be_none() -> None:
    async with served(Echo) as url:
        story = await run_client("ours", url)
    assert story.failure == "hello: expected a map, got null - at $.result"


@asynchronous
async def test_a_page_and_nothing_are_no_sockets(stock: StockServer) -> None:
    for port in (stock.port, 9):
        story = await run_client("ours", f"http://127.0.0.1:{port}/index.html")
        assert story.failure == "the server did not accept the connection"
