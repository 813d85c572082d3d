"""What a call held back, beside what is published meanwhile."""

import asyncio
import threading

import pytest
from support.asynchronous import async_test, turns, until
from support.endpoints import served

from wslink_jupyter.rpc.topics import TopicSettings
from wslink_jupyter.wire.envelopes import Publication

MAX_HELD = "wslink_jupyter.rpc.context._MAX_HELD_BYTES"


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
            monkeypatch.setattr("wslink_jupyter.rpc.context._PATIENCE_S", -1.0)
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
