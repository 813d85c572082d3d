"""The stock protocols that one endpoint serves, and the sessions they are told of."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable, Iterable
from contextvars import Context
from functools import partial
from typing import Any

from wslink_jupyter.rpc.endpoint import Endpoint
from wslink_jupyter.rpc.errand import of_no_call, queue_errand
from wslink_jupyter.rpc.execution import Runner
from wslink_jupyter.rpc.procedure import Policy, Procedure
from wslink_jupyter.rpc.session import Session
from wslink_jupyter.stock.attachment import Attachment
from wslink_jupyter.stock.core_server import CoreServer
from wslink_jupyter.stock.link_protocol import collect_link_protocol


class StockProtocols:
    """Binds stock ``LinkProtocol`` objects to an endpoint. From every thread.

    Parameters
    ----------
    endpoint : Endpoint
    run_main : callable
        The runner of ``run="main"``: where protocols are called.

    Attributes
    ----------
    core_server : CoreServer
        Theirs.
    """

    def __init__(self, endpoint: Endpoint, run_main: Runner) -> None:
        self._endpoint = endpoint
        self._run_main = run_main
        self._lock = threading.Lock()
        #: By the protocol's identity, the newest last.
        self._attachments: dict[int, Attachment] = {}
        #: Users, by session.
        self._sessions: dict[str, str] = {}
        self.core_server = CoreServer(self._protocols)
        endpoint.hub.on_come(self._session_came)
        endpoint.hub.on_gone(self._session_gone)

    def expose(
        self, protocol: Any, name: str | None, run: Policy | None, only: Iterable[str] | None
    ) -> list[Procedure]:
        """Bind a protocol's procedures, and tell it of the clients; return the procedures.

        Replaces, as any binding does, what had its name: a protocol that is replaced, or
        unbound, is told that its clients have left, and publishes no more.

        Raises
        ------
        RegistrationError
            See `collect_link_protocol`.
        """
        attachment = self._attachment_of(protocol)
        guards = attachment.guards
        binding, procedures = collect_link_protocol(
            protocol, name, run, only, None if guards is None else guards.guard
        )
        with self._lock:
            self._attachments[id(protocol)] = attachment
            attachment.names.append(binding)
        attachment.join(self.core_server)
        self._endpoint.registry.bind(
            binding, procedures, on_unbound=partial(self._unbound, attachment, binding)
        )
        with self._lock:
            sessions = list(self._sessions.items())
        for session_id, user in sessions:
            self._call_now(attachment, partial(attachment.connect, session_id, user))
        return procedures

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
        """Unbind a protocol that asks for the end of its server: the kernel's is not its own."""
        for name in set(attachment.names):
            self._endpoint.registry.unbind(name)

    def _unbound(self, attachment: Attachment, name: str) -> None:
        with self._lock:
            attachment.names.remove(name)
            if attachment.names:
                return
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
