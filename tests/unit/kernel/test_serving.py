"""Calls of the main thread that a running cell serves, and those that wait for its end."""

import asyncio
import os
import signal
from concurrent.futures import Future
from contextlib import contextmanager

import pytest
from support.asynchronous import async_test, turns
from support.endpoints import served

from wslink_jupyter.rpc.context import current_call
from wslink_jupyter.wire.envelopes import CANCEL_METHOD, Failure, Publication, Result

pytestmark = pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")


class Cell:
    """The test is the cell: the loop does not turn before it awaits."""

    def __init__(self, here):
        self.main_thread = here.main_thread
        self.order = []
        here.expose(self.note, "note")
        here.expose(self.note_later, "note_later")
        here.expose(self.fail, "fail")

    def note(self, name):
        self.order.append(name)
        return name

    async def note_later(self, name):
        self.order.append(f"{name} begins")
        await asyncio.sleep(0)
        self.order.append(name)
        return name

    def fail(self, error_type):
        raise {"ValueError": ValueError, "SystemExit": SystemExit}[error_type]("mine")

    def serve(self):
        self.main_thread.serve()


async def client(here):
    peer = here.converse()
    await peer.greet(protocol=1)
    return peer


def replies(peer):
    return {reply.id: reply for reply in peer.hear_all()}


@async_test
async def test_waiting_calls_are_run_by_the_cell_in_the_order_they_came():
    async with served(on_this_thread=True) as here:
        cell, one, other = Cell(here), await client(here), await client(here)
        ids = [peer.call("note", n) for n, peer in enumerate((one, other, one, other))]
        assert (cell.order, here.main_thread.waiting_calls) == ([], 4)
        cell.serve()
        assert (cell.order, here.main_thread.waiting_calls) == ([0, 1, 2, 3], 0)
        await turns(5)
        assert [replies(one), replies(other)] == [
            {ids[n]: Result(ids[n], n) for n in numbers} for numbers in ((0, 2), (1, 3))
        ]
        assert cell.order == [0, 1, 2, 3]  # once


@async_test
async def test_a_cell_serves_what_the_loop_has_seen_and_not_begun():
    async with served(on_this_thread=True) as here:
        cell, one, other = Cell(here), await client(here), await client(here)
        one.call("note_later", "a")
        other.call("note", "b")
        await turns(1)
        assert (cell.order, here.main_thread.waiting_calls) == ([], 2)
        cell.serve()  # before the task of "a" takes its first step
        assert cell.order == ["b"]
        await turns(5)
        assert cell.order == ["b", "a begins", "a"]


@async_test
async def test_a_long_cell_leaves_nothing_in_the_loop():
    async with served(on_this_thread=True) as here:
        cell, peer = Cell(here), await client(here)
        loop = asyncio.get_running_loop()
        scheduled = []
        schedule, loop.call_soon_threadsafe = (
            loop.call_soon_threadsafe,
            lambda callback, *args: (scheduled.append(callback), schedule(callback, *args))[1],
        )
        for number in range(100):
            peer.call("note", number)
            cell.serve()
        assert len(cell.order) == 100
        begin = here.main_thread._begin_waiting
        assert scheduled.count(begin) == 1


@async_test
async def test_serving_without_calls_does_nothing():
    async with served(on_this_thread=True) as here:
        cell = Cell(here)
        cell.serve()
        assert cell.order == []


@async_test
async def test_async_calls_wait_for_the_end_of_the_cell_and_so_do_later_ones_of_their_client():
    async with served(on_this_thread=True) as here:
        cell, one, other = Cell(here), await client(here), await client(here)
        for peer, method, name in [
            *((one, "note", "a"), (one, "note_later", "b"), (one, "note", "c")),
            *((other, "note", "d"), (one, "note", "e"), (other, "note", "f")),
        ]:
            peer.call(method, name)
        cell.serve()
        assert cell.order == ["a", "d", "f"]
        other.call("note", "g")
        one.call("note", "h")
        cell.serve()
        assert cell.order == ["a", "d", "f", "g"]
        assert here.main_thread.waiting_calls == 4
        await turns(10)
        assert sorted(cell.order[4:]) == ["b", "b begins", "c", "e", "h"]
        assert [name for name in cell.order[4:] if name in "ceh"] == ["c", "e", "h"]
        assert len(replies(one)) == 5
        assert len(replies(other)) == 3


@async_test
async def test_one_serving_runs_what_waited_when_it_began():
    async with served(on_this_thread=True) as here:
        cell, peer = Cell(here), await client(here)
        here.expose(lambda: cell.order.append("outer") or peer.call("note", "inner"), "outer")
        peer.call("outer")
        cell.serve()
        assert cell.order == ["outer"]
        cell.serve()
        assert cell.order == ["outer", "inner"]
        await turns(5)


@async_test
async def test_calls_that_are_not_served_run_after_the_cell_in_order():
    async with served(on_this_thread=True) as here:
        cell, peer = Cell(here), await client(here)
        for number in range(20):
            peer.call("note", number)
        await turns(5)
        assert cell.order == list(range(20))
        cell.serve()
        assert cell.order == list(range(20))


def concurrent_future(value):
    future = Future()
    asyncio.get_running_loop().call_soon(future.set_result, value)
    return future


async def coroutine(value):
    await asyncio.sleep(0)
    return value


@pytest.mark.parametrize("make", [concurrent_future, coroutine])
@async_test
async def test_a_future_that_a_served_call_returns_settles_after_the_cell(make):
    async with served(on_this_thread=True) as here:
        cell, peer = Cell(here), await client(here)
        here.expose(lambda value: make(value), "later")
        call_id = peer.call("later", "done")
        cell.serve()
        assert peer.hear_all() == []
        assert here.main_thread.waiting_calls == 0
        await turns(10)
        assert peer.hear_all() == [Result(call_id, "done")]


@async_test
async def test_a_future_of_a_served_call_can_be_cancelled():
    async with served(on_this_thread=True) as here:
        cell, peer = Cell(here), await client(here)
        here.expose(lambda: asyncio.get_running_loop().create_future(), "never")
        call_id = peer.call("never")
        cell.serve()
        await turns(3)
        peer.request(CANCEL_METHOD, call_id)
        await turns(5)
        assert replies(peer)[call_id] == Failure(call_id, -32005, "never: cancelled")


@pytest.mark.parametrize("error_type", ["ValueError", "SystemExit"])
@async_test
async def test_what_a_call_raises_is_its_callers_and_not_the_cells(error_type, capsys):
    async with served(on_this_thread=True) as here:
        cell, peer = Cell(here), await client(here)
        failing, after = peer.call("fail", error_type), peer.call("note", "after")
        cell.serve()
        await turns(5)
        heard = replies(peer)
        assert heard[failing] == Failure(
            failing, -32001, f"{error_type}: mine", {"type": error_type}
        )
        assert heard[after] == Result(after, "after")
    assert f"{error_type}: mine" in capsys.readouterr().err


@async_test
async def test_the_result_is_what_it_was_when_the_call_returned():
    async with served(on_this_thread=True) as here:
        cell, peer = Cell(here), await client(here)
        values = [1]
        here.expose(lambda: values, "values")
        call_id = peer.call("values")
        cell.serve()
        values.append(2)  # the cell goes on
        await turns(5)
        assert peer.hear_all() == [Result(call_id, [1])]


@async_test
async def test_a_result_that_cannot_be_encoded_is_an_answer_too():
    async with served(on_this_thread=True) as here:
        cell, peer = Cell(here), await client(here)
        here.expose(lambda: object(), "objects")
        peer.call("objects")
        cell.serve()
        await turns(5)
        (failure,) = peer.hear_all()
        assert failure.code == -32002


@async_test
async def test_what_a_served_call_publishes_goes_out_behind_its_result_and_the_cells_is_free():
    async with served(on_this_thread=True) as here:
        cell, peer = Cell(here), await client(here)
        await peer.subscribe("t", "cell")
        here.expose(lambda: here.publish("t", 1), "publish")
        call_id = peer.call("publish")
        cell.serve()
        assert current_call.get() is None
        here.publish("cell", 2)
        await turns(5)
        heard = peer.hear_all()
        assert Publication("cell", 0, 2) in heard
        heard.remove(Publication("cell", 0, 2))
        assert heard == [Result(call_id, None), Publication("t", 0, 1)]


@contextmanager
def interruptible():
    """Handle SIGINT as ipykernel does while a cell runs, not as asyncio's runner."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def interrupt():
    os.kill(os.getpid(), signal.SIGINT)
    for _ in range(1000):  # the handler runs between two instructions
        pass
    return "not interrupted"


@async_test
async def test_an_interrupt_answers_the_call_and_ends_the_cell_and_nothing_else():
    async with served(on_this_thread=True) as here:
        cell, peer = Cell(here), await client(here)
        here.expose(interrupt, "interrupted")
        ids = [peer.call("note", 0), peer.call("interrupted"), peer.call("note", 1)]
        with interruptible(), pytest.raises(KeyboardInterrupt):
            cell.serve()
        assert cell.order == [0]
        assert here.main_thread.waiting_calls == 1
        await turns(5)  # the cell has ended
        heard = replies(peer)
        assert heard[ids[1]] == Failure(ids[1], -32005, "interrupted: interrupted")
        assert [heard[ids[0]].value, heard[ids[2]].value] == [0, 1]
        assert (await peer.ask("note", 2)).value == 2


@async_test
async def test_an_interrupt_that_a_call_catches_is_the_calls():
    def careful():
        try:
            return interrupt()
        except KeyboardInterrupt:
            return "caught"

    async with served(on_this_thread=True) as here:
        cell, peer = Cell(here), await client(here)
        here.expose(careful, "careful")
        call_id = peer.call("careful")
        with interruptible():
            cell.serve()
        await turns(5)
        assert peer.hear_all() == [Result(call_id, "caught")]
