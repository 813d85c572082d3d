import asyncio
import os
import signal
import threading
from contextlib import contextmanager

import pytest
from support.asynchronous import async_test
from support.endpoints import served

from wslink_jupyter.wire.envelopes import Result

pytestmark = pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")

MAIN = threading.main_thread().name


@contextmanager
def handling(handler):
    """Have SIGINT handled so; require that nobody has left another handler."""
    before = signal.signal(signal.SIGINT, handler)
    try:
        yield
        assert signal.getsignal(signal.SIGINT) is handler
    finally:
        signal.signal(signal.SIGINT, before)


@pytest.fixture
def ignored():
    """As ipykernel does between two cells."""
    with handling(signal.SIG_IGN):
        yield


def interrupt():
    os.kill(os.getpid(), signal.SIGINT)
    for _ in range(1000):  # the handler runs between two instructions
        pass
    return "not interrupted"


async def replies_of(*functions):
    """Call one after the other, as a client; return the replies."""
    async with served(on_this_thread=True) as here:
        peer = here.converse()
        await peer.greet()
        replies = []
        for number, function in enumerate(functions):
            here.expose(function, f"f{number}", "main")
            replies.append(await peer.ask(f"f{number}"))
        return replies


def raise_mine():
    raise ValueError("mine")


@async_test
async def test_procedures_run_on_the_main_thread(ignored):
    async def later():
        await asyncio.sleep(0)
        return threading.current_thread().name

    for reply in await replies_of(lambda: threading.current_thread().name, later):
        assert reply.value == MAIN


@async_test
async def test_an_interrupt_ends_the_procedure_and_nothing_else(ignored):
    failure, after = await replies_of(interrupt, lambda: "after")
    assert failure.code == -32005
    assert "interrupted" in failure.message
    assert after.value == "after"


@async_test
async def test_between_procedures_interrupts_are_ignored_as_before(ignored, capsys):
    await replies_of(lambda: 1, raise_mine)
    assert interrupt() == "not interrupted"


@async_test
async def test_a_handler_that_is_in_place_is_left_there():
    seen = []
    with handling(lambda *_: seen.append(signal.SIGINT)):
        (reply,) = await replies_of(interrupt)
    assert isinstance(reply, Result)
    assert seen == [signal.SIGINT]


@async_test
async def test_an_interrupt_that_a_cells_handler_raises_ends_the_procedure_only():
    # Python's own handler raises KeyboardInterrupt, as while a cell awaits.
    with handling(signal.default_int_handler):
        failure, after = await replies_of(interrupt, lambda: "after")
    assert failure.code == -32005
    assert after.value == "after"
