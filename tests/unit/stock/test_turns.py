"""One client's calls of stock protocols: in turn, as stock wslink runs them."""

import asyncio
import threading
from contextlib import asynccontextmanager

from support.asynchronous import async_test, turns, until
from support.endpoints import served
from wslink import register
from wslink.websocket import LinkProtocol

from wslink_jupyter import Server, procedure
from wslink_jupyter.rpc.context import ActiveCall, current_call
from wslink_jupyter.stock.protocols import StockProtocols
from wslink_jupyter.stock.turns import Turns
from wslink_jupyter.wire.envelopes import Failure, Publication, Result


class Shop(LinkProtocol):
    def __init__(self):
        super().__init__()
        self.doors = {}

    @register("shop.wait")
    async def wait(self, door):
        self.doors[door] = asyncio.Event()
        await self.doors[door].wait()
        return door

    @register("shop.fail")
    async def fail(self):
        await asyncio.sleep(0)
        raise ValueError("closed")

    @register("shop.later")
    def later(self, value):
        return asyncio.ensure_future(asyncio.sleep(0, value))

    @register("shop.tell")
    def tell(self, value):
        self.publish("shop.news", value)
        return value


class Till(LinkProtocol):
    @procedure("till.open", run="thread")
    def open(self):
        return threading.current_thread() is not threading.main_thread()

    @Server.expose("till.close")
    def close(self):
        return "closed"

    @register("till.count")
    def count(self):
        return 7


@asynccontextmanager
async def shop():
    async with served(on_this_thread=True) as here:
        protocols = StockProtocols(here.endpoint, here.main_thread.run)
        made = Shop()
        for protocol in (made, Till()):
            protocols.expose(protocol, None, None, None)
        peer = here.converse()
        await peer.greet()
        yield here, made, peer


async def opened(made, door):
    await until(lambda: door in made.doors)
    made.doors[door].set()


@async_test
async def test_later_calls_wait_for_one_that_awaits_whatever_protocol_they_are_of():
    async with shop() as (here, made, peer):
        ids = [
            peer.call("shop.wait", "a"),
            peer.call("till.count"),
            peer.call("shop.wait", "b"),
            peer.call("shop.fail"),
            peer.call("shop.later", 3),
            peer.call("till.count"),
        ]
        other = here.converse()
        await other.greet()
        assert (await other.ask("till.count")).value == 7
        assert peer.hear_all() == []
        await opened(made, "a")
        assert [await peer.hear(), await peer.hear()] == [Result(ids[0], "a"), Result(ids[1], 7)]
        await turns(20)
        assert peer.hear_all() == []
        await opened(made, "b")
        assert await peer.hear() == Result(ids[2], "b")
        failure = await peer.hear()
        assert isinstance(failure, Failure)
        assert failure.id == ids[3]
        assert [await peer.hear(), await peer.hear()] == [Result(ids[4], 3), Result(ids[5], 7)]


@async_test
async def test_what_is_named_with_our_own_decorators_waits_for_nobody():
    async with shop() as (_, made, peer):
        first = peer.call("shop.wait", "a")
        assert (await peer.ask("till.open")).value is True
        assert (await peer.ask("till.close")).value == "closed"
        await opened(made, "a")
        assert await peer.hear() == Result(first, "a")


@async_test
async def test_the_result_of_a_call_that_waited_comes_before_what_it_published():
    async with shop() as (_, made, peer):
        first, second = peer.call("shop.wait", "a"), peer.call("shop.tell", 1)
        await opened(made, "a")
        heard = [await peer.hear() for _ in range(3)]
        assert heard == [Result(first, "a"), Result(second, 1), Publication("shop.news", 0, 1)]


@async_test
async def test_who_waits_behind_a_cancelled_call_goes_on_waiting_for_the_one_before():
    async with shop() as (here, made, _):
        peer = here.converse()
        await peer.greet(client="ours", protocol=1)
        first, second, third = (
            peer.call("shop.wait", "a"),
            peer.call("till.count"),
            peer.call("till.count"),
        )
        await turns(20)
        request = peer.request("wslink_jupyter.cancel", second)
        assert await peer.hear() == Result(request, True)
        cancelled = await peer.hear()
        assert isinstance(cancelled, Failure)
        assert cancelled.id == second
        await turns(20)
        assert peer.hear_all() == []
        await opened(made, "a")
        assert [await peer.hear(), await peer.hear()] == [Result(first, "a"), Result(third, 7)]


@async_test
async def test_one_that_returns_what_is_awaited_has_its_turn_at_once():
    async with shop() as (_, _, peer):
        later, count = peer.call("shop.later", 3), peer.call("till.count")
        assert [await peer.hear(), await peer.hear()] == [Result(later, 3), Result(count, 7)]


@async_test
async def test_a_turn_that_nobody_awaits_any_more_is_over():
    current_call.set(ActiveCall("c1", "1", print, print))
    mine = Turns()
    later, count = (mine.guard(lambda each=each: each)() for each in (Shop().later, Till().count))
    dropped = later(3)
    waits = count()
    del dropped
    assert await waits == 7
    await turns(5)
    assert count() == 7
