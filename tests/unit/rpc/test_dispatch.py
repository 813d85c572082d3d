"""Every fault of a procedure is an answer, and says nothing private."""

import asyncio
import contextlib
import threading
from contextvars import ContextVar

import pytest
from support.asynchronous import async_test
from support.endpoints import served

from wslink_jupyter.codes import RpcCode
from wslink_jupyter.errors import InvalidParams, RpcError
from wslink_jupyter.rpc.context import current_call
from wslink_jupyter.wire.envelopes import Failure

POLICIES = ["main", "thread", "loop"]
SECRET = "a local variable"


class Unspeakable(Exception):
    def __str__(self):
        raise RuntimeError("no text")


class Beyond(BaseException):
    """Not an Exception: what libraries use to cancel."""


def raises(error):
    def procedure():
        private = SECRET  # noqa: F841 - in the frame, not in the answer
        raise error

    return procedure


def raises_later(error):
    async def procedure():
        await asyncio.sleep(0)
        raise error

    return procedure


async def answer_of(function, run, *args):
    async with served() as here:
        here.expose(function, "f", run)
        peer = here.converse()
        await peer.greet()
        reply = await peer.ask("f", *args)
        assert peer.session.info.calls == 0
        return reply


@pytest.mark.parametrize("run", POLICIES)
@pytest.mark.parametrize("make", [raises, raises_later])
@pytest.mark.parametrize(
    ("error", "code", "message", "data"),
    [
        (ValueError("bad x"), -32001, "ValueError: bad x", {"type": "ValueError"}),
        (KeyError("a"), -32001, "KeyError: 'a'", {"type": "KeyError"}),
        (RuntimeError(), -32001, "RuntimeError", {"type": "RuntimeError"}),
        (StopAsyncIteration(), -32001, None, None),
        (RecursionError("deep"), -32001, "RecursionError: deep", {"type": "RecursionError"}),
        (RpcError("mine", {"a": 1}, code=-5), -5, "mine", {"a": 1}),
        (InvalidParams("x is odd"), -32602, "x is odd", None),
        (asyncio.CancelledError(), -32005, "f: cancelled", None),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, BaseException) else "",
)
@async_test
async def test_what_a_procedure_raises_is_its_answer(run, make, error, code, message, data, capsys):
    failure = await answer_of(make(error), run)
    assert isinstance(failure, Failure)
    assert failure.code == code
    if message is not None:
        assert (failure.message, failure.data) == (message, data)


@pytest.mark.parametrize("error", [SystemExit(3), KeyboardInterrupt()], ids=["exit", "interrupt"])
@async_test
async def test_a_worker_thread_survives_what_ends_programs(error, capsys):
    failure = await answer_of(raises(error), "thread")
    assert failure.code == (-32001 if isinstance(error, SystemExit) else -32005)


@pytest.mark.parametrize("run", ["main", "loop"])
@pytest.mark.parametrize("make", [raises, raises_later])
def test_a_loop_survives_what_ends_programs(run, make, capsys):
    heard = []

    @async_test
    async def ask():
        async with asyncio.timeout(1.0), served() as here:
            here.expose(make(SystemExit(3)), "exit", run)
            here.expose(lambda: "alive", "after", run)
            peer = here.converse()
            await peer.greet()
            heard.extend([await peer.ask("exit"), await peer.ask("after")])

    def ask_and_end():
        with contextlib.suppress(BaseException):
            ask()

    # In a thread: what ends the loop would end the tests.
    thread = threading.Thread(target=ask_and_end)
    thread.start()
    thread.join()
    failure, after = heard
    assert (failure.code, failure.data) == (-32001, {"type": "SystemExit"})
    assert after.value == "alive"


@pytest.mark.parametrize("run", POLICIES)
@async_test
async def test_whatever_is_raised_is_an_answer(run, capsys):
    failure = await asyncio.wait_for(answer_of(raises(Beyond("x")), run), 1.0)
    assert (failure.code, failure.data) == (RpcCode.PROCEDURE_RAISED, {"type": "Beyond"})


@async_test
async def test_an_exception_without_text_is_an_answer(capsys):
    failure = await asyncio.wait_for(answer_of(raises(Unspeakable()), "loop"), 1.0)
    assert failure.data == {"type": "Unspeakable"}


@pytest.mark.parametrize("run", POLICIES)
@async_test
async def test_the_peer_learns_nothing_private_and_the_owner_the_traceback(run, capsys):
    failure = await answer_of(raises(ValueError("bad x")), run)
    assert failure.data == {"type": "ValueError"}
    assert __file__ not in repr(failure)
    shown = capsys.readouterr().err
    assert shown.startswith("Traceback (most recent call last):\n")
    assert shown.endswith("ValueError: bad x\n")
    assert "raise error" in shown
    # From the procedure on: what is above it is ours.
    assert "wslink_jupyter/rpc" not in shown


@async_test
async def test_the_owner_may_send_tracebacks(capsys):
    async with served() as here:
        here.endpoint.dispatcher.send_tracebacks = True
        here.expose(raises(ValueError("bad x")), "f", "loop")
        peer = here.converse()
        await peer.greet()
        failure = await peer.ask("f")
        assert failure.data["type"] == "ValueError"
        assert failure.data["traceback"] == capsys.readouterr().err


@async_test
async def test_an_answer_that_the_procedure_meant_is_no_traceback(capsys):
    await answer_of(raises(RpcError("mine")), "loop")
    assert capsys.readouterr().err == ""


@async_test
async def test_the_traceback_goes_where_the_object_was_exposed(capsys):
    place: ContextVar[str] = ContextVar("place", default="nowhere")
    seen = []

    class Stream:
        def write(self, text):
            seen.append(place.get())

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.stderr", Stream())
        place.set("the exposing cell")
        await answer_of(raises(ValueError("x")), "thread")
    assert seen == ["the exposing cell"]


@async_test
async def test_unknown_procedure_and_wrong_arguments():
    async with served() as here:
        here.expose(lambda x: x, "f", "loop")
        peer = here.converse()
        await peer.greet()
        unknown = await peer.ask("no.such")
        assert (unknown.code, unknown.data) == (-32601, "no.such")
        assert unknown.message.startswith("Unregistered method called: ")
        wrong = await peer.ask("f", 1, 2)
        assert wrong.code == -32602
        assert wrong.message == "expected f(x), got: too many positional arguments"


@pytest.mark.parametrize("run", POLICIES)
@async_test
async def test_a_type_error_of_the_procedure_is_no_wrong_argument(run, capsys):
    failure = await answer_of(lambda: 1 + "a", run)
    assert (failure.code, failure.data) == (-32001, {"type": "TypeError"})


@pytest.mark.parametrize("run", POLICIES)
@async_test
async def test_a_result_that_cannot_be_encoded_is_told_with_its_path(run):
    failure = await answer_of(lambda: {"a": [0, object()]}, run)
    assert failure.code == -32002
    expected = "Method result cannot be serialized: result['a'][1]: <class 'object'>"
    assert failure.message == expected


@async_test
async def test_looking_the_method_up_is_guarded_too(capsys):
    class Falling:
        def method(self):
            return 1

    falling = Falling()
    async with served() as here:
        here.expose(falling, "falling", "loop")
        del Falling.method
        peer = here.converse()
        await peer.greet()
        failure = await peer.ask("falling.method")
        assert (failure.code, failure.data) == (-32001, {"type": "AttributeError"})


@pytest.mark.parametrize("run", POLICIES)
@async_test
async def test_each_call_has_a_context_of_its_own(run):
    variable: ContextVar[int] = ContextVar("variable", default=0)

    def count():
        variable.set(variable.get() + 1)
        return [variable.get(), current_call.get() is not None]

    async with served() as here:
        variable.set(10)
        here.expose(count, "count", run)
        variable.set(20)
        peer = here.converse()
        await peer.greet()
        for _ in range(2):
            assert (await peer.ask("count")).value == [11, True]
    assert current_call.get() is None


@async_test
async def test_re_exposing_lets_connected_clients_call_the_new_one():
    async with served() as here:
        peer = here.converse()
        here.expose(lambda: "old", "f", "loop")
        await peer.greet()
        assert (await peer.ask("f")).value == "old"
        here.expose(lambda: "new", "f", "loop")
        assert (await peer.ask("f")).value == "new"
