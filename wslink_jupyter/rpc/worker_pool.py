"""A pool of daemon threads.

`concurrent.futures.ThreadPoolExecutor` joins its threads when the interpreter
ends, before any exit handler runs: a procedure that sleeps would hold up the
kernel's restart until it is killed.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from concurrent.futures import Future
from queue import SimpleQueue
from typing import Any

_Job = tuple[Future[Any], Callable[[], Any]]


class WorkerPool:
    """Runs functions on at most `max_threads` threads, made when needed.

    Parameters
    ----------
    max_threads : int
    name : str
        Prefix of the threads' names.
    """

    def __init__(self, max_threads: int, name: str) -> None:
        self._max_threads = max_threads
        self._name = name
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self._lock = threading.Lock()
        self._threads = 0
        self._idle = 0
        self._closed = False

    def submit(self, function: Callable[[], Any]) -> Future[Any]:
        """Run `function` on a thread; return the future of its value.

        Raises
        ------
        RuntimeError
            After `close`.
        """
        future: Future[Any] = Future()
        with self._lock:
            if self._closed:
                raise RuntimeError("submit: expected an open pool, got a closed one")
            if self._idle:
                self._idle -= 1
            elif self._threads < self._max_threads:
                self._threads += 1
                name = f"{self._name}-{self._threads}"
                threading.Thread(target=self._work, name=name, daemon=True).start()
            self._jobs.put((future, function))
        return future

    def close(self) -> None:
        """Take no more, drop what has not begun, do not wait. Idempotent."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            while not self._jobs.empty():
                job = self._jobs.get_nowait()
                if job is not None:
                    job[0].cancel()
            for _ in range(self._threads):
                self._jobs.put(None)

    def _work(self) -> None:
        if hasattr(signal, "pthread_sigmask"):
            # The thread that made us may block it, and programs we start would inherit that.
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
        while (job := self._jobs.get()) is not None:
            future, function = job
            if future.set_running_or_notify_cancel():
                try:
                    future.set_result(function())
                except BaseException as error:  # whatever it raises is the caller's to see
                    future.set_exception(error)
            del job, future, function  # keep nothing alive while idle
            with self._lock:
                if self._jobs.empty():
                    self._idle += 1
