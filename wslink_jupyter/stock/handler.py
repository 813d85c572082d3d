"""wslink's own handler of clients on the kernel's main loop, with what its backends forget.

Its generic backend (wslink 2.6.0, ``backends/generic/core.py``) never calls
``onClose``, forgets no client, and raises to the transport what a client's
garbage makes it raise.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from functools import partial
from typing import Any, NamedTuple

from wslink.backends.generic.core import WsConnection, WsEndpoint
from wslink.chunking import UnChunker
from wslink.websocket import ServerProtocol

from wslink_jupyter.codes import CloseCode
from wslink_jupyter.errors import MessageTooBig, RemoteProtocolError
from wslink_jupyter.stock.containment import Interruptible, contained
from wslink_jupyter.stock.tunnel import Tunnel
from wslink_jupyter.stock.vtk_guards import VtkGuards
from wslink_jupyter.views.pictures.windows import IMAGE_TOPIC
from wslink_jupyter.wire.header import Buffer, ChunkHeader

_log = logging.getLogger("wslink_jupyter.stock")

#: VTK's topic of pictures: one of a view that still waits makes room for the next.
_PICTURE = f"publish:{IMAGE_TOPIC}:"
_replaces: ContextVar[tuple[str, Any] | None] = ContextVar("wslink_jupyter_replaces", default=None)


class _Request(dict[str, Any]):
    """A connection, as wslink's generic backend tells of one and as an aiohttp request does.

    The browser's own request ends at the Jupyter server, whose token is in it.
    """

    def __init__(self, connection: WsConnection, user: str) -> None:
        super().__init__(type="generic", connection=connection, user=user)
        self.user = user
        self.headers: dict[str, str] = {}
        self.query: dict[str, str] = {}


class _Message(NamedTuple):
    """A frame as stock handlers take it."""

    data: Buffer


class _Connection(WsConnection):  # type: ignore[misc]  # wslink has no types
    """A client as stock protocols see it."""

    def __init__(self, tunnel: Tunnel, handler: TunnelHandler) -> None:
        super().__init__()
        self._id = tunnel.id
        self._ws = handler
        self._tunnel = tunnel
        self.max_frame_bytes = tunnel.max_frame_bytes
        self.closed = False

    async def close(self) -> None:
        self._tunnel.close(CloseCode.NORMAL, "closed by the application")

    async def send_str(self, value: str) -> None:
        """Send nothing: wslink 2 has no text."""

    async def send_bytes(self, value: bytes) -> None:
        self._tunnel.send(value, _replaces.get())


class TunnelHandler(WsEndpoint):  # type: ignore[misc]
    """Answers the clients of one protocol.

    Parameters
    ----------
    protocol : wslink.websocket.ServerProtocol
    web_app : TunnelServer
    loop : asyncio.AbstractEventLoop
        The kernel's main one.
    interruptible : callable
        See `contained`.
    """

    def __init__(
        self,
        protocol: Any,
        web_app: Any,
        loop: asyncio.AbstractEventLoop,
        interruptible: Interruptible,
    ) -> None:
        self._loop = loop
        self._thread_id = threading.main_thread().ident
        super().__init__(protocol, web_app)
        # Every handler adds the protocol to its own list (``protocol.py:150``).
        linked = protocol.getLinkProtocols()
        linked[:] = [*(each for each in linked if each is not protocol), protocol]
        self._guards = {
            id(each): guards
            for each in linked
            if (guards := VtkGuards.of(each, lambda: web_app.last_active_client_id)) is not None
        }
        for uri, (owner, function) in self.functionMap.items():
            if function is ServerProtocol.exitLater:
                owner, function = self, TunnelHandler._exit_later
            if id(owner) in self._guards:
                function = _guarded(self._guards[id(owner)], uri, owner, function)
            self.functionMap[uri] = (owner, contained(function, interruptible))

    def publish(
        self,
        topic: str,
        data: Any,
        client_id: str | None = None,
        skip_last_active_client: bool = False,
    ) -> None:
        """Publish; unlike stock wslink, from every thread."""
        publish = super().publish
        if threading.get_ident() == self._thread_id:
            publish(topic, data, client_id, skip_last_active_client)
        else:
            self._loop.call_soon_threadsafe(
                publish, topic, data, client_id, skip_last_active_client
            )

    async def validateToken(self, token: Any, client_id: str) -> bool:  # noqa: N802
        """Accept who Jupyter has let in, unless a protocol has a rule of its own."""
        for protocol in self._protocols():
            validate = getattr(protocol, "validateToken", None)
            if validate is not None and not await validate(token, client_id):
                return False
        return True

    async def sendWrappedMessage(  # noqa: N802
        self, rpcid: str, content: Any, *args: Any, **kwargs: Any
    ) -> None:
        """Send a reply or publication; a hello's says what the way takes."""
        if rpcid.startswith("system:") and isinstance(content, dict) and "maxMsgSize" in content:
            size_bytes = content["maxMsgSize"]
            connection = self.connections[kwargs["client_id"]]  # or one in this process
            limit_bytes = getattr(connection, "max_frame_bytes", size_bytes)
            content = {**content, "maxMsgSize": min(size_bytes, limit_bytes)}
        elif rpcid.startswith(_PICTURE) and isinstance(content, dict):
            _replaces.set((IMAGE_TOPIC, content.get("id")))  # a publication has a task of its own
        await super().sendWrappedMessage(rpcid, content, *args, **kwargs)

    async def disconnect(self, client_or_id: Any) -> None:
        """Close a client, as an application may ask."""
        client_id = getattr(client_or_id, "client_id", client_or_id)
        connection = self.connections.get(client_id)
        if isinstance(connection, _Connection):
            await connection.close()
        else:
            await super().disconnect(client_id)

    async def attend(self, tunnel: Tunnel) -> None:
        """Serve a client until it has gone and all that came from it was handled."""
        connection = _Connection(tunnel, self)
        client_id = tunnel.id
        self.connections[client_id] = connection
        await self.onConnect(_Request(connection, tunnel.user), client_id)
        try:
            while (frame := await tunnel.read()) is not None:
                await self._handle(connection, frame, tunnel)
                await asyncio.sleep(0)  # who sends much does not hold up others
        finally:
            tunnel.close(CloseCode.INTERNAL_ERROR, "the server failed")  # unless it has an end
            connection.closed = True
            self.connections.pop(client_id, None)
            self.authentified_client_ids.discard(client_id)
            await self.onClose(client_id)

    async def _handle(self, connection: _Connection, frame: Buffer, tunnel: Tunnel) -> None:
        unchunker = self.unchunkers[tunnel.id]
        size_bytes, limit_bytes = ChunkHeader.decode(frame).total, unchunker.max_message_size
        try:
            if size_bytes > limit_bytes:  # wslink's own, before the hello
                raise MessageTooBig(size_bytes, limit_bytes, "hello")
            await connection.send(True, _Message(frame))
            tunnel.check_pending(len(unchunker.pending_messages))
        except RemoteProtocolError as error:
            tunnel.close(error.close_code, str(error))
        except Exception as error:
            _log.info("a client of a stock server sent what wslink cannot read: %r", error)
            tunnel.close(CloseCode.BAD_FRAME, "expected a message of wslink")

    async def onConnect(self, request: Any, client_id: str) -> None:  # noqa: N802
        """Tell every protocol, once."""
        self.unchunkers[client_id] = UnChunker()
        for protocol in self._protocols():
            _tell(protocol, "onConnect", request, client_id)

    async def onClose(self, client_id: str) -> None:  # noqa: N802
        """Tell every protocol, once."""
        self.unchunkers.pop(client_id, None)
        for protocol in self._protocols():
            _tell(protocol, "onClose", client_id)
            if id(protocol) in self._guards:
                self._guards[id(protocol)].client_left(client_id)

    def _exit_later(self, delay_s: float = 60) -> None:
        """End the endpoint after a while, if nobody is connected then.

        A page says so as it unloads, and may be loaded again.
        """

        def exit_unless_used() -> None:
            if not self.connections:
                self._loop.create_task(self.web_app.stop())

        self._loop.call_later(delay_s, exit_unless_used)

    def _protocols(self) -> Iterator[Any]:
        yield from self.serverProtocol.getLinkProtocols()  # its own list has itself, last


def _guarded(
    guards: VtkGuards, uri: str, owner: Any, function: Callable[..., Any]
) -> Callable[..., Any]:
    answer = guards.guard(uri, lambda: partial(function, owner))()
    return lambda _owner, *args, **kwargs: answer(*args, **kwargs)


def _tell(protocol: Any, event: str, *args: Any) -> None:
    """Call an application's hook; what it raises is its own matter."""
    hook = getattr(protocol, event, None)
    try:
        if hook is not None:
            hook(*args)
    except (Exception, SystemExit):
        _log.exception("%s of %s", event, type(protocol).__name__)
