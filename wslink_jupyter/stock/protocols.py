"""The stock protocols that one endpoint serves, and the sessions they are told of."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable, Iterable
from contextvars import Context
from functools import partial
from typing import Any

from wslink_jupyter.rpc.binding import check_free, snake_case
from wslink_jupyter.rpc.endpoint import Endpoint
from wslink_jupyter.rpc.errand import of_no_call, queue_errand
from wslink_jupyter.rpc.execution import Runner
from wslink_jupyter.rpc.procedure import Policy, Procedure, mark_of
from wslink_jupyter.rpc.session import Session
from wslink_jupyter.stock.attachment import Attachment
from wslink_jupyter.stock.core_server import CoreServer
from wslink_jupyter.stock.link_protocol import Guard, collect_link_protocol, protocols_of
from wslink_jupyter.stock.turns import Turns


class StockProtocols:
    """Binds stock ``LinkProtocol`` objects to an endpoint. From every thread.

    Parameters
    ----------
    endpoint : Endpoint
    run_main : callable
        The runner of ``run="main"``: where protocols are called.
    stop : callable, optional
        Called when a protocol asks for the end of its server. By default it is unbound:
        the kernel's server is not its own.

    Attributes
    ----------
    core_server : CoreServer
        Theirs.
    """

    def __init__(
        self, endpoint: Endpoint, run_main: Runner, stop: Callable[[], object] | None = None
    ) -> None:
        self._endpoint = endpoint
        self._run_main = run_main
        self._stop_server = stop
        self._lock = threading.Lock()
        #: By the protocol's identity, the newest last.
        self._attachments: dict[int, Attachment] = {}
        #: Users, by session.
        self._sessions: dict[str, str] = {}
        self._turns = Turns()
        self.core_server = CoreServer(self._protocols)
        endpoint.hub.on_come(self._session_came)
        endpoint.hub.on_gone(self._session_gone)

    def expose(
        self, protocol: Any, name: str | None, run: Policy | None, only: Iterable[str] | None
    ) -> list[Procedure]:
        """Bind a protocol's procedures, and tell it of the clients; return the procedures.

        With it come the protocols that it has registered. `only` is of its own methods.
        Replaces, as any binding does, what had its name: a protocol that is replaced, or
        unbound, is told that its clients have left, and publishes no more.

        Raises
        ------
        RegistrationError
            If the name is not valid; and see `collect_link_protocol`.
        """
        binding = check_free(snake_case(type(protocol).__name__) if name is None else name)
        attachments = [self._attachment_of(each) for each in protocols_of(protocol)]
        procedures = [
            procedure
            for each in attachments
            for procedure in collect_link_protocol(
                each.protocol,
                run,
                only if each.protocol is protocol else None,
                partial(self._guard, each.guard),
            )
        ]
        for attachment in attachments:
            attachment.join(self.core_server)
        with self._lock:
            for attachment in attachments:
                self._attachments[id(attachment.protocol)] = attachment
                attachment.names.append(binding)
        self._endpoint.registry.bind(
            binding, procedures, on_unbound=partial(self._unbound, attachments, binding)
        )
        with self._lock:
            sessions = list(self._sessions.items())
        for attachment in attachments:
            for session_id, user in sessions:
                self._call_now(attachment, partial(attachment.connect, session_id, user))
        return procedures

    def _guard(
        self, guard: Guard | None, uri: str, find: Callable[[], Callable[..., Any]]
    ) -> Callable[[], Callable[..., Any]]:
        found = find if guard is None else guard(uri, find)
        # What is named with our own decorators says itself how it runs.
        return found if mark_of(find()) is not None else self._turns.guard(found)

    def close(self) -> None:
        """Detach every protocol."""
        with self._lock:
            attachments, self._attachments = list(self._attachments.values()), {}
        for attachment in attachments:
            self._call_now(attachment, attachment.detach)

    def _protocols(self) -> list[Any]:
        with self._lock:
            return [attachment.protocol for attachment in self._attachments.values()]

    def _attachment_of(self, protocol: Any) -> Attachment:
        with self._lock:
            known = self._attachments.get(id(protocol))
        if known is not None:
            return known
        return Attachment(protocol, self._endpoint.hub, self._stop)

    def _stop(self, attachment: Attachment) -> None:
        if self._stop_server is not None:
            self._stop_server()
            return
        for name in set(attachment.names):
            self._endpoint.registry.unbind(name)

    def _unbound(self, attachments: list[Attachment], name: str) -> None:
        for attachment in attachments:
            with self._lock:
                attachment.names.remove(name)
                if attachment.names:
                    continue
                self._attachments.pop(id(attachment.protocol), None)
            self._call_now(attachment, attachment.detach)

    def _session_came(self, session: Session) -> None:
        with self._lock:
            self._sessions[session.id] = session.user
            attachments = list(self._attachments.values())
        for attachment in attachments:
            self._queue(attachment.context, partial(attachment.connect, session.id, session.user))

    def _session_gone(self, session_id: str) -> None:
        with self._lock:
            self._sessions.pop(session_id, None)
            attachments = list(self._attachments.values())
        for attachment in attachments:
            self._queue(attachment.context, partial(attachment.disconnect, session_id))

    def _call_now(self, attachment: Attachment, function: Callable[[], None]) -> None:
        """Call at once on the main thread, whose next calls come after; else queue it there."""
        if threading.current_thread() is threading.main_thread():
            of_no_call(attachment.context).run(function)
            return
        loop: asyncio.AbstractEventLoop = self._endpoint.hub.loop
        with contextlib.suppress(RuntimeError):  # the loop has ended
            loop.call_soon_threadsafe(self._queue, attachment.context, function)

    def _queue(self, context: Context, function: Callable[[], None]) -> None:
        # At once, on the loop: before the calls that the same client has sent behind.
        queue_errand(self._run_main, function, context)
