"""Callers of the main thread are told that they have to wait, and that they do no more."""

import asyncio
import threading
from contextlib import contextmanager
from types import SimpleNamespace

import pytest
from support.asynchronous import async_test, turns, until
from support.endpoints import EPOCH, MAX_FRAME_BYTES, Conversation, served
from support.virtual_time import virtual_time

from wslink_jupyter.limits import Limits
from wslink_jupyter.rpc.binding import collect
from wslink_jupyter.rpc.endpoint import Endpoint, Identity
from wslink_jupyter.rpc.main_thread import MainThread
from wslink_jupyter.wire.envelopes import CANCEL_METHOD, Failure, Publication, Result


def state(call_id, name, reason=""):
    """Return what a caller is told of its call."""
    return Publication("jupyter.call", 0, {"id": call_id, "state": name, "reason": reason})


@contextmanager
def busy(here, *, by_cell=True):
    """Keep the main thread busy in the block."""
    begun, gate = threading.Event(), threading.Event()

    def hold():
        begun.set()
        assert gate.wait(20)

    here.main.loop.call_soon_threadsafe(hold)
    assert begun.wait(20)
    here.main_thread.runs_cell = by_cell
    try:
        yield
    finally:
        here.main_thread.runs_cell = False
        gate.set()


async def client(here, **details):
    peer = here.converse()
    await peer.greet(**details)
    return peer


def sync_procedure():
    return "done"


async def async_procedure():
    return "done"


@pytest.mark.parametrize("procedure", [sync_procedure, async_procedure])
@pytest.mark.parametrize(
    ("by_cell", "reason"),
    [(True, "queued behind a running cell"), (False, "queued behind another call")],
)
@async_test
async def test_a_caller_is_told_behind_what_it_waits_and_when_it_runs(procedure, by_cell, reason):
    async with served() as here:
        here.expose(procedure, "f")
        peer = await client(here, protocol=1)
        with busy(here, by_cell=by_cell):
            call_id = peer.call("f")
            assert await peer.hear() == state(call_id, "queued", reason)
        assert await peer.hear() == state(call_id, "running")
        assert await peer.hear() == Result(call_id, "done")


QUEUED = ("queued", "queued behind a running cell")


@pytest.mark.parametrize(
    ("served_after_s", "told"), [(0.01, []), (0.05, [QUEUED, ("running", "")])]
)
@virtual_time
async def test_a_caller_is_told_within_50_ms_unless_its_call_runs_sooner(served_after_s, told):
    loop_of_the_cell = SimpleNamespace(call_soon_threadsafe=lambda callback: None)
    main_thread = MainThread(lambda: loop_of_the_cell)
    main_thread.runs_cell = True
    here, runners = asyncio.get_running_loop(), {"main": main_thread.run}
    endpoint = Endpoint("default", here, runners, Identity("0.1.0", EPOCH), Limits())
    endpoint.registry.bind(*collect(sync_procedure, "f", "main", None))
    peer = Conversation(endpoint.open_session("user", MAX_FRAME_BYTES))
    await peer.greet(protocol=1)
    call_id = peer.call("f")
    await asyncio.sleep(served_after_s)
    main_thread.serve()
    await asyncio.sleep(1.0)
    states = [state(call_id, *each) for each in told]
    assert peer.hear_all() == [*states, Result(call_id, "done")]
    endpoint.close_session(peer.session)


@async_test
async def test_each_call_that_waits_is_told_once():
    async with served() as here:
        here.expose(sync_procedure, "f")
        one, other = await client(here, protocol=1), await client(here, protocol=1)
        with busy(here):
            ids = [one.call("f"), one.call("f"), other.call("f")]
            told = [await one.hear(), await one.hear(), await other.hear()]
            assert [each.value["id"] for each in told] == ids
            assert here.main_thread.waiting_calls == 3
        heard = [*[await one.hear() for _ in range(4)], *[await other.hear() for _ in range(2)]]
        assert sum(isinstance(reply, Result) for reply in heard) == 3


@async_test
async def test_a_call_that_does_not_wait_is_told_nothing():
    async with served() as here:
        here.expose(sync_procedure, "f")
        peer = await client(here, protocol=1)
        for _ in range(20):
            assert (await peer.ask("f")).value == "done"


@async_test
async def test_a_long_call_is_not_told_that_it_waits():
    async with served() as here:
        gate = threading.Event()
        here.expose(lambda: gate.wait(20), "long")
        here.expose(sync_procedure, "f")
        peer = await client(here, protocol=1)
        long_id = peer.call("long")
        await until(lambda: here.main_thread.waiting_calls == 0)
        behind = peer.call("f")
        assert await peer.hear() == state(behind, "queued", "queued behind another call")
        gate.set()
        assert [
            reply.id
            for reply in (await peer.hear(), await peer.hear(), await peer.hear())
            if isinstance(reply, Result)
        ] == [long_id, behind]


@async_test
async def test_a_stock_client_is_told_nothing():
    async with served() as here:
        here.expose(sync_procedure, "f")
        stock, own = await client(here), await client(here, protocol=1)
        with busy(here):
            call_id = stock.call("f")
            own.call("f")
            await own.hear()  # it was told, and so would the other have been
            assert stock.hear_all() == []
        assert await stock.hear() == Result(call_id, "done")


@async_test
async def test_a_cancelled_call_that_waits_is_answered_at_once_and_never_runs():
    ran = []
    async with served() as here:
        here.expose(lambda: ran.append(1), "f")
        peer = await client(here, protocol=1)
        with busy(here):
            call_id = peer.call("f")
            await peer.hear()
            cancelling = peer.request(CANCEL_METHOD, call_id)
            assert await peer.hear() == Result(cancelling, True)
            assert await peer.hear() == Failure(call_id, -32005, "f: cancelled")
            assert here.main_thread.waiting_calls == 0
        here.expose(sync_procedure, "after")
        assert (await peer.ask("after")).value == "done"
    assert ran == []


class ServingCell:
    """A cell on the main thread that serves when it is told to."""

    def __init__(self, here):
        self._here = here
        self._serve, self._served, self._end = (threading.Event() for _ in range(3))
        here.main_thread.runs_cell = True
        here.main.loop.call_soon_threadsafe(self._run)

    def _run(self):
        assert self._serve.wait(20)
        self._here.main_thread.serve()
        self._served.set()
        assert self._end.wait(20)

    async def serve(self):
        self._serve.set()
        await until(self._served.is_set)

    def end(self):
        self._here.main_thread.runs_cell = False
        self._end.set()


@async_test
async def test_a_call_that_a_cell_serves_is_told_that_it_runs():
    async with served() as here:
        here.expose(sync_procedure, "f")
        peer, cell = await client(here, protocol=1), ServingCell(here)
        call_id = peer.call("f")
        assert (await peer.hear()).value["state"] == "queued"
        await cell.serve()
        # While the cell goes on.
        assert await peer.hear() == state(call_id, "running")
        assert await peer.hear() == Result(call_id, "done")
        cell.end()


@pytest.mark.parametrize("by", ["cancelling", "leaving"])
@async_test
async def test_a_cell_serves_no_call_that_was_given_up(by):
    ran = []
    async with served() as here:
        here.expose(ran.append, "f")
        peer, other = await client(here, protocol=1), await client(here, protocol=1)
        cell = ServingCell(here)
        given_up, kept = peer.call("f", "given up"), other.call("f", "kept")
        if by == "cancelling":
            peer.request(CANCEL_METHOD, given_up)
        else:
            here.endpoint.close_session(peer.session)
        await until(lambda: here.main_thread.waiting_calls == 1)
        await cell.serve()
        assert ran == ["kept"]
        cell.end()
        while getattr(await other.hear(), "id", None) != kept:
            pass


@async_test
async def test_what_is_told_needs_no_subscription_and_comes_before_what_waits_for_the_client():
    async with served() as here:
        here.expose(sync_procedure, "f")
        peer = await client(here, protocol=1)
        await peer.subscribe("t")
        with busy(here):
            call_id = peer.call("f")
            here.publish("t", bytes(1_000_000))
            await until(lambda: peer.session.info.queued_messages == 2)
            assert await peer.hear() == state(call_id, "queued", "queued behind a running cell")
        await turns(1)
