"""A thread that does all I/O, with a loop of its own.

It answers while a cell or a procedure runs on the main thread. User code runs
here only under ``run="loop"``.
"""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")

#: Seconds to let the loop's tasks end when it is stopped.
_STOP_TIMEOUT_S = 5.0


class LoopThread:
    """A daemon thread that runs `loop` until `stop`.

    Parameters
    ----------
    name : str
    on_end : callable, optional
        Called on the thread, as the last thing that it does.
    """

    def __init__(self, name: str, on_end: Callable[[], object] | None = None) -> None:
        self._on_end = on_end
        self.loop = asyncio.SelectorEventLoop()  # one with `add_reader`, on Windows, too
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        if hasattr(signal, "pthread_sigmask"):
            # An interrupt is the main thread's business.
            signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        asyncio.set_event_loop(self.loop)
        try:
            self.loop.run_forever()
        finally:
            tasks = asyncio.all_tasks(self.loop)
            for task in tasks:
                task.cancel()
            self.loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
            self.loop.close()
            if self._on_end is not None:
                self._on_end()

    def run(self, coroutine: Coroutine[Any, Any, T], timeout_s: float) -> T:
        """Run `coroutine` on the loop and return its value; not from the loop itself.

        Raises
        ------
        TimeoutError
            If it takes longer than `timeout_s` seconds; it is then cancelled.
        """
        future = asyncio.run_coroutine_threadsafe(coroutine, self.loop)
        try:
            return future.result(timeout_s)
        except TimeoutError:
            future.cancel()
            raise

    def stop(self) -> None:
        """Stop the loop and wait for the thread. Idempotent."""
        if not self.loop.is_closed():
            self.loop.call_soon_threadsafe(self.loop.stop)
            self._thread.join(_STOP_TIMEOUT_S)
