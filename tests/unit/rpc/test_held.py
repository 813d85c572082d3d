"""What a call held back, beside what is published meanwhile."""

import asyncio
import threading

import pytest
from support.asynchronous import async_test, turns, until
from support.endpoints import served

from wslink_jupyter.rpc.topics import TopicSettings
from wslink_jupyter.wire.envelopes import CANCEL_METHOD, Publication

MAX_HELD = "wslink_jupyter.rpc.context._MAX_HELD_BYTES"
PATIENCE = "wslink_jupyter.rpc.context._PATIENCE_S"


def values(replies):
    return [reply.value for reply in replies if isinstance(reply, Publication)]


async def stays_in_order(run, procedure_of):
    """Call a procedure while the loop stands still; return what the caller hears."""
    loop_may_go, stands_still = threading.Event(), threading.Event()
    async with served() as here:

        def stand_still():
            stands_still.set()
            assert loop_may_go.wait(10)

        procedure = procedure_of(here, stands_still, loop_may_go)
        here.expose(procedure, "f", run)
        peer = here.converse()
        await peer.greet(protocol=1)
        await peer.subscribe("t")
        peer.call("f")
        loop = asyncio.get_running_loop()
        await turns(5)  # the procedure is on its thread
        loop.call_soon(stand_still)
        heard = []
        await until(lambda: heard.extend(peer.hear_all()) or len(heard) == 4)
        return heard


@async_test
async def test_a_call_that_holds_too_much_keeps_the_order_of_what_it_published(monkeypatch):
    monkeypatch.setattr(MAX_HELD, 150)

    def procedure_of(here, stands_still, loop_may_go):
        def procedure():
            assert stands_still.wait(10)
            here.publish("t", 0)
            here.publish("t", 1)
            here.publish("t", bytes(200))  # lets go of the others
            loop_may_go.set()

        return procedure

    heard = await stays_in_order("thread", procedure_of)
    assert [reply.number for reply in heard if isinstance(reply, Publication)] == [0, 1, 2]


@async_test
async def test_a_call_that_goes_on_for_long_keeps_the_order_of_what_it_published(monkeypatch):
    def procedure_of(here, stands_still, loop_may_go):
        def procedure():
            assert stands_still.wait(10)
            here.publish("t", 0)
            here.publish("t", 1)
            monkeypatch.setattr(PATIENCE, -1.0)
            here.publish("t", 2)
            loop_may_go.set()

        return procedure

    heard = await stays_in_order("thread", procedure_of)
    assert [reply.number for reply in heard if isinstance(reply, Publication)] == [0, 1, 2]


@pytest.mark.parametrize("delivery", ["reliable", "latest"])
@async_test
async def test_the_caller_ends_with_the_newest_value_though_its_call_held_an_older(delivery):
    gate, published = threading.Event(), threading.Event()
    async with served() as here:
        here.endpoint.hub.configure("state", TopicSettings(delivery))

        def procedure():
            here.publish("state", "older")
            published.set()
            assert gate.wait(10)

        here.expose(procedure, "f", "thread")
        caller, other = here.converse(), here.converse()
        for peer in (caller, other):
            await peer.greet(protocol=1)
            await peer.subscribe("state")
        caller.call("f")
        await until(published.is_set)
        here.publish("state", "newer")
        await turns(3)
        gate.set()
        await until(lambda: caller.session.info.calls == 0)
        heard = [values(peer.hear_all()) for peer in (caller, other)]
        assert [each[-1] for each in heard] == ["newer", "newer"]


class Holding:
    """A call in a thread that has published one value, which it holds, and does not return yet."""

    def __init__(self, here):
        self.published, self.gate = threading.Event(), threading.Event()
        here.expose(lambda: self.run(here), "f", "thread")

    def run(self, here):
        here.publish("held", "older")
        self.published.set()
        assert self.gate.wait(10)
        return "done"


async def own_client(here, *topics):
    peer = here.converse()
    await peer.greet(protocol=1)
    await peer.subscribe(*topics)
    return peer


@async_test
async def test_newer_values_wait_behind_what_is_held_and_other_topics_do_not(monkeypatch):
    monkeypatch.setattr(PATIENCE, 1000.0)
    async with served() as here:
        call, caller = Holding(here), await own_client(here, "held", "free")
        caller.call("f")
        await until(call.published.is_set)
        for number in range(3):
            here.publish("held", number)
            here.publish("free", number)
        await turns(3)
        assert values(caller.hear_all()) == [0, 1, 2]
        call.gate.set()
        await until(lambda: caller.session.info.calls == 0)
        result, *others = caller.hear_all()
        assert result.value == "done"
        assert values(others) == ["older", 0, 1, 2]


@async_test
async def test_a_call_that_goes_on_for_long_holds_up_nobody(monkeypatch):
    async with served() as here:
        call, caller = Holding(here), await own_client(here, "held")
        caller.call("f")
        await until(call.published.is_set)
        monkeypatch.setattr(PATIENCE, -1.0)
        here.publish("held", "newer")
        await turns(3)
        assert values(caller.hear_all()) == ["older", "newer"]
        call.gate.set()
        assert (await caller.hear()).value == "done"


@async_test
async def test_too_much_behind_what_is_held_lets_it_go(monkeypatch):
    monkeypatch.setattr(PATIENCE, 1000.0)
    monkeypatch.setattr(MAX_HELD, 300)
    async with served() as here:
        call, caller = Holding(here), await own_client(here, "held")
        caller.call("f")
        await until(call.published.is_set)
        for number in range(10):
            here.publish("held", number)
        await turns(3)
        assert values(caller.hear_all()) == ["older", *range(10)]
        call.gate.set()
        assert (await caller.hear()).value == "done"


@async_test
async def test_what_is_held_is_sent_though_its_call_is_cancelled(monkeypatch):
    monkeypatch.setattr(PATIENCE, 1000.0)
    async with served() as here:
        call, caller = Holding(here), await own_client(here, "held")
        call_id = caller.call("f")
        await until(call.published.is_set)
        caller.request(CANCEL_METHOD, call_id)
        await turns(5)
        assert "older" in values(caller.hear_all())
        here.publish("held", "newer")
        await turns(3)
        assert values(caller.hear_all()) == ["newer"]
        call.gate.set()
