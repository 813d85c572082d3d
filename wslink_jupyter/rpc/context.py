"""The call that is being answered, as a context variable.

It replaces stock wslink's global "last active client", and it is how a
call's result goes out before the publications that its procedure made: these
are *held* here for the calling session until the result is queued. vtk.js
loses its first images otherwise.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from contextvars import ContextVar

from wslink_jupyter.limits import MIB
from wslink_jupyter.rpc.call_timing import CallTiming
from wslink_jupyter.rpc.topics import EncodedPublication

#: How long a procedure in a thread counts as short.
_PATIENCE_S = 0.05
#: As much as may wait for a session.
_MAX_HELD_BYTES = 32 * MIB


class ActiveCall:
    """One call of one session, from its start until its reply is queued.

    Parameters
    ----------
    session_id, call_id : str
    release : callable
        Sends held publications to the session now; safe from every thread.
    tell : callable
        Tells the caller, given the call's id, "queued" or "running", and why; safe from
        every thread.

    Notes
    -----
    A synchronous procedure's publications wait until it has returned. An
    ``async def`` that awaits lets go, at the await, of what it published
    before, as stock wslink does (2.6.0, ``publish.py:29-40``: ``call_later(0)``).
    One that goes on for long in a worker thread, which stock software does
    not know, lets go at its next publication; and so does any that has
    published more than `_MAX_HELD_BYTES`.
    """

    __slots__ = (
        "_answered",
        "_held",
        "_held_bytes",
        "_lock",
        "_release",
        "_returned",
        "_started_s",
        "_tell",
        "_thread_id",
        "_will_let_go",
        "call_id",
        "is_thread",
        "session_id",
        "timing",
    )

    def __init__(
        self,
        session_id: str,
        call_id: str,
        release: Callable[[list[EncodedPublication]], None],
        tell: Callable[[str, str, str], object],
    ) -> None:
        self.session_id = session_id
        self.call_id = call_id
        self._tell = tell
        self.is_thread = False
        #: Of a call whose client asks for it.
        self.timing: CallTiming | None = None
        self._release = release
        self._lock = threading.Lock()
        self._held: list[EncodedPublication] = []
        self._held_bytes = 0
        self._thread_id: int | None = None
        self._started_s = 0.0
        self._returned = self._will_let_go = False
        self._answered = False

    def tell(self, state: str, reason: str) -> None:
        """Tell the caller "queued" or "running", and why; from every thread."""
        self._tell(self.call_id, state, reason)

    def started(self) -> None:
        """Note, on the procedure's thread, that it begins."""
        self._thread_id = threading.get_ident()
        self._started_s = time.monotonic()
        if self.timing is not None:
            self.timing.started()

    def hold(self, publication: EncodedPublication) -> list[EncodedPublication] | None:
        """Keep a publication of this context until the reply is queued.

        Returns
        -------
        list of EncodedPublication or None
            None if it is kept. Otherwise what was held, to be sent before it:
            the reply is queued already, the procedure goes on for long, or
            another thread publishes, for whose progress nobody waits here.
        """
        with self._lock:
            if self._answered or threading.get_ident() != self._thread_id:
                return []
            if self._is_long(publication, may_stream=self.is_thread):
                return self._take()
            self._keep(publication)
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            return None  # a plain thread: nothing is awaited before the return
        if not self._will_let_go:
            loop.call_soon(self._let_go)
            self._will_let_go = True
        return None

    def keep_behind(self, publication: EncodedPublication) -> list[EncodedPublication] | None:
        """Keep somebody else's publication behind an older one of its topic.

        Returns
        -------
        list of EncodedPublication or None
            As `hold`; empty if nothing of the topic is held.
        """
        if not self._held:
            return []
        with self._lock:
            if self._answered or all(held.topic != publication.topic for held in self._held):
                return []
            # Of one that has returned, the reply is on its way.
            if self._is_long(publication, may_stream=not self._returned):
                return self._take()
            self._keep(publication)
            return None

    def _keep(self, publication: EncodedPublication) -> None:
        self._held.append(publication)
        self._held_bytes += len(publication.message)

    def _is_long(self, publication: EncodedPublication, *, may_stream: bool) -> bool:
        if self._held_bytes + len(publication.message) > _MAX_HELD_BYTES:
            return True
        return may_stream and time.monotonic() - self._started_s > _PATIENCE_S

    def _take(self) -> list[EncodedPublication]:
        held, self._held, self._held_bytes = self._held, [], 0
        return held

    def _let_go(self) -> None:
        """Send what is held, unless the procedure returned meanwhile."""
        self._will_let_go = False
        with self._lock:
            if not self._returned and self._held:
                self._release(self._take())

    def returned(self) -> None:
        """Note, on the procedure's thread, that it has returned or raised."""
        self._returned = True
        if self.timing is not None:
            self.timing.ended()

    def answered(self) -> list[EncodedPublication]:
        """Note that the reply is queued; return what was held."""
        with self._lock:
            self._answered = True
            return self._take()


#: The call whose procedure runs in this context, if any.
current_call: ContextVar[ActiveCall | None] = ContextVar("wslink_jupyter_call", default=None)


def caller() -> str:
    """Return the id of the session whose call is being answered; for procedures of our own."""
    active = current_call.get()
    assert active is not None
    return active.session_id
