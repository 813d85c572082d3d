"""The live sessions of one endpoint, and what is published to them."""

from __future__ import annotations

import asyncio
import os
import threading
from collections import Counter

from wslink_jupyter.errors import NotSerializable, RegistrationError
from wslink_jupyter.rpc.context import current_call
from wslink_jupyter.rpc.session import Session, SessionInfo
from wslink_jupyter.wire.codec import pack
from wslink_jupyter.wire.envelopes import Publication
from wslink_jupyter.wire.ids import is_name


class Hub:
    """Sessions by client id, on one loop; `publish` from every thread.

    Parameters
    ----------
    loop : asyncio.AbstractEventLoop
        The loop on which the sessions live.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._sessions: dict[str, Session] = {}
        self._numbers: Counter[str] = Counter()
        self._lock = threading.Lock()
        self._pid = os.getpid()
        #: Publications of forked children, whose link is not theirs, or after the end.
        self.lost_publications = 0

    def add(self, session: Session) -> None:
        """Let `session` hear publications from now on."""
        self._sessions[session.id] = session

    def discard(self, session: Session) -> None:
        """Forget `session`. Idempotent."""
        self._sessions.pop(session.id, None)

    def infos(self) -> list[SessionInfo]:
        """Return a snapshot of every session; safe from every thread."""
        return [session.info for session in list(self._sessions.values())]

    def publish(self, topic: str, value: object, to: str | None = None) -> None:
        """Send `value` to every session, or to one.

        Encodes once, here and now, so that later changes of `value` are not
        seen; never waits for the network. Safe from every thread; in a forked
        child, and after the end, counted and nothing else. For the
        session whose call is being answered in this context, the message
        waits for the call's reply.

        Parameters
        ----------
        topic : str
            Dotted words of ASCII letters, digits and ``_``.
        value : object
            Anything that `wslink_jupyter.wire.codec.pack` takes.
        to : str, optional
            Client id of the only session to get it; gone ones are ignored.

        Raises
        ------
        RegistrationError
            If the topic is not valid: stock clients would never see it.
        NotSerializable
            If the value cannot be encoded; names the path.
        """
        if os.getpid() != self._pid or self._loop.is_closed():
            self.lost_publications += 1
            return
        if not is_name(topic):
            raise RegistrationError(
                "topic: expected words of ASCII letters, digits and _ joined by dots, "
                f"at most 255 characters, got {topic!r:.80}"
            )
        with self._lock:
            number = self._numbers[topic]
            self._numbers[topic] += 1
        try:
            message = pack(Publication(topic, number, value).dump())
        except NotSerializable as error:
            # On the wire a published value is called a result.
            text = error.message.replace("result", "value", 1)
            raise NotSerializable(f"publish {topic!r}: {text}") from error
        active = current_call.get()
        caller = None
        if active is not None and to in (None, active.session_id) and active.hold(message):
            caller = active.session_id
            if to is not None:
                return
        self._loop.call_soon_threadsafe(self._deliver, message, to, caller)

    def _deliver(self, message: bytes, to: str | None, not_to: str | None) -> None:
        if to is not None:
            session = self._sessions.get(to)
            if session is not None:
                session.publish(message)
            return
        for session in list(self._sessions.values()):
            if session.id != not_to:
                session.publish(message)
