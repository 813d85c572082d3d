"""One client in conversation with an endpoint."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from functools import partial
from typing import Any

from wslink_jupyter._version import __version__
from wslink_jupyter.client.inboxes import Inboxes
from wslink_jupyter.client.message_writer import MessageWriter
from wslink_jupyter.client.receipts import Receipts
from wslink_jupyter.client.subscription import Subscription
from wslink_jupyter.codes import CloseCode
from wslink_jupyter.errors import (
    ConnectionClosed,
    DeadlineExceeded,
    InvalidEnvelope,
    InvalidParams,
    RemoteProtocolError,
    RpcError,
)
from wslink_jupyter.limits import (
    CLIENT_LIMITS,
    HEADER_BYTES,
    KERNEL_LIMITS,
    MAX_SENT_BYTES,
)
from wslink_jupyter.rpc.endpoint import PROTOCOL, PYTHON_CLIENT
from wslink_jupyter.transport.base import FrameTransport
from wslink_jupyter.wire.connection import Envelope, Role, WireConnection
from wslink_jupyter.wire.envelopes import (
    ACK_METHOD,
    CANCEL_METHOD,
    RECEIVED_METHOD,
    SUBSCRIBE_METHOD,
    UNSUBSCRIBE_METHOD,
    Call,
    Failure,
    Hello,
    Publication,
    Result,
    SystemRequest,
)
from wslink_jupyter.wire.ids import is_name, is_system, rpc_id, system_id
from wslink_jupyter.wire.message import Message

_log = logging.getLogger("wslink_jupyter.client")

#: Seconds to let the server answer a close.
_CLOSE_TIMEOUT_S = 2.0


class ClientSession:
    """One client in conversation with an endpoint.

    It does not come back when the connection ends: whoever wants to go on
    connects again, and knows then that values may have been missed.

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
        self._loop = asyncio.get_running_loop()
        self._transport = transport
        self._wire = WireConnection(Role.CLIENT, CLIENT_LIMITS)
        self._waiting: dict[str, asyncio.Future[Any]] = {}
        self._inboxes = Inboxes(self._tell_interest)
        self._read_bytes = 0
        self._receipts = Receipts(partial(self._tell, RECEIVED_METHOD))
        self._writer = MessageWriter(self._wire, transport, self._loop.time)
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
        RemoteProtocolError
            If the answer is not one.
        ConnectionClosed
            If the connection ends before the answer.
        """
        details = {"client": PYTHON_CLIENT, "version": __version__}
        hello = Hello.make(secret=secret, **details, protocol=PROTOCOL, receipts=True)
        answer = await self._request(hello)
        client_id = answer.get("clientID") if isinstance(answer, dict) else None
        if not isinstance(client_id, str) or not client_id:
            got = repr(answer)[:60]
            raise InvalidEnvelope("$.result", "a hello's answer with a clientID", got, hello.id)
        self.hello = answer
        if answer.get("receipts") is True:
            self._receipts.start()
        largest = answer.get("maxMsgSize")
        if isinstance(largest, int) and largest > HEADER_BYTES:
            self._writer.limit_frames(largest)

    @property
    def _is_with_ours(self) -> bool:
        return bool(self.hello.get("protocol"))

    async def call(
        self, method: str, /, *args: Any, timeout_s: float | None = None, **kwargs: Any
    ) -> Any:
        """Call a procedure and return its result.

        Cancelling the waiting task asks the kernel to cancel the call.

        Parameters
        ----------
        method : str
            Name of the procedure.
        *args, **kwargs
            Its arguments; numpy arrays arrive as such.
        timeout_s : float, optional
            How long to wait for the reply. Of a procedure that has a parameter
            of this name, pass it by position.

        Raises
        ------
        DeadlineExceeded
            If no reply came in time; the kernel is asked to cancel the call.
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
            async with asyncio.timeout(timeout_s):
                return await self._request(call)
        except TimeoutError:
            self._tell(CANCEL_METHOD, call.id)
            sentence = f"{method}: expected a reply within {timeout_s:g} s, got none"
            raise DeadlineExceeded(sentence) from None
        except asyncio.CancelledError:
            self._tell(CANCEL_METHOD, call.id)
            raise

    def subscribe(self, topic: str) -> Subscription:
        """Return what is published under a topic from now on, as an async iterator.

        The topic ``jupyter.call`` tells of calls that have to wait.

        Raises
        ------
        InvalidParams
            If it is no name for a topic.
        """
        if self._is_with_ours and not is_name(topic):
            raise InvalidParams(
                "subscribe: expected a topic of words of ASCII letters, digits and _ joined by "
                f"dots, at most 255 characters, got {topic!r:.60}"
            )
        inbox = self._inboxes.open(topic)
        close = partial(self._inboxes.close, topic, inbox)
        return Subscription(topic, inbox, close, self.flush, self._loop)

    def _tell_interest(self, topic: str, is_heard: bool) -> None:
        self._tell(SUBSCRIBE_METHOD if is_heard else UNSUBSCRIBE_METHOD, topic)

    async def flush(self) -> None:
        """Wait until the server has taken what was sent, such as a new subscription.

        Raises
        ------
        ConnectionClosed
            If the connection ended first.
        """
        if self._is_with_ours:
            await self._request(self._system_request(SUBSCRIBE_METHOD))

    def _tell(self, method: str, *args: Any) -> None:
        """Send a system request, behind what was said before, to a server that knows ours.

        Receipts and acknowledgements, for which it may be waiting, pass the others.
        """
        if self._ended is None and self._is_with_ours:
            message = self._encode(self._system_request(method, *args))
            is_urgent = method in (RECEIVED_METHOD, ACK_METHOD)
            task = asyncio.create_task(self._try_write(message, is_urgent))
            self._sending.add(task)
            task.add_done_callback(self._sending.discard)

    def _system_request(self, method: str, *args: Any) -> SystemRequest:
        self._system_requests += 1
        return SystemRequest(system_id(self._system_requests), method, list(args), {})

    async def _try_write(self, message: Message, is_urgent: bool) -> None:
        with contextlib.suppress(ConnectionClosed):  # over: nobody to tell
            await self._writer.write(message, is_urgent=is_urgent)

    async def closed(self) -> ConnectionClosed:
        """Wait for the end; return how it came."""
        await asyncio.wait((self._reader,))
        return self._ended or ConnectionClosed()

    async def close(self) -> None:
        """Close for good. Idempotent."""
        self._inboxes.end(StopAsyncIteration)
        await self._transport.close(CloseCode.NORMAL, "")
        self._end(ConnectionClosed(CloseCode.NORMAL, "closed by this client"))
        # The socket is open until the server has answered.
        await asyncio.wait((self._reader,), timeout=_CLOSE_TIMEOUT_S)
        self._reader.cancel()
        await asyncio.gather(self._reader, *self._sending, return_exceptions=True)

    async def _request(self, request: Call) -> Any:
        if self._ended is not None:
            raise ConnectionClosed(self._ended.code, self._ended.reason)
        message = self._encode(request)
        self._waiting[request.id] = future = self._loop.create_future()
        self._inboxes.look_again()
        try:
            # Cancelling the caller must not leave half a message behind.
            await asyncio.shield(asyncio.create_task(self._writer.write(message)))
            return await future
        finally:
            self._waiting.pop(request.id, None)
            future.cancel()  # nobody waits for it any more

    def _encode(self, envelope: Envelope) -> Message:
        message = self._wire.send(envelope)
        limit = KERNEL_LIMITS.max_message_bytes if self._is_with_ours else MAX_SENT_BYTES
        if len(message) > limit:
            raise InvalidParams(f"arguments: expected at most {limit} bytes, got {len(message)}")
        return message

    async def _read(self) -> None:
        try:
            while True:
                # While many values wait to be taken, only replies are read for.
                await self._inboxes.until_room(lambda: bool(self._waiting))
                frame = await self._transport.read()
                self._read_bytes += len(frame)
                self._receipts.received(len(frame))
                try:
                    envelope = self._wire.receive_frame(frame, self._loop.time())
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
            closed = error
        except RemoteProtocolError as error:
            closed = ConnectionClosed(error.close_code, str(error))
        await self._transport.close(closed.code, closed.reason)
        self._end(closed)

    def _receive(self, envelope: Envelope) -> None:
        # Also of what came between its chunks: all bytes are counted once.
        size_bytes, self._read_bytes = self._read_bytes, 0
        if isinstance(envelope, Publication):
            acknowledge = partial(self._tell, ACK_METHOD, envelope.topic, envelope.number)
            self._inboxes.deliver(envelope, size_bytes, acknowledge if envelope.ack else None)
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
        self._receipts.end()
        self._wire.close()
        self._inboxes.end(partial(ConnectionClosed, closed.code, closed.reason))
        for future in self._waiting.values():
            if not future.done():
                future.set_exception(ConnectionClosed(closed.code, closed.reason))
