"""A result goes out before the publications that its procedure made."""

import asyncio
import threading
from contextvars import copy_context

import pytest
from support.asynchronous import async_test, turns, until
from support.endpoints import served
from support.outboxes import publication

from wslink_jupyter.rpc.context import ActiveCall
from wslink_jupyter.wire.envelopes import Publication, Result

POLICIES = ["main", "thread", "loop"]


def told(reply):
    """Return what was heard, in short."""
    return ("result" if isinstance(reply, Result) else "topic", getattr(reply, "value", reply))


async def heard_of(peer, count):
    return [told(await peer.hear()) for _ in range(count)]


@pytest.mark.parametrize("run", POLICIES)
@async_test
async def test_what_a_synchronous_procedure_publishes_waits_for_its_result(run):
    async with served() as here:

        def procedure():
            for number in range(3):
                here.publish("t", number)
            return "done"

        here.expose(procedure, "f", run)
        peer = here.converse()
        await peer.greet()
        peer.call("f")
        assert await heard_of(peer, 4) == [
            ("result", "done"),
            *(("topic", number) for number in range(3)),
        ]


@pytest.mark.parametrize("run", ["main", "loop"])
@async_test
async def test_an_error_goes_out_before_the_publications_too(run, capsys):
    async with served() as here:

        def procedure():
            here.publish("t", 1)
            raise ValueError("x")

        here.expose(procedure, "f", run)
        peer = here.converse()
        await peer.greet()
        await turns(5)
        peer.hear_all()
        # Which leaves first is for the priorities; here it is which was queued first.
        outbox, queued = peer.session.outbox, []

        def noting(kind, put):
            return lambda what: queued.append(kind) or put(what)

        outbox.put_reply = noting("reply", outbox.put_reply)
        outbox.put = noting("publication", outbox.put)
        peer.call("f")
        await until(lambda: len(queued) == 2)
        assert queued == ["reply", "publication"]


@pytest.mark.parametrize("run", POLICIES)
@async_test
async def test_an_async_procedure_lets_go_at_its_await(run):
    gate = threading.Event()
    async with served() as here:

        async def procedure():
            here.publish("t", "before")
            await until(gate.is_set)
            here.publish("t", "after")
            return "done"

        here.expose(procedure, "f", run)
        peer = here.converse()
        await peer.greet()
        peer.call("f")
        assert await heard_of(peer, 1) == [("topic", "before")]
        gate.set()
        assert await heard_of(peer, 2) == [("result", "done"), ("topic", "after")]


@pytest.mark.parametrize("run", POLICIES)
@async_test
async def test_an_async_procedure_that_never_waits_holds_back_as_a_synchronous_one(run):
    async with served() as here:

        async def procedure():
            here.publish("t", 1)
            return "done"

        here.expose(procedure, "f", run)
        peer = here.converse()
        await peer.greet()
        peer.call("f")
        assert await heard_of(peer, 2) == [("result", "done"), ("topic", 1)]


@pytest.mark.parametrize("run", POLICIES)
@async_test
async def test_other_sessions_hear_at_once(run):
    gate = threading.Event()
    async with served() as here:

        def procedure():
            here.publish("t", 1)
            assert gate.wait(10)
            return "done"

        async def waiting_procedure():
            procedure_thread = asyncio.to_thread(gate.wait, 10)
            here.publish("t", 1)
            await procedure_thread
            return "done"

        here.expose(waiting_procedure if run == "loop" else procedure, "f", run)
        caller, other = here.converse(), here.converse()
        await caller.greet()
        await other.greet()
        caller.call("f")
        assert await heard_of(other, 1) == [("topic", 1)]
        gate.set()
        assert ("result", "done") in await heard_of(caller, 2)


@async_test
async def test_a_publication_to_another_session_does_not_wait():
    gate = threading.Event()
    async with served() as here:
        caller, other = here.converse(), here.converse()
        await caller.greet()
        await other.greet()

        def procedure():
            here.publish("t", "to other", to=other.session.id)
            here.publish("t", "to caller", to=caller.session.id)
            assert gate.wait(10)
            return "done"

        here.expose(procedure, "f", "thread")
        caller.call("f")
        assert await heard_of(other, 1) == [("topic", "to other")]
        gate.set()
        assert await heard_of(caller, 2) == [("result", "done"), ("topic", "to caller")]
        assert [each for each in other.hear_all() if each.topic == "t"] == []


@pytest.mark.parametrize("with_context", [False, True])
@async_test
async def test_what_other_threads_publish_does_not_wait(with_context):
    async with served() as here:
        gate = threading.Event()

        def procedure():
            run = copy_context().run if with_context else _run
            thread = threading.Thread(target=run, args=(here.publish, "t", "progress"))
            thread.start()
            thread.join()
            assert gate.wait(10)
            return "done"

        here.expose(procedure, "f", "thread")
        peer = here.converse()
        await peer.greet()
        peer.call("f")
        assert await heard_of(peer, 1) == [("topic", "progress")]
        gate.set()
        assert await heard_of(peer, 1) == [("result", "done")]


def _run(function, *args):
    return function(*args)


@async_test
async def test_progress_from_a_thread_that_an_async_procedure_awaits_arrives():
    async with served() as here:
        gate = asyncio.Event()

        async def procedure():
            await asyncio.to_thread(here.publish, "t", "half-way")
            await gate.wait()
            return "done"

        here.expose(procedure, "f", "loop")
        peer = here.converse()
        await peer.greet()
        peer.call("f")
        assert await heard_of(peer, 1) == [("topic", "half-way")]
        gate.set()
        assert await heard_of(peer, 1) == [("result", "done")]


@pytest.mark.parametrize(
    ("name", "least"), [("_PATIENCE_S", -1.0), ("_MAX_HELD_BYTES", 0)], ids=["long", "large"]
)
@async_test
async def test_a_thread_that_goes_on_for_long_or_publishes_much_lets_go(name, least, monkeypatch):
    monkeypatch.setattr(f"wslink_jupyter.rpc.context.{name}", least)
    async with served() as here:
        gate = threading.Event()

        def procedure():
            for number in range(3):
                here.publish("t", number)
            assert gate.wait(10)
            return "done"

        here.expose(procedure, "f", "thread")
        peer = here.converse()
        await peer.greet()
        peer.call("f")
        assert await heard_of(peer, 3) == [("topic", number) for number in range(3)]
        gate.set()
        assert await heard_of(peer, 1) == [("result", "done")]


@pytest.mark.parametrize("run", POLICIES)
@async_test
async def test_a_task_that_outlives_its_call_publishes_at_once(run):
    async with served() as here:
        gate, tasks = threading.Event(), []

        async def background():
            await until(gate.is_set)
            here.publish("t", "later")

        async def procedure():
            tasks.append(asyncio.create_task(background()))
            return "done"

        here.expose(procedure, "f", "main" if run == "thread" else run)
        peer = here.converse()
        await peer.greet()
        assert (await peer.ask("f")).value == "done"
        gate.set()
        assert await heard_of(peer, 1) == [("topic", "later")]


def test_after_the_answer_nothing_is_held():
    active = ActiveCall("c1", "1", lambda held: None, lambda *state: None)
    active.started()
    one, two = publication(b"one"), publication(b"two")
    assert active.hold(one) is None
    assert active.answered() == [one]
    assert active.hold(two) == []
    assert active.answered() == []


@async_test
async def test_publications_keep_their_order_within_a_call():
    async with served() as here:

        async def procedure():
            for number in range(10):
                here.publish("t", number)
                if number % 3 == 0:
                    await asyncio.sleep(0)

        here.expose(procedure, "f", "loop")
        peer = here.converse()
        await peer.greet()
        peer.call("f")
        heard = [await peer.hear() for _ in range(11)]
        publications = [reply for reply in heard if isinstance(reply, Publication)]
        assert [each.value for each in publications] == list(range(10))
        assert [each.number for each in publications] == list(range(10))
