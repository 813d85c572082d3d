"""Where procedures run, and that none waits for another without need."""

import asyncio
import threading
from concurrent.futures import Future, ThreadPoolExecutor

import pytest
from support.asynchronous import async_test, turns, until
from support.endpoints import served

from wslink_jupyter.rpc.execution import is_future
from wslink_jupyter.wire.envelopes import CANCEL_METHOD, Failure, Result

POLICIES = ["main", "thread", "loop"]


def thread_name():
    return threading.current_thread().name


async def async_thread_name():
    await asyncio.sleep(0)
    return threading.current_thread().name


def awaitable_thread_name():
    return async_thread_name()


def done_future():
    future: Future[str] = Future()
    future.set_result(thread_name())
    return future


def asyncio_future():
    future = asyncio.get_running_loop().create_future()
    future.get_loop().call_soon(future.set_result, thread_name())
    return future


PLACES = {"main": "wslink-link", "thread": "wslink-worker-1", "loop": threading.main_thread().name}


@pytest.mark.parametrize("run", POLICIES)
@pytest.mark.parametrize(
    "function", [thread_name, async_thread_name, awaitable_thread_name, done_future]
)
@async_test
async def test_every_kind_of_function_runs_where_its_policy_says(run, function):
    async with served() as here:
        here.expose(function, "f", run)
        async with here.connect() as (client, _):
            assert await client.call("f") == PLACES[run]


@pytest.mark.parametrize("run", ["main", "loop"])
@async_test
async def test_a_future_of_the_loop_is_awaited(run):
    async with served() as here:
        here.expose(asyncio_future, "f", run)
        async with here.connect() as (client, _):
            assert await client.call("f") == PLACES[run]


@pytest.mark.parametrize("run", POLICIES)
@async_test
async def test_a_future_of_another_executor_is_awaited(run):
    with ThreadPoolExecutor(1, "elsewhere") as executor:
        async with served() as here:
            here.expose(lambda: executor.submit(lambda: 5), "f", run)
            async with here.connect() as (client, _):
                assert await client.call("f") == 5


@async_test
async def test_what_has_to_be_awaited_is_told():
    assert is_future(Future())
    assert is_future(asyncio.get_running_loop().create_future())
    assert not is_future(5)
    assert not is_future(async_thread_name)


NAMES = ("one", "two")


class Slow:
    """Records who is inside, and lets the test say when to leave."""

    def __init__(self):
        self.inside = 0
        self.most = 0
        self.order = []
        self.lock = threading.Lock()
        self.leave = threading.Event()

    def enter(self, number):
        with self.lock:
            self.inside += 1
            self.most = max(self.most, self.inside)
            self.order.append(number)
        assert self.leave.wait(10)
        with self.lock:
            self.inside -= 1
        return number

    def other_method(self, number):
        return self.enter(number)


@async_test
async def test_threads_take_turns_on_one_object_in_the_order_of_the_calls():
    async with served() as here:
        slow = here.expose(Slow(), "slow", "thread")
        async with here.connect() as (client, session):
            calls = [
                asyncio.create_task(client.call(f"slow.{method}", number))
                for number, method in enumerate(["enter", "other_method", "enter", "other_method"])
            ]
            await until(lambda: session.info.calls == 4 and slow.inside)
            slow.leave.set()
            assert await asyncio.gather(*calls) == [0, 1, 2, 3]
            assert slow.most == 1
            assert slow.order == [0, 1, 2, 3]


@async_test
async def test_threads_are_inside_different_objects_at_once():
    async with served() as here:
        both = [here.expose(Slow(), name, "thread") for name in NAMES]
        async with here.connect() as (client, _):
            calls = [
                asyncio.create_task(client.call(f"{name}.enter", 1)) for name in ("one", "two")
            ]
            await until(lambda: all(slow.inside for slow in both))
            for slow in both:
                slow.leave.set()
            assert await asyncio.gather(*calls) == [1, 1]


@pytest.mark.parametrize(
    ("slow_run", "run"),
    [("thread", "loop"), ("thread", "main"), ("main", "loop"), ("main", "thread")],
)
@async_test
async def test_a_slow_call_delays_no_call_elsewhere(slow_run, run):
    async with served() as here:
        slow = here.expose(Slow(), "slow", slow_run)
        here.expose(lambda: "quick", "quick", run)
        async with here.connect() as (client, _), here.connect() as (other, _):
            waiting = asyncio.create_task(client.call("slow.enter", 1))
            await until(lambda: slow.inside)
            assert await client.call("quick") == await other.call("quick") == "quick"
            assert not waiting.done()
            slow.leave.set()
            assert await waiting == 1


@async_test
async def test_an_awaiting_call_delays_no_call_of_its_own_policy():
    async with served() as here:
        gate = asyncio.Event()

        async def wait_for_gate():
            await gate.wait()
            return "late"

        here.expose(wait_for_gate, "late", "loop")
        here.expose(thread_name, "quick", "loop")
        async with here.connect() as (client, _):
            late = asyncio.create_task(client.call("late"))
            assert await client.call("quick") == PLACES["loop"]
            gate.set()
            assert await late == "late"


@async_test
async def test_main_runs_in_the_order_of_the_calls():
    async with served() as here:
        order = []
        here.expose(order.append, "note", "main")
        async with here.connect() as (client, _):
            await asyncio.gather(*(client.call("note", number) for number in range(20)))
        assert order == list(range(20))


@pytest.mark.parametrize("run", ["main", "loop"])
@async_test
async def test_cancelling_reaches_the_procedure_at_its_await(run):
    async with served() as here:
        begun, cancelled = threading.Event(), threading.Event()

        async def forever():
            begun.set()
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                cancelled.set()
                raise

        here.expose(forever, "forever", run)
        async with here.connect() as (client, session):
            call = asyncio.create_task(client.call("forever"))
            await until(begun.is_set)
            call.cancel()
            await until(cancelled.is_set)
            await until(lambda: session.info.calls == 0)


@async_test
async def test_a_cancelled_thread_keeps_its_object_until_it_has_returned():
    async with served() as here:
        slow = here.expose(Slow(), "slow", "thread")
        peer = here.converse()
        await peer.greet(protocol=1)
        first = peer.call("slow.enter", 1)
        await until(lambda: slow.inside)
        peer.request(CANCEL_METHOD, first)
        replies = [await peer.hear(), await peer.hear()]
        assert {(type(reply), reply.id) for reply in replies} == {
            (Result, "system:c0:1"),
            (Failure, first),
        }
        second = peer.call("slow.other_method", 2)
        await turns(20)
        assert slow.order == [1]
        slow.leave.set()
        assert await peer.hear() == Result(second, 2)
        assert slow.most == 1


@async_test
async def test_a_cancelled_call_that_waits_for_its_turn_never_runs():
    async with served() as here:
        slow = here.expose(Slow(), "slow", "thread")
        peer = here.converse()
        await peer.greet(protocol=1)
        first = peer.call("slow.enter", 1)
        await until(lambda: slow.inside)
        second = peer.call("slow.enter", 2)
        await turns(5)
        peer.request(CANCEL_METHOD, second)
        await peer.hear()
        assert (await peer.hear()).code == -32005
        slow.leave.set()
        assert await peer.hear() == Result(first, 1)
        assert slow.order == [1]


@async_test
async def test_a_closed_pool_is_an_answer():
    async with served() as here:
        here.expose(thread_name, "f", "thread")
        here.pool.close()
        peer = here.converse()
        await peer.greet()
        failure = await peer.ask("f")
        assert (failure.code, failure.data) == (-32001, {"type": "RuntimeError"})
