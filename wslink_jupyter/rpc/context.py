"""The call that is being answered, as a context variable.

It replaces stock wslink's global "last active client", and it is how a
call's result goes out before the publications that its procedure made: these
are *held* here for the calling session until the result is queued. vtk.js
loses its first images otherwise.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from contextvars import ContextVar


class ActiveCall:
    """One call of one session, from its start until its reply is queued.

    Parameters
    ----------
    session_id : str
    release : callable
        Sends held messages to the session now; safe from every thread.

    Notes
    -----
    A synchronous procedure's publications wait until it has returned. An
    ``async def`` that awaits lets go, at the await, of what it published
    before, as stock wslink does (2.6.0, ``publish.py:29-40``: ``call_later(0)``).
    """

    def __init__(self, session_id: str, release: Callable[[list[bytes]], None]) -> None:
        self.session_id = session_id
        self._release = release
        self._lock = threading.Lock()
        self._held: list[bytes] = []
        self._returned = False
        self._answered = False

    def hold(self, message: bytes) -> bool:
        """Keep `message` until the reply is queued; False if it already is."""
        with self._lock:
            if self._answered:
                return False
            self._held.append(message)
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            return True  # a plain thread: nothing is awaited before the return
        loop.call_soon(self._let_go)
        return True

    def _let_go(self) -> None:
        """Send what is held, unless the procedure returned meanwhile."""
        with self._lock:
            if self._returned or not self._held:
                return
            held, self._held = self._held, []
        self._release(held)

    def returned(self) -> None:
        """Note, on the procedure's thread, that it has returned."""
        self._returned = True

    def answered(self) -> list[bytes]:
        """Note that the reply is queued; return what was held."""
        with self._lock:
            self._answered = True
            held, self._held = self._held, []
        return held


#: The call whose procedure runs in this context, if any.
current_call: ContextVar[ActiveCall | None] = ContextVar("wslink_jupyter_call", default=None)
