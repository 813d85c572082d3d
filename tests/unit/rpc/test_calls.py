"""Calls in flight: each is answered once, whatever becomes of it."""

import asyncio

import pytest
from support.asynchronous import async_test, turns
from support.virtual_time import virtual_time

from wslink_jupyter.errors import CallCancelled, RpcError, TooManyCalls
from wslink_jupyter.rpc.calls import CallsInFlight
from wslink_jupyter.rpc.context import ActiveCall
from wslink_jupyter.rpc.dispatch import Pending
from wslink_jupyter.wire.envelopes import Call, Failure
from wslink_jupyter.wire.message import Message


class Desk:
    """Calls that are answered when the test says so."""

    def __init__(self, max_calls=3):
        self.calls = CallsInFlight(self, max_calls, self._answered)
        self.replies = []
        self.gates = {}

    def answer(self, call, active):
        """Stand for the dispatcher."""

        def failed(error):
            return Failure(call.id, -32005, f"{call.method}: cancelled")

        return Pending(self._until_told(call), failed)

    async def _until_told(self, call):
        self.gates[call.id] = asyncio.get_running_loop().create_future()
        return await self.gates[call.id]

    def _answered(self, active, reply):
        self.replies.append((active.session_id, reply))

    def start(self, call_id):
        active = ActiveCall(
            f"session of {call_id}", call_id, lambda held: None, lambda *state: None
        )
        self.calls.start(Call(call_id, "f", [], {}), active)


CANCELLED = ("session of a", Failure("a", -32005, "f: cancelled"))


@async_test
async def test_a_reply_is_handed_over_with_its_call_once():
    desk = Desk()
    desk.start("a")
    desk.start("b")
    await turns(1)
    assert len(desk.calls) == 2
    reply = Message(b"reply")
    desk.gates["b"].set_result(reply)
    await turns(3)
    assert desk.replies == [("session of b", reply)]
    assert len(desk.calls) == 1
    desk.gates["a"].set_result(Failure("a", -1, ""))
    await turns(3)
    assert desk.replies[1:] == [("session of a", Failure("a", -1, ""))]
    assert len(desk.calls) == 0


@async_test
async def test_a_call_that_is_cancelled_before_it_begins_is_answered():
    desk = Desk()
    desk.start("a")
    assert desk.calls.cancel("a")
    await turns(3)
    assert desk.replies == [CANCELLED]
    assert desk.gates == {}


@async_test
async def test_a_call_that_is_cancelled_while_it_runs_is_answered():
    desk = Desk()
    desk.start("a")
    await turns(1)
    assert desk.calls.cancel("a")
    await turns(3)
    assert desk.replies == [CANCELLED]
    assert not desk.calls.cancel("a")


@async_test
async def test_what_does_not_run_cannot_be_cancelled():
    desk = Desk()
    assert not desk.calls.cancel("a")


@async_test
async def test_an_id_is_taken_until_its_call_is_answered():
    desk = Desk()
    desk.start("a")
    await turns(1)
    with pytest.raises(RpcError, match="expected one that is not in flight, got 'a' twice") as e:
        desk.start("a")
    assert e.value.code == -32600
    desk.gates["a"].set_result(Message(b""))
    await turns(3)
    desk.start("a")
    assert len(desk.calls) == 1
    desk.calls.cancel_all()


@async_test
async def test_there_are_only_so_many():
    desk = Desk(max_calls=2)
    desk.start("a")
    desk.start("b")
    with pytest.raises(TooManyCalls, match="calls in flight: expected at most 2"):
        desk.start("c")
    await turns(1)
    desk.gates["a"].set_result(Message(b""))
    await turns(3)
    desk.start("c")
    desk.calls.cancel_all()


@async_test
async def test_to_finish_is_to_answer_all_and_take_no_more():
    desk = Desk()
    desk.start("a")
    await turns(1)
    desk.start("b")
    await desk.calls.finish()
    assert {reply.id for _, reply in desk.replies} == {"a", "b"}
    assert {reply.code for _, reply in desk.replies} == {-32005}
    with pytest.raises(CallCancelled, match="f: the conversation ends"):
        desk.start("c")
    await desk.calls.finish()
    assert len(desk.replies) == 2


@virtual_time
async def test_a_procedure_that_does_not_notice_is_not_waited_for_for_ever():
    class Stubborn(Desk):
        async def _until_told(self, call):
            try:
                await asyncio.sleep(3600)
            except asyncio.CancelledError:
                await asyncio.sleep(10)
            return Message(b"at last")

    desk = Stubborn()
    desk.start("a")
    await turns(1)
    before_s = asyncio.get_running_loop().time()
    await desk.calls.finish()
    assert asyncio.get_running_loop().time() - before_s == 1.0
    assert desk.replies == []
    await asyncio.sleep(10)
    assert [bytes(reply) for _, reply in desk.replies] == [b"at last"]
