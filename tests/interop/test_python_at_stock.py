"""Our Python client at a real stock wslink server: what only ours have is not asked for."""

from __future__ import annotations

import asyncio
import hashlib

import numpy as np
import pytest
from interop.command_line_server import StockServer
from support.waiting import asynchronous, soon

import wslink_jupyter as wl
from wslink_jupyter.errors import (
    AuthenticationFailed,
    CannotConnect,
    DeadlineExceeded,
    MethodNotFound,
    NotSerializable,
    ProcedureRaised,
)

MIB = 1024 * 1024


@asynchronous
async def test_calls_with_arguments_keywords_and_binary(stock: StockServer) -> None:
    async with wl.connect(stock.url, secret=stock.secret) as session:
        assert session.hello.keys() == {"clientID", "maxMsgSize"}
        assert await session.call("stock.echo") == [[], {}]
        assert await session.call("stock.echo", 1, "two", größe=None) == [
            [1, "two"],
            {"größe": None},
        ]
        for value in (None, True, 0.5, "漢字 🥁", b"\xde\xad", {"a": [b""]}, 2**53 - 1):
            assert await session.call("stock.same", value) == value
        # A stock server hands back the map that an array is on the wire.
        array = await session.call("stock.same", np.arange(6, dtype="<f4").reshape(2, 3))
        assert np.array_equal(array, np.arange(6).reshape(2, 3))
        answers = await asyncio.gather(*(session.call("stock.same", n) for n in range(100)))
        assert answers == list(range(100))


@asynchronous
async def test_100_megabytes_up_and_down(stock: StockServer) -> None:
    size = 100_000_000
    async with wl.connect(stock.url, secret=stock.secret) as session:
        data = np.random.default_rng(1).bytes(size)
        digest = hashlib.sha256(data).hexdigest()
        assert await session.call("stock.digest", data) == [size, digest]
        assert await session.call("stock.make", size) == bytes(size)


@asynchronous
async def test_errors_are_classes_and_say_what_it_was(stock: StockServer) -> None:
    async with wl.connect(stock.url, secret=stock.secret) as session:
        with pytest.raises(MethodNotFound, match=r"Unregistered method called: no\.such"):
            await session.call("no.such")
        with pytest.raises(ProcedureRaised, match=r"ValueError\('no such luck'\)"):
            await session.call("stock.fail")
        with pytest.raises(ProcedureRaised, match=r"same\(\) missing 1 required .*'value'"):
            await session.call("stock.same")
        with pytest.raises(NotSerializable, match=r"stock\.unsendable"):
            await session.call("stock.unsendable")
        assert await session.call("stock.same", "still here") == "still here"


@asynchronous
async def test_topics_are_heard_from_the_subscription_to_its_end(stock: StockServer) -> None:
    async with wl.connect(stock.url, secret=stock.secret) as session:
        await session.call("stock.announce", 1)
        await session.call("stock.same", 0)  # behind what a stock server publishes later
        async with session.subscribe("stock.news") as news:
            await session.call("stock.announce", 3)
            assert [await soon(anext(news)) for _ in range(3)] == [{"n": n} for n in range(3)]
        await session.call("stock.announce", 1)
        with pytest.raises(StopAsyncIteration):
            await anext(news)
        await session.flush()
        assert await session.call("stock.same", 1) == 1
    assert "wslink_jupyter" not in stock.log  # it would complain of what it does not know


@asynchronous
async def test_a_call_that_is_given_up_harms_nothing(stock: StockServer) -> None:
    async with wl.connect(stock.url, secret=stock.secret) as session:
        with pytest.raises(DeadlineExceeded):
            await session.call("stock.digest", bytes(30_000_000), timeout_s=0.001)
        assert await session.call("stock.same", 1) == 1


@asynchronous
async def test_close_is_answered(stock: StockServer) -> None:
    async with wl.connect(stock.url, secret=stock.secret) as session:
        pass
    assert (await session.closed()).code == 1000
    with pytest.raises(wl.ConnectionClosed, match="closed by this client"):
        await session.call("stock.same", 1)


@pytest.mark.parametrize("secret", ["", "wrong", "gk secret "])
@asynchronous
async def test_a_wrong_secret_is_said_to_be_one(stock: StockServer, secret: str) -> None:
    expected = r"ws://.*/ws: expected the secret of this server \(pass secret=…\), got another"
    with pytest.raises(AuthenticationFailed, match=expected):
        async with wl.connect(stock.url, secret=secret):
            pass


@pytest.mark.parametrize("path", ["", "index.html", "no/such/file"])
@asynchronous
async def test_what_is_no_socket_is_said_to_be_none(stock: StockServer, path: str) -> None:
    url = f"http://127.0.0.1:{stock.port}/{path}"
    with pytest.raises(CannotConnect, match="expected the WebSocket of a wslink server") as raised:
        async with wl.connect(url):
            pass
    assert raised.value.status in (None, 302, 404)
