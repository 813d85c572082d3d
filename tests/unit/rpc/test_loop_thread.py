import asyncio
import signal
import threading

import pytest

from wslink_jupyter.rpc.loop_thread import LoopThread


@pytest.fixture
def thread():
    thread = LoopThread("wslink-link")
    yield thread
    thread.stop()
    assert not [each for each in threading.enumerate() if each.name == "wslink-link"]


def test_coroutines_run_on_a_daemon_thread_of_its_own(thread):
    async def look():
        return threading.current_thread()

    where = thread.run(look(), 5.0)
    assert (where.name, where.daemon) == ("wslink-link", True)


def test_what_a_coroutine_raises_is_raised_here(thread):
    async def fail():
        raise ValueError("mine")

    with pytest.raises(ValueError, match="mine"):
        thread.run(fail(), 5.0)


def test_a_coroutine_that_takes_too_long_is_cancelled(thread):
    cancelled = threading.Event()

    async def forever():
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()

    with pytest.raises(TimeoutError):
        thread.run(forever(), 0.01)
    assert cancelled.wait(5.0)


def test_stopping_cancels_what_runs_and_can_be_done_twice(thread):
    began, ended = threading.Event(), threading.Event()

    async def forever():
        try:
            began.set()
            await asyncio.Event().wait()
        finally:
            ended.set()

    asyncio.run_coroutine_threadsafe(forever(), thread.loop)
    assert began.wait(5.0)
    thread.stop()
    thread.stop()
    assert ended.is_set()
    assert thread.loop.is_closed()


@pytest.mark.skipif(not hasattr(signal, "pthread_sigmask"), reason="signals of POSIX")
def test_interrupts_are_the_main_threads_business(thread):
    async def mask():
        return signal.pthread_sigmask(signal.SIG_BLOCK, [])

    assert signal.SIGINT in thread.run(mask(), 5.0)
    assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, [])
