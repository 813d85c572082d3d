"""A loop that shows how far it is, and serves calls between its items."""

import asyncio
import os
import signal
from types import SimpleNamespace

import pytest
from support.asynchronous import async_test, turns
from support.endpoints import served

from wslink_jupyter.kernel import progress
from wslink_jupyter.rpc.context import ActiveCall, current_call
from wslink_jupyter.wire.envelopes import Publication, Result

TOPIC = "jupyter.progress"


def loop_over(here, iterable, title="", total=None):
    """Do what ``wl.progress`` does in a cell of this thread."""
    runtime = SimpleNamespace(default=here.endpoint, main_thread=here.main_thread)
    return progress.serve_during(runtime, iterable, title, total)


async def listener(here):
    peer = here.converse()
    await peer.greet(protocol=1)
    await peer.subscribe(TOPIC)
    return peer


async def told(peer):
    """Return what was published of loops."""
    await turns(5)
    return [reply.value for reply in peer.hear_all() if isinstance(reply, Publication)]


@pytest.fixture(autouse=True)
def each_item_is_published(monkeypatch):
    monkeypatch.setattr(progress, "_INTERVAL_S", -1.0)


@async_test
async def test_items_come_through_in_order():
    async with served(on_this_thread=True) as here:
        assert list(loop_over(here, "abc")) == ["a", "b", "c"]
        assert list(loop_over(here, iter(range(3)))) == [0, 1, 2]
        assert list(loop_over(here, [])) == []


@async_test
async def test_clients_hear_how_far_it_is():
    async with served(on_this_thread=True) as here:
        peer = await listener(here)
        for _ in loop_over(here, range(3), "solving"):
            pass
        heard = await told(peer)
        assert [(each["done"], each["total"], each["state"]) for each in heard] == [
            *((0, 3, "running"), (1, 3, "running"), (2, 3, "running"), (3, 3, "running")),
            (3, 3, "done"),
        ]
        assert {each["title"] for each in heard} == {"solving"}
        assert len({each["id"] for each in heard}) == 1
        assert [each["elapsed_s"] for each in heard] == sorted(each["elapsed_s"] for each in heard)


@async_test
async def test_two_loops_are_told_apart():
    async with served(on_this_thread=True) as here:
        peer = await listener(here)
        for _ in loop_over(here, range(2)):
            for _ in loop_over(here, range(2)):
                pass
        assert len({each["id"] for each in await told(peer)}) == 3


@pytest.mark.parametrize(
    ("iterable", "total", "expected"),
    [([1, 2], None, 2), (iter([1, 2]), None, None), (iter([1, 2]), 2, 2), ([1, 2], 5, 5)],
    ids=["len", "unknown", "said", "said_wrong"],
)
@async_test
async def test_the_total_is_what_is_said_or_the_length_where_there_is_one(
    iterable, total, expected
):
    async with served(on_this_thread=True) as here:
        peer = await listener(here)
        list(loop_over(here, iterable, total=total))
        heard = await told(peer)
        assert {each["total"] for each in heard} == {expected}
        assert (heard[-1]["done"], heard[-1]["state"]) == (2, "done")


@async_test
async def test_between_two_publications_there_is_a_pause(monkeypatch):
    monkeypatch.setattr(progress, "_INTERVAL_S", 1e9)
    async with served(on_this_thread=True) as here:
        peer = await listener(here)
        list(loop_over(here, range(10_000)))
        heard = await told(peer)
        assert [(each["done"], each["state"]) for each in heard] == [
            (0, "running"),
            (10_000, "done"),
        ]


@async_test
async def test_calls_are_served_between_two_items():
    async with served(on_this_thread=True) as here:
        order = []
        here.expose(order.append, "note")
        peer = await listener(here)
        for item in loop_over(here, range(3)):
            order.append(f"item {item}")
            peer.call("note", f"call {item}")
        assert order == ["item 0", "call 0", "item 1", "call 1", "item 2", "call 2"]
        await turns(5)
        assert sum(isinstance(reply, Result) for reply in peer.hear_all()) == 3


@async_test
async def test_a_loop_within_a_call_serves_none():
    async with served(on_this_thread=True) as here:
        order = []

        def outer():
            for item in loop_over(here, range(2)):
                order.append(f"item {item}")

        here.expose(outer, "outer")
        here.expose(order.append, "note")
        peer = await listener(here)
        peer.call("outer")
        peer.call("note", "call")
        here.main_thread.serve()
        assert order == ["item 0", "item 1", "call"]
        await turns(5)


@async_test
async def test_a_loop_in_another_thread_serves_none():
    async with served(on_this_thread=True) as here:
        order = []
        here.expose(order.append, "note")
        peer = await listener(here)
        peer.call("note", "call")
        # The loop does not turn: what is run is run by the other thread.
        future = here.pool.submit(lambda: order.extend(loop_over(here, range(2))))
        future.result(10)
        assert order == [0, 1]
        await turns(5)
        assert order == [0, 1, "call"]


@async_test
async def test_a_loop_in_a_task_that_a_call_left_behind_serves_none():
    async with served(on_this_thread=True) as here:
        order = []
        here.expose(order.append, "note")
        peer = await listener(here)
        peer.call("note", "call")
        current_call.set(ActiveCall("c", "1", lambda held: None, lambda *state: None))
        order.extend(loop_over(here, range(2)))
        assert order == [0, 1]
        await turns(5)


def stop_by_break(loop):
    for _ in loop:
        break


def stop_by_error(loop):
    for _ in loop:
        raise ValueError("mine")


def stop_by_closing(loop):
    next(loop)
    loop.close()


def stop_by_throwing(loop):
    next(loop)
    loop.throw(KeyError("mine"))


@pytest.mark.parametrize("stop", [stop_by_break, stop_by_error, stop_by_closing, stop_by_throwing])
@async_test
async def test_a_loop_that_is_left_is_told_as_stopped(stop):
    async with served(on_this_thread=True) as here:
        peer = await listener(here)
        error = None
        try:
            stop(loop_over(here, range(3)))
        except (ValueError, KeyError) as raised:
            error = raised.with_traceback(None)
        assert (error is None) == (stop in (stop_by_break, stop_by_closing))
        heard = await told(peer)
        assert (heard[-1]["done"], heard[-1]["state"]) == (0, "stopped")


@async_test
async def test_an_iterable_that_raises_is_told_as_stopped():
    def items():
        yield 1
        raise ValueError("mine")

    async with served(on_this_thread=True) as here:
        peer = await listener(here)
        with pytest.raises(ValueError, match="mine"):
            list(loop_over(here, items()))
        heard = await told(peer)
        assert (heard[-1]["done"], heard[-1]["state"]) == (1, "stopped")


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
@async_test
async def test_an_interrupt_of_a_call_ends_the_loop():
    def interrupted():
        os.kill(os.getpid(), signal.SIGINT)
        for _ in range(1000):
            pass

    async with served(on_this_thread=True) as here:
        here.expose(interrupted, "interrupted")
        peer = await listener(here)
        seen = []

        def cell():
            for item in loop_over(here, range(3)):
                seen.append(item)
                peer.call("interrupted")

        before = signal.signal(signal.SIGINT, signal.default_int_handler)
        try:
            with pytest.raises(KeyboardInterrupt):
                cell()
        finally:
            signal.signal(signal.SIGINT, before)
        assert seen == [0]
        await turns(5)
        heard = peer.hear_all()
        assert [reply.code for reply in heard if not isinstance(reply, Publication)] == [-32005]
        (*_, last) = (reply for reply in heard if isinstance(reply, Publication))
        assert last.value["state"] == "stopped"


@async_test
async def test_nothing_happens_before_the_first_item_is_asked_for(capsys):
    async with served(on_this_thread=True) as here:
        peer = await listener(here)
        loop = loop_over(here, range(3))
        assert await told(peer) == []
        assert capsys.readouterr().out == ""
        loop.close()
        await asyncio.sleep(0)
        assert await told(peer) == []


@async_test
async def test_the_bar_is_shown_as_text_and_as_html(capsys):
    async with served(on_this_thread=True) as here:
        list(loop_over(here, range(2), "a < b"))
    shown = capsys.readouterr().out.splitlines()  # as IPython prints where no notebook shows
    assert len(shown) == 4
    first, last = shown[0], shown[-1]
    assert "a < b ░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░ 0/2 in 0.0 s" in first
    assert '<label>a &lt; b <progress value="0" max="2"></progress> 0/2 in 0.0 s' in first
    assert "█" * 30 in last
    assert ", done" in last
