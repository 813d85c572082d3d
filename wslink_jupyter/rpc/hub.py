"""The live sessions of one endpoint, and what is published to them."""

from __future__ import annotations

import asyncio
import os
import threading
from collections import Counter, deque
from collections.abc import Callable
from functools import partial

from wslink_jupyter.errors import NotSerializable
from wslink_jupyter.rpc.buffer_pool import BufferPool
from wslink_jupyter.rpc.context import current_call
from wslink_jupyter.rpc.session import Session
from wslink_jupyter.rpc.session_info import SessionInfo
from wslink_jupyter.rpc.topics import (
    DEFAULT_SETTINGS,
    EncodedPublication,
    TopicSettings,
    check_topic,
)
from wslink_jupyter.wire.codec import check_packable, pack

#: How long the loop goes on looking for publications by itself.
_LINGER_S = 0.001


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
        #: Stock clients, which are sent every topic.
        self._hear_all: dict[str, Session] = {}
        self._listeners: dict[str, dict[str, Session]] = {}
        self._settings: dict[str, TopicSettings] = {}
        self._retained: dict[str, EncodedPublication] = {}
        self._numbers: Counter[str] = Counter()
        self._on_come: list[Callable[[Session], object]] = []
        self._on_gone: list[Callable[[str], object]] = []
        self._on_heard: dict[str, Callable[[bool], object]] = {}
        #: Called, while somebody inspects, with topic, value and encoded size of what
        #: is published; by any thread. None is the size of what nobody listens to.
        self.on_publish: Callable[[str, object, int | None], object] | None = None
        #: Memory for what is sent to these sessions.
        self.pool = BufferPool()
        #: What the loop has to do, in the order in which it was asked for.
        self._inbox: deque[Callable[[], object]] = deque()
        #: By another thread, and by the loop's own.
        self._is_woken = self._will_drain = False
        self._loop_thread_id: int | None = None
        self._pid = os.getpid()
        #: Publications of forked children, whose link is not theirs, or after the end.
        self.lost_publications = 0

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        """The loop on which the sessions live."""
        return self._loop

    def on_come(self, callback: Callable[[Session], object]) -> None:
        """Have `callback` called, on the loop, with each session that has said hello."""
        self._on_come.append(callback)

    def on_gone(self, callback: Callable[[str], object]) -> None:
        """Have `callback` called, on the loop, with the id of each session that ends."""
        self._on_gone.append(callback)

    def on_heard(self, topic: str, callback: Callable[[bool], object]) -> None:
        """Have `callback` called, on the loop, when `topic` gets listeners or loses the last."""
        self._on_heard[topic] = callback

    def listener_counts(self) -> dict[str, int]:
        """Return how many sessions have subscribed to each topic. On the loop."""
        return {topic: len(sessions) for topic, sessions in self._listeners.items()}

    def add(self, session: Session) -> None:
        """Let `session` hear publications from now on."""
        self._loop_thread_id = threading.get_ident()
        self._sessions[session.id] = session
        if session.own is None:
            self._hear_all[session.id] = session
            for publication in list(self._retained.values()):
                session.publish(publication)
        for callback in self._on_come:
            callback(session)

    def listen(self, session: Session, topic: str, listens: bool) -> None:
        """Let `session` hear `topic` from now on, a retained value first; or no more."""
        was_heard = topic in self._listeners
        if listens:
            self._listeners.setdefault(topic, {})[session.id] = session
            if not was_heard and topic in self._on_heard:
                self._on_heard[topic](True)
            if topic in self._retained:
                session.publish(self._retained[topic])
            return
        listeners = self._listeners.get(topic, {})
        listeners.pop(session.id, None)
        if was_heard and not listeners:
            del self._listeners[topic]
            if topic in self._on_heard:
                self._on_heard[topic](False)

    def discard(self, session: Session) -> None:
        """Forget `session`. Idempotent."""
        was_here = self._sessions.pop(session.id, None) is not None
        self._hear_all.pop(session.id, None)
        for topic in session.own.topics if session.own is not None else ():
            self.listen(session, topic, False)
        for callback in self._on_gone if was_here else ():
            callback(session.id)

    def infos(self) -> list[SessionInfo]:
        """Return a snapshot of every session; safe from every thread."""
        return [session.info for session in list(self._sessions.values())]

    async def measure_round_trips(self, timeout_s: float) -> None:
        """Measure how far our own clients are, now."""
        owns = [session.own for session in self._sessions.values() if session.own is not None]
        await asyncio.gather(*(own.round_trip.measure(timeout_s) for own in owns))

    def configure(self, topic: str, settings: TopicSettings) -> None:
        """Deliver later publications of `topic` as `settings` say. From every thread."""
        self._settings[topic] = settings
        if not settings.retain and not self._is_over():
            self._post(partial(self._retained.pop, topic, None))

    def publish(
        self,
        topic: str,
        value: object,
        to: str | None = None,
        on_sent: Callable[[], object] | None = None,
        *,
        not_to: str | None = None,
        newest_of: str | None = None,
    ) -> None:
        """Send `value` to every session that listens, or to one.

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
        on_sent : callable, optional
            Called, on the loop, when the transport to a session has taken all of it, and
            when nobody is sent it: for clients that do not acknowledge.
        not_to : str, optional
            Client id of a session that does not get it.
        newest_of : str, optional
            Of a client that is too slow for all, a newer value of the same takes the place
            of this one, however the topic is delivered.

        Raises
        ------
        RegistrationError
            If the topic is not valid: stock clients would never see it.
        NotSerializable
            If the value cannot be encoded; names the path.
        """
        if self._is_over():
            self.lost_publications += 1
            return
        if topic not in self._listeners:  # which have been checked
            check_topic(topic)
        settings = self._settings.get(topic, DEFAULT_SETTINGS)
        try:
            if not (settings.retain or self._hear_all or topic in self._listeners):
                check_packable(value, "value")
                self._tell(topic, value, None)
                if on_sent is not None:
                    self._post(on_sent)
                return
            body = pack(value, "value", self.pool.take)
        except NotSerializable as error:
            raise NotSerializable(f"publish {topic!r}: {error.message}") from error
        self._tell(topic, value, len(body))
        is_latest = settings.delivery == "latest" or newest_of is not None
        publication = EncodedPublication(
            topic, -1, body, is_latest, settings.retain, on_sent, newest_of or ""
        )
        try:
            # No lock: a thread that loses the interpreter would hold up all others.
            holder = self._hold(publication, to, not_to)
            self._inbox.append(partial(self._deliver, publication, to, (holder, not_to)))
            self._wake()
        except BaseException:  # a cell's interrupt, between any two lines
            self._loop.call_soon_threadsafe(self._woken)
            raise

    def _tell(self, topic: str, value: object, size_bytes: int | None) -> None:
        on_publish = self.on_publish  # the loop may take it away
        if on_publish is not None:
            on_publish(topic, value, size_bytes)

    def _hold(
        self, publication: EncodedPublication, to: str | None, not_to: str | None
    ) -> str | None:
        """Have the call of this context hold `publication`; return its session's id if it does."""
        active = current_call.get()
        if active is None or to not in (None, active.session_id) or active.session_id == not_to:
            return None
        released = active.hold(publication)
        if released is None:
            return active.session_id
        if released:
            self.send(active.session_id, released)
        return None

    def send(self, session_id: str, publications: list[EncodedPublication]) -> None:
        """Send a session what was held, in order with all else. From every thread."""
        self._inbox.append(partial(self._send, session_id, publications))
        # At once: they have to be there before what the call holds until its reply.
        self._loop.call_soon_threadsafe(self.drain)

    def _send(self, session_id: str, publications: list[EncodedPublication]) -> None:
        session = self._sessions.get(session_id)
        if session is not None:
            for publication in publications:
                session.put(publication)

    def _is_over(self) -> bool:
        """Whether this is a forked child, whose link is not its own, or the loop has ended."""
        return os.getpid() != self._pid or self._loop.is_closed()

    def number(self, publication: EncodedPublication) -> None:
        """Give a publication its number, on the loop: numbers come in order to every client."""
        if publication.number < 0:
            publication.number_as(self._numbers[publication.topic])
            self._numbers[publication.topic] += 1

    def _post(self, action: Callable[[], object]) -> None:
        self._inbox.append(action)
        self._wake()

    def _wake(self) -> None:
        if threading.get_ident() == self._loop_thread_id:
            if not self._will_drain:
                self._loop.call_soon(self._drain_soon)
                self._will_drain = True  # last: an interrupt may come between any two lines
        elif not self._is_woken:
            # A system call, at which another thread may take the interpreter: so not
            # for every publication, and not while they come one after the other.
            self._is_woken = True
            self._loop.call_soon_threadsafe(self._woken)

    def _woken(self) -> None:
        if self._inbox:
            self.drain()
            self._loop.call_later(_LINGER_S, self._woken)
            return
        self._is_woken = False
        self.drain()  # what came before that was seen

    def _drain_soon(self) -> None:
        self._will_drain = False
        self.drain()

    def drain(self) -> None:
        """Do what was asked for until now, on the loop."""
        self._loop_thread_id = threading.get_ident()
        while self._inbox:
            self._inbox.popleft()()

    def _deliver(
        self, publication: EncodedPublication, to: str | None, not_to: tuple[str | None, ...]
    ) -> None:
        self.number(publication)
        topic = publication.topic
        if publication.is_retained and to is None:
            self._retained[topic] = publication
        everybody = [*self._hear_all.values(), *self._listeners.get(topic, {}).values()]
        listeners = [each for each in everybody if to in (None, each.id)]
        if publication.on_sent is not None and not listeners:
            publication.on_sent()
        for session in listeners:
            if session.id not in not_to:
                session.publish(publication)
