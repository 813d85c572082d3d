"""One client in conversation with an endpoint."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from wslink_jupyter.codes import CloseCode, RpcCode
from wslink_jupyter.errors import (
    AuthenticationFailed,
    CallCancelled,
    MethodNotFound,
    NotSerializable,
    RemoteProtocolError,
    RpcError,
    TooManyCalls,
)
from wslink_jupyter.limits import Limits
from wslink_jupyter.rpc.context import ActiveCall
from wslink_jupyter.rpc.dispatch import Dispatcher
from wslink_jupyter.rpc.outbox import Outbox, Priority
from wslink_jupyter.wire.connection import HelloResult, Role, State, WireConnection
from wslink_jupyter.wire.envelopes import (
    CANCEL_METHOD,
    Call,
    Failure,
    Hello,
    Result,
    SystemRequest,
)
from wslink_jupyter.wire.header import Buffer


@dataclass(frozen=True, slots=True)
class SessionInfo:
    """What there is to know of a session.

    Attributes
    ----------
    id : str
        Client id, ``c`` and 32 hexadecimal digits.
    user : str
        Name of the Jupyter user who opened it.
    client : str
        What the client calls itself; empty for stock clients.
    calls : int
        Calls that have not been answered.
    queued_messages, queued_bytes, sent_messages, sent_bytes, dropped_messages : int
        See `wslink_jupyter.rpc.outbox.Counters`.
    """

    id: str
    user: str
    client: str
    calls: int
    queued_messages: int
    queued_bytes: int
    sent_messages: int
    sent_bytes: int
    dropped_messages: int


_log = logging.getLogger("wslink_jupyter.session")

#: How long a cancelled procedure may take to notice.
_FINISH_TIMEOUT_S = 1.0

#: Judges a hello: returns what to add to its result, or raises `RpcError`.
Greeter = Callable[[Hello], dict[str, Any]]


class Session:
    """State of one client. Lives on one loop; every method is called there.

    Parameters
    ----------
    client_id : str
        ASCII word characters only (stock clients lose replies otherwise).
    user : str
    dispatcher : Dispatcher
    greet : callable
        Judges the hello.
    limits : Limits
    on_open : callable
        Called with the session when its first hello was accepted.

    Notes
    -----
    The pump's duty: hand over frames, write what `outbox` gives, call
    `end` when the transport is gone.
    """

    def __init__(
        self,
        client_id: str,
        user: str,
        dispatcher: Dispatcher,
        greet: Greeter,
        limits: Limits,
        on_open: Callable[[Session], None],
    ) -> None:
        self.id = client_id
        self.user = user
        self.client = ""
        self.wire = WireConnection(Role.SERVER, limits)
        self.outbox = Outbox(self.wire, limits.chunk_bytes)
        #: Set once, by whoever ends the conversation first.
        self.closing: asyncio.Future[tuple[int, str]] = asyncio.get_running_loop().create_future()
        self._dispatcher = dispatcher
        self._greet = greet
        self._on_open = on_open
        self._calls: dict[str, asyncio.Task[bytes | Failure]] = {}
        self._finishing = False

    @property
    def info(self) -> SessionInfo:
        """A snapshot for people."""
        counters = self.outbox.counters
        return SessionInfo(
            self.id,
            self.user,
            self.client,
            len(self._calls),
            counters.queued_messages,
            counters.queued_bytes,
            counters.sent_messages,
            counters.sent_bytes,
            counters.dropped_messages,
        )

    def receive_frame(self, frame: Buffer, now_s: float) -> None:
        """Take one frame from the transport.

        Raises
        ------
        RemoteProtocolError
            If the transport must be closed for it.
        """
        try:
            request = self.wire.receive_frame(frame, now_s)
        except RemoteProtocolError as error:
            if error.message_id is None:
                raise
            # Stock servers drop the connection here; an answer is kinder.
            self._reply(Failure(error.message_id, error.rpc_code, str(error)))
            return
        if isinstance(request, Hello):
            self._receive_hello(request)
        elif isinstance(request, SystemRequest):
            self._receive_system(request)
        elif isinstance(request, Call):
            self._receive_call(request)

    def _receive_hello(self, hello: Hello) -> None:
        try:
            extra = self._greet(hello)
        except RpcError as error:
            self._reply(Failure(hello.id, error.code, error.message, error.data))
            return
        first = self.wire.state is State.GREETING
        self.client = str(hello.details.get("client", ""))[:64]
        limits = self.wire.limits
        value = {"clientID": self.id, "maxMsgSize": limits.max_frame_bytes, **extra}
        self._reply(HelloResult(hello.id, value), Priority.CONTROL)
        if first:
            self._on_open(self)

    def _receive_system(self, request: SystemRequest) -> None:
        if self.wire.state is State.OPEN and request.method == CANCEL_METHOD:
            task = self._calls.get(request.args[0]) if _is_one_text(request.args) else None
            if task is not None:
                task.cancel()
            self._reply(Result(request.id, task is not None), Priority.CONTROL)
            return
        # Also before the hello: it is how clients probe for features.
        error = MethodNotFound("Unknown system method called", request.method)
        self._reply(Failure(request.id, error.code, error.message, error.data))

    def _receive_call(self, call: Call) -> None:
        limit = self.wire.limits.max_calls_in_flight
        refusal: RpcError | None = None
        if self.wire.state is not State.OPEN:
            refusal = AuthenticationFailed("Unauthorized: Skip message processing")
        elif call.id in self._calls:
            message = f"id: expected one that is not in flight, got {call.id!r} twice"
            refusal = RpcError(message, code=RpcCode.INVALID_REQUEST)
        elif len(self._calls) >= limit:
            refusal = TooManyCalls(f"calls in flight: expected at most {limit}")
        elif self._finishing:
            refusal = CallCancelled(f"{call.method}: the conversation ends")
        if refusal is not None:
            self._reply(Failure(call.id, refusal.code, refusal.message, refusal.data))
            return
        loop = asyncio.get_running_loop()

        def release(held: list[bytes]) -> None:
            loop.call_soon_threadsafe(self.publish_all, held)

        active = ActiveCall(self.id, release)
        task = loop.create_task(self._dispatcher.answer(call, active), name=f"call {call.method}")
        self._calls[call.id] = task
        # Not in the task itself: one that is cancelled at once never begins.
        task.add_done_callback(partial(self._answered, call, active))

    def _answered(
        self, call: Call, active: ActiveCall, task: asyncio.Task[bytes | Failure]
    ) -> None:
        del self._calls[call.id]
        if task.cancelled():
            self._reply(Failure(call.id, RpcCode.CANCELLED, f"{call.method}: cancelled"))
        elif isinstance(reply := task.result(), Failure):
            self._reply(reply)
        elif self.wire.state is State.OPEN:
            self._put(reply, Priority.REPLY)
        self.publish_all(active.answered())

    def _reply(self, reply: Result | Failure, priority: Priority = Priority.REPLY) -> None:
        if self.wire.state is State.CLOSED:
            return
        try:
            message = self.wire.send(reply)
        except NotSerializable:
            # Only the detail of an error that a procedure raised can be at fault.
            assert isinstance(reply, Failure)
            message = self.wire.send(replace(reply, data=None))
        self._put(message, priority)

    def publish(self, message: bytes) -> None:
        """Queue an encoded publication, if the client has said hello."""
        if self.wire.state is State.OPEN:
            self._put(message, Priority.PUBLICATION)

    def publish_all(self, messages: list[bytes]) -> None:
        """Queue encoded publications in order."""
        for message in messages:
            self.publish(message)

    def _put(self, message: bytes, priority: Priority) -> None:
        if self.outbox.put(message, priority) or self.closing.done():
            return
        counters = self.outbox.counters
        # Without a handler of the user's, Python shows it in the cell that runs.
        _log.warning(
            "wslink_jupyter: a client (%s) was closed: %d bytes published to it wait. It comes "
            "back, and has missed what was published meanwhile: publish less, or less often.",
            self.client or self.id,
            counters.queued_bytes,
        )
        self.close(
            CloseCode.SLOW_CONSUMER,
            f"slow consumer: {counters.queued_messages} messages, "
            f"{counters.queued_bytes} bytes wait",
        )

    def close(self, code: int, reason: str) -> None:
        """Ask the pump to end the conversation; the first to ask is heard."""
        if not self.closing.done():
            self.closing.set_result((code, reason))

    async def finish(self, code: int, reason: str) -> None:
        """Cancel the calls in flight, so that each is answered, then close.

        Stock clients keep the promise of an unanswered call for ever.
        """
        self._finishing = True
        tasks = list(self._calls.values())
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=_FINISH_TIMEOUT_S)
            await asyncio.sleep(0)  # their replies are queued by callbacks
        self.close(code, reason)

    def end(self) -> None:
        """Forget everything: the transport is gone. Idempotent."""
        self.wire.close()
        self.outbox.close()
        self.outbox.clear()
        self.close(CloseCode.NORMAL, "")
        for task in self._calls.values():
            task.cancel()


def _is_one_text(args: list[Any]) -> bool:
    return len(args) == 1 and isinstance(args[0], str)
