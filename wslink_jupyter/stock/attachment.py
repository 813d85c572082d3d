"""One exposed stock protocol, and what connects it with its endpoint."""

from __future__ import annotations

import contextlib
import sys
import traceback
from collections.abc import Callable
from contextvars import Context, copy_context
from functools import partial
from typing import Any

from wslink_jupyter.rpc.context import caller, current_call
from wslink_jupyter.rpc.hub import Hub
from wslink_jupyter.rpc.topics import check_own_topic
from wslink_jupyter.stock.core_server import CoreServer, Request
from wslink_jupyter.stock.vtk_guards import VtkGuards, view_of

#: A hello tells a client its id behind this letter; wslink's Python side has it without
#: (2.6.0, ``protocol.py:223-226``).
_PREFIX = "c"
_STOCK_ID_LENGTH = 32


class Attachment:
    """A stock protocol while it is exposed.

    Used on the thread where its procedures run, but for `publish`.

    Parameters
    ----------
    protocol : LinkProtocol
    hub : Hub
    stop : callable
        Called when the protocol asks for the end of its server.

    Attributes
    ----------
    protocol : LinkProtocol
    context : contextvars.Context
        Of the place that exposed it: what its callbacks print lands there.
    guard : callable or None
        What stands before its methods; see `collect_link_protocol`.
    names : list of str
        Of the bindings that have it.
    """

    def __init__(self, protocol: Any, hub: Hub, stop: Callable[[Attachment], None]) -> None:
        self.protocol = protocol
        self.context: Context = copy_context()
        self._guards = VtkGuards.of(protocol, caller)
        self.guard = None if self._guards is None else self._guards.guard
        self.names: list[str] = []
        self._hub = hub
        self._stop = stop
        self._connected: dict[str, None] = {}
        self._is_attached = True

    def join(self, core_server: CoreServer) -> None:
        """Give the protocol what stock wslink gives it before the first connection."""
        protocol, self.context = self.protocol, copy_context()
        if not callable(getattr(protocol, "init", None)):
            return  # a plain object with registered methods
        # That of a real server has the objects that its protocols share.
        if isinstance(getattr(protocol, "coreServer", None), CoreServer | None):
            protocol.coreServer = core_server
        protocol.init(self.publish, _itself, partial(self._stop, self))
        if self._guards is not None:
            self._guards.prepare()

    def publish(
        self,
        topic: str,
        data: Any,
        client_id: str | None = None,
        skip_last_active_client: bool = False,
    ) -> None:
        """Send `data` to every client, or to one. From every thread, in order.

        Parameters
        ----------
        topic : str
        data : object
            Encoded here and now.
        client_id : str, optional
            As `onConnect` got it, or as the client knows it.
        skip_last_active_client : bool
            Not to the client whose call is being answered, also in what the call scheduled.
            Stock wslink skips the last that called anything.
        """
        if not self._is_attached:
            return
        active = current_call.get()
        self._hub.publish(
            check_own_topic(topic),
            data,
            None if client_id is None else _session_id(client_id),
            not_to=active.session_id if skip_last_active_client and active else None,
            newest_of=view_of(topic, data),
        )

    def connect(self, session_id: str, user: str) -> None:
        """Tell the protocol of a client, once."""
        if self._is_attached and session_id not in self._connected:
            self._connected[session_id] = None
            self._call("onConnect", Request(user), session_id.removeprefix(_PREFIX))

    def disconnect(self, session_id: str) -> None:
        """Tell the protocol that a client which it was told of has left."""
        if session_id not in self._connected:
            return
        del self._connected[session_id]
        self._call("onClose", session_id.removeprefix(_PREFIX))
        if self._guards is not None:
            self._guards.client_left(session_id)

    def detach(self) -> None:
        """Let every client leave the protocol, and publish for it no more."""
        for session_id in list(self._connected):
            self.disconnect(session_id)
        self._is_attached = False

    def _call(self, method: str, *args: object) -> None:
        function = getattr(self.protocol, method, None)
        if function is None:
            return
        try:
            function(*args)
        except (Exception, SystemExit) as error:  # the others are told all the same
            with contextlib.suppress(Exception):  # a user's stream
                sys.stderr.write("".join(traceback.format_exception(error)))


def _itself(payload: Any) -> Any:
    """Return an attachment: binary data travels in the message (2.6.0, ``publish.py:19-24``)."""
    return payload


def _session_id(client_id: str) -> str:
    return f"{_PREFIX}{client_id}" if len(client_id) == _STOCK_ID_LENGTH else client_id
