"""The async Python client: one session with one endpoint."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import re
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

from tornado.httpclient import HTTPRequest
from tornado.websocket import websocket_connect

from wslink_jupyter._version import __version__
from wslink_jupyter.codes import CloseCode
from wslink_jupyter.errors import (
    ConnectionClosed,
    InvalidParams,
    LocalProtocolError,
    RemoteProtocolError,
    RpcError,
)
from wslink_jupyter.limits import CLIENT_LIMITS, HEADER_BYTES, KERNEL_LIMITS
from wslink_jupyter.rpc.endpoint import PROTOCOL
from wslink_jupyter.rpc.subscribers import Subscriber, Subscribers
from wslink_jupyter.transport.base import FrameTransport
from wslink_jupyter.transport.websocket import ClientWebSocket
from wslink_jupyter.wire.connection import Envelope, Role, WireConnection
from wslink_jupyter.wire.envelopes import (
    ACK_METHOD,
    CANCEL_METHOD,
    SUBSCRIBE_METHOD,
    UNSUBSCRIBE_METHOD,
    Call,
    Failure,
    Hello,
    Publication,
    Result,
    SystemRequest,
)
from wslink_jupyter.wire.ids import is_system, rpc_id, system_id

_log = logging.getLogger("wslink_jupyter.client")

#: Seconds to let the server answer a close.
_CLOSE_TIMEOUT_S = 2.0
#: A server that says nothing for their sum is gone.
_PING_INTERVAL_S = _PING_TIMEOUT_S = 18.0


class ClientSession:
    """One client in conversation with an endpoint.

    Parameters
    ----------
    transport : FrameTransport
        Connected.

    Attributes
    ----------
    hello : dict
        Result of the hello.
    """

    def __init__(self, transport: FrameTransport) -> None:
        self.hello: dict[str, Any] = {}
        self._transport = transport
        self._wire = WireConnection(Role.CLIENT, CLIENT_LIMITS)
        self._waiting: dict[str, asyncio.Future[Any]] = {}
        # As asyncio does with its callbacks: what one raises is reported, the next goes on.
        self._subscribers = Subscribers(asyncio.get_running_loop().call_soon, self._listen)
        self._write_lock = asyncio.Lock()
        self._frame_bytes = CLIENT_LIMITS.chunk_bytes
        self._calls = 0
        self._system_requests = 0
        self._ended: ConnectionClosed | None = None
        self._sending: set[asyncio.Task[None]] = set()
        self._reader = asyncio.create_task(self._read())

    async def open(self, secret: str) -> None:
        """Say hello.

        Raises
        ------
        RpcError
            If it is refused.
        ConnectionClosed
            If the connection ends before the answer.
        """
        details = {"client": "wslink_jupyter (Python)", "version": __version__}
        hello = Hello.make(secret=secret, **details, protocol=PROTOCOL)
        self.hello = await self._request(hello)
        largest = self.hello.get("maxMsgSize")
        if isinstance(largest, int) and largest > HEADER_BYTES:
            self._frame_bytes = min(self._frame_bytes, largest)

    async def call(self, method: str, /, *args: Any, **kwargs: Any) -> Any:
        """Call a procedure and return its result.

        Cancelling the waiting task asks the kernel to cancel the call.

        Raises
        ------
        InvalidParams
            Also if the arguments are larger than any kernel takes by default.
        RpcError
            As the kernel answered.
        ConnectionClosed
            If the connection ended first; the procedure may have run.
        """
        call = Call(rpc_id(self.hello["clientID"], self._calls), method, list(args), kwargs)
        self._calls += 1
        try:
            return await self._request(call)
        except asyncio.CancelledError:
            self._tell(CANCEL_METHOD, call.id)
            raise

    def subscribe(self, topic: str, subscriber: Subscriber) -> Callable[[], None]:
        """Call `subscriber` with every value of a topic; returns the way to stop.

        The topic ``jupyter.call`` tells of calls that have to wait.
        """
        return self._subscribers.add(topic, subscriber)

    def _listen(self, topic: str, listens: bool) -> None:
        self._tell(SUBSCRIBE_METHOD if listens else UNSUBSCRIBE_METHOD, topic)

    async def flush(self) -> None:
        """Wait until the server has taken what was sent, such as a new subscription.

        Raises
        ------
        ConnectionClosed
            If the connection ended first.
        """
        if self.hello.get("protocol"):
            await self._request(self._system_request(SUBSCRIBE_METHOD))

    def _tell(self, method: str, *args: Any) -> None:
        """Send a system request, behind what was said before, to a server that knows ours."""
        if self._ended is None and self.hello.get("protocol"):
            task = asyncio.create_task(self._try_send(self._system_request(method, *args)))
            self._sending.add(task)
            task.add_done_callback(self._sending.discard)

    def _system_request(self, method: str, *args: Any) -> SystemRequest:
        self._system_requests += 1
        return SystemRequest(system_id(self._system_requests), method, list(args), {})

    async def _try_send(self, request: SystemRequest) -> None:
        with contextlib.suppress(ConnectionClosed, LocalProtocolError):  # over: nobody to tell
            await self._send(request)

    async def closed(self) -> ConnectionClosed:
        """Wait for the end; return how it came."""
        await asyncio.wait((self._reader,))
        return self._ended or ConnectionClosed()

    async def close(self) -> None:
        """Close for good. Idempotent."""
        await self._transport.close(CloseCode.NORMAL, "")
        self._end(ConnectionClosed(CloseCode.NORMAL, "closed by this client"))
        # The socket is open until the server has answered.
        await asyncio.wait((self._reader,), timeout=_CLOSE_TIMEOUT_S)
        self._reader.cancel()
        await asyncio.gather(self._reader, *self._sending, return_exceptions=True)

    async def _request(self, request: Call) -> Any:
        if self._ended is not None:
            raise ConnectionClosed(self._ended.code, self._ended.reason)
        self._waiting[request.id] = future = asyncio.get_running_loop().create_future()
        try:
            # Cancelling the caller must not leave half a message behind.
            await asyncio.shield(asyncio.create_task(self._send(request)))
            return await future
        finally:
            self._waiting.pop(request.id, None)
            future.cancel()  # nobody waits for it any more

    async def _send(self, envelope: Envelope) -> None:
        message = self._wire.send(envelope)
        limit = KERNEL_LIMITS.max_message_bytes
        if len(message) > limit:
            raise InvalidParams(f"arguments: expected at most {limit} bytes, got {len(message)}")
        async with self._write_lock:
            for chunk in self._wire.chunks(message, self._frame_bytes):
                await self._transport.write(chunk)

    async def _read(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            while True:
                frame = await self._transport.read()
                try:
                    envelope = self._wire.receive_frame(frame, loop.time())
                except RemoteProtocolError as error:
                    future = self._waiting.get(error.message_id or "")
                    if future is None:
                        raise
                    # One reply that cannot be read is its own call's fault alone.
                    if not future.done():
                        future.set_exception(error)
                    continue
                if envelope is not None:
                    self._receive(envelope)
        except ConnectionClosed as error:
            self._end(error)
        except RemoteProtocolError as error:
            await self._transport.close(error.close_code, str(error))
            self._end(ConnectionClosed(error.close_code, str(error)))

    def _receive(self, envelope: Envelope) -> None:
        loop = asyncio.get_running_loop()
        if isinstance(envelope, Publication):
            self._subscribers.deliver(envelope)
            if envelope.ack:
                loop.call_soon(self._tell, ACK_METHOD, envelope.topic, envelope.number)
            return
        future = self._waiting.get(envelope.id)
        if future is None or future.done():
            if isinstance(envelope, Failure) and is_system(envelope.id):
                _log.warning("wslink_jupyter: the server refused: %s", envelope.message)
            return  # cancelled meanwhile, or an answer that nobody waits for
        if isinstance(envelope, Failure):
            future.set_exception(RpcError.from_wire(envelope.code, envelope.message, envelope.data))
        elif isinstance(envelope, Result):
            future.set_result(envelope.value)

    def _end(self, closed: ConnectionClosed) -> None:
        self._ended = self._ended or closed
        self._wire.close()
        for future in self._waiting.values():
            if not future.done():
                future.set_exception(ConnectionClosed(closed.code, closed.reason))


@asynccontextmanager
async def connect(
    url: str,
    *,
    token: str | None = None,
    secret: str = "",
    subprotocols: Sequence[str] = (),
    on_text: Callable[[str], None] | None = None,
) -> AsyncIterator[ClientSession]:
    """Connect to an endpoint and say hello.

    Parameters
    ----------
    url : str
        ``ws://…/wslink-jupyter/kernels/{kernel_id}/default/ws``, or any
        wslink server's; ``http`` stands for ``ws``.
    token : str, optional
        Of the Jupyter server.
    secret : str
        For a stock server; a Jupyter server ignores it.
    subprotocols : sequence of str
        Such as ``v1.wslink-jupyter``, for notices by `on_text`.
    on_text : callable, optional
        Called with every text message.

    Raises
    ------
    tornado.httpclient.HTTPClientError
        403 without login or permission, 404 without such a kernel.
    RpcError
        If the hello is refused.
    """
    headers = {"Authorization": f"token {token}"} if token else {}
    connection = await websocket_connect(
        HTTPRequest(re.sub("^http", "ws", url), headers=headers),
        max_message_size=CLIENT_LIMITS.max_message_bytes,
        subprotocols=list(subprotocols) or None,
        ping_interval=_PING_INTERVAL_S,
        ping_timeout=_PING_TIMEOUT_S,
    )
    session = ClientSession(ClientWebSocket(connection, on_text))
    try:
        await session.open(secret)
        yield session
    finally:
        await session.close()
