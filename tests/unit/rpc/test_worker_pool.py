import threading
import weakref
from concurrent.futures import CancelledError, Future, wait

import pytest

from wslink_jupyter.rpc.worker_pool import WorkerPool

TIMEOUT_S = 10


@pytest.fixture
def pool():
    pool = WorkerPool(2, "pool-under-test")
    yield pool
    pool.close()
    for thread in threads():
        thread.join(TIMEOUT_S)
    assert threads() == []


def threads():
    return [each for each in threading.enumerate() if each.name.startswith("pool-under-test")]


def test_values_and_faults_come_back(pool):
    assert pool.submit(lambda: 5).result(TIMEOUT_S) == 5
    with pytest.raises(ZeroDivisionError):
        pool.submit(lambda: 1 // 0).result(TIMEOUT_S)


@pytest.mark.parametrize("kind", [SystemExit, KeyboardInterrupt, GeneratorExit])
def test_no_fault_ends_a_thread(pool, kind):
    def fail():
        raise kind

    for _ in range(5):
        assert isinstance(pool.submit(fail).exception(TIMEOUT_S), kind)
    assert pool.submit(lambda: 5).result(TIMEOUT_S) == 5


def test_threads_are_daemons_made_when_needed_and_used_again(pool):
    assert threads() == []
    for _ in range(10):
        assert pool.submit(lambda: threading.current_thread().daemon).result(TIMEOUT_S)
    assert 1 <= len(threads()) <= 2


def test_no_more_threads_than_allowed_run_at_once(pool):
    begun, gate = threading.Semaphore(0), threading.Event()

    def work():
        begun.release()
        gate.wait(TIMEOUT_S)
        return threading.current_thread().name

    jobs = [pool.submit(work) for _ in range(8)]
    for _ in range(2):
        assert begun.acquire(timeout=TIMEOUT_S)
    assert sum(job.running() for job in jobs) == 2
    gate.set()
    names = {job.result(TIMEOUT_S) for job in jobs}
    assert names <= {"pool-under-test-1", "pool-under-test-2"}
    assert len(threads()) == 2


def test_close_drops_what_has_not_begun_and_ends_the_threads(pool):
    gate, begun = threading.Event(), threading.Barrier(3)

    def work():
        begun.wait(TIMEOUT_S)
        gate.wait(TIMEOUT_S)

    running = [pool.submit(work) for _ in range(2)]
    begun.wait(TIMEOUT_S)
    waiting = pool.submit(work)
    pool.close()
    pool.close()
    with pytest.raises(CancelledError):
        waiting.result(TIMEOUT_S)
    assert not any(job.done() for job in running)
    gate.set()
    assert wait(running, TIMEOUT_S).not_done == set()
    with pytest.raises(RuntimeError, match="submit: expected an open pool, got a closed one"):
        pool.submit(work)


def test_a_cancelled_job_is_not_run(pool):
    gate, begun = threading.Event(), threading.Barrier(3)

    def work():
        begun.wait(TIMEOUT_S)
        gate.wait(TIMEOUT_S)

    for _ in range(2):
        pool.submit(work)
    begun.wait(TIMEOUT_S)
    ran = []
    assert pool.submit(lambda: ran.append(1)).cancel()
    gate.set()
    assert pool.submit(lambda: "after").result(TIMEOUT_S) == "after"
    assert ran == []


def test_an_idle_thread_keeps_nothing_alive(pool):
    class Held:
        def __call__(self):
            return self

    held = Held()
    gone = threading.Event()
    weakref.finalize(held, gone.set)
    future: Future[Held] = pool.submit(held)
    assert future.result(TIMEOUT_S) is held
    del future, held
    assert gone.wait(TIMEOUT_S)
    assert threads() != []
