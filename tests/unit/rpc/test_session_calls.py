"""Calls of one session: their ids, their number, their end."""

import asyncio
import threading

import pytest
from support.asynchronous import async_test, turns
from support.endpoints import served

from wslink_jupyter.wire.envelopes import Failure, Result


async def forever():
    await asyncio.Event().wait()


def cancel(call_id, number=1):
    method = "wslink_jupyter.cancel"
    return {"wslink": "1.0", "id": f"system:c0:{number}", "method": method, "args": [call_id]}


@pytest.mark.parametrize("says_hello", [False, True])
@async_test
async def test_cancel_is_unknown_to_who_does_not_speak_our_protocol(says_hello):
    async with served() as here:
        here.expose(forever, "forever", "loop")
        peer = here.converse()
        if says_hello:
            await peer.greet()
        call_id = peer.call("forever")
        peer.say(cancel(call_id))
        replies = [await peer.hear()] if says_hello else [await peer.hear(), await peer.hear()]
        assert (replies[-1].id, replies[-1].code) == ("system:c0:1", -32601)
        assert peer.session.info.calls == (1 if says_hello else 0)


@async_test
async def test_cancel_ends_the_call_with_an_error_of_its_own():
    async with served() as here:
        here.expose(forever, "forever", "loop")
        peer = here.converse()
        await peer.greet(protocol=1)
        call_id = peer.call("forever")
        await turns(3)
        peer.say(cancel(call_id))
        assert await peer.hear() == Result("system:c0:1", True)
        assert await peer.hear() == Failure(call_id, -32005, "forever: cancelled")
        peer.say(cancel(call_id, 2))
        assert await peer.hear() == Result("system:c0:2", False)


@pytest.mark.parametrize("args", [[], ["rpc:no:such"], [5], ["a", "b"], [["a"]]])
@async_test
async def test_cancelling_what_does_not_run_is_no_error(args):
    async with served() as here:
        peer = here.converse()
        await peer.greet(protocol=1)
        peer.say(cancel("") | {"args": args})
        assert await peer.hear() == Result("system:c0:1", False)


@async_test
async def test_a_call_that_is_cancelled_at_once_is_answered():
    async with served() as here:
        here.expose(forever, "forever", "loop")
        peer = here.converse()
        await peer.greet(protocol=1)
        call_id = peer.call("forever")
        peer.say(cancel(call_id))
        await turns(10)
        replies = peer.hear_all()
        assert Failure(call_id, -32005, "forever: cancelled") in replies
        assert peer.session.info.calls == 0


@async_test
async def test_an_id_in_flight_is_refused_and_free_again_after_the_answer():
    async with served() as here:
        here.expose(forever, "forever", "loop")
        here.expose(lambda: "ok", "f", "loop")
        peer = here.converse()
        await peer.greet(protocol=1)
        call = {"wslink": "1.0", "id": "rpc:x:7", "method": "forever", "args": [], "kwargs": {}}
        peer.say(call)
        peer.say(call | {"method": "f"})
        failure = await peer.hear()
        assert (failure.id, failure.code) == ("rpc:x:7", -32600)
        assert failure.message == "id: expected one that is not in flight, got 'rpc:x:7' twice"
        await turns(3)
        peer.say(cancel("rpc:x:7"))
        assert [(await peer.hear()).id for _ in range(2)] == ["system:c0:1", "rpc:x:7"]
        peer.say(call | {"method": "f"})
        assert await peer.hear() == Result("rpc:x:7", "ok")


@async_test
async def test_calls_in_flight_are_bounded():
    async with served(max_calls_in_flight=3) as here:
        here.expose(forever, "forever", "loop")
        peer = here.converse()
        await peer.greet()
        for _ in range(3):
            peer.call("forever")
        failure = await peer.ask("forever")
        assert failure.code == -32004
        assert failure.message == "calls in flight: expected at most 3"
        assert peer.session.info.calls == 3


@async_test
async def test_finish_answers_what_is_in_flight_and_then_closes():
    gate = threading.Event()
    async with served() as here:
        here.expose(forever, "forever", "loop")
        here.expose(lambda: gate.wait(10), "blocked", "thread")
        peer = here.converse()
        await peer.greet()
        ids = {peer.call("forever"), peer.call("blocked")}
        await turns(5)
        await peer.session.finish(4010, "restart")
        replies = [await peer.hear() for _ in ids]
        assert {(reply.id, reply.code) for reply in replies} == {(each, -32005) for each in ids}
        assert peer.session.closing.result() == (4010, "restart")
        gate.set()
