"""One client in conversation with an endpoint."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import astuple, replace
from functools import partial
from typing import Any

from wslink_jupyter.codes import CloseCode
from wslink_jupyter.errors import (
    AuthenticationFailed,
    MethodNotFound,
    NotSerializable,
    RemoteProtocolError,
    RpcError,
)
from wslink_jupyter.limits import Limits
from wslink_jupyter.rpc.audience import Audience
from wslink_jupyter.rpc.calls import CallsInFlight
from wslink_jupyter.rpc.context import ActiveCall
from wslink_jupyter.rpc.dispatch import Dispatcher
from wslink_jupyter.rpc.flow import FlowWindow
from wslink_jupyter.rpc.outbox import Outbox
from wslink_jupyter.rpc.own_client import OwnClient
from wslink_jupyter.rpc.session_info import SendRate, SessionInfo
from wslink_jupyter.rpc.topics import EncodedPublication
from wslink_jupyter.wire.connection import HelloResult, Role, State, WireConnection
from wslink_jupyter.wire.envelopes import (
    Call,
    Failure,
    Hello,
    Publication,
    Result,
    SystemRequest,
)
from wslink_jupyter.wire.header import Buffer
from wslink_jupyter.wire.message import Message

_log = logging.getLogger("wslink_jupyter.session")


#: A client may try another secret, as with stock servers; it may not guess.
_MAX_REFUSALS = 3

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
        Judges the hello; adds something to its result for our own clients.
    limits : Limits
    audience : Audience

    Attributes
    ----------
    own : OwnClient or None
        What a client of ours asked for; None for a stock client.
    outbox : Outbox
    closing : asyncio.Future
        Set once, by whoever ends the conversation first.

    Notes
    -----
    The pump hands over frames, writes what `outbox` gives, calls `check_time`
    now and then, and `end` when the transport is gone.
    """

    def __init__(
        self,
        client_id: str,
        user: str,
        dispatcher: Dispatcher,
        greet: Greeter,
        limits: Limits,
        audience: Audience,
    ) -> None:
        self.id, self.user, self.client = client_id, user, ""
        self.own: OwnClient | None = None
        self.wire = WireConnection(Role.SERVER, limits, dispatcher.allocate)
        self.outbox = Outbox(self.wire, limits.chunk_bytes)
        self._loop = asyncio.get_running_loop()
        self.closing: asyncio.Future[tuple[int, str]] = self._loop.create_future()
        self._greet, self._audience = greet, audience
        self._release = partial(audience.send, client_id)
        self._calls = CallsInFlight(dispatcher, limits.max_calls_in_flight, self._answered)
        self._rate = SendRate()
        self._refusals = 0

    @property
    def info(self) -> SessionInfo:
        """A snapshot for people."""
        return SessionInfo(
            self.id,
            self.user,
            self.client,
            len(self._calls),
            None if self.own is None else len(self.own.topics),
            None if self.own is None else self.own.round_trip.last_s,
            self._rate.messages_per_s,
            self._rate.bytes_per_s,
            *astuple(self.outbox.counters),
        )

    def receive_frame(self, frame: Buffer, now_s: float, *, is_lent: bool = False) -> None:
        """Take one frame from the transport, which is used no more after this if it is lent.

        Raises
        ------
        RemoteProtocolError
            If the transport must be closed for it.
        """
        try:
            request = self.wire.receive_frame(frame, now_s, is_lent=is_lent)
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
            self._fail(hello, error)
            self._refusals += 1
            if self.wire.state is State.GREETING and self._refusals >= _MAX_REFUSALS:
                self.close(CloseCode.NOT_ALLOWED, f"{_MAX_REFUSALS} hellos were refused")
            return
        is_first, limits = self.wire.state is State.GREETING, self.wire.limits
        self.client = str(hello.details.get("client", ""))[:64]
        value = {"clientID": self.id, "maxMsgSize": limits.max_frame_bytes, **extra}
        self._send(HelloResult(hello.id, value))
        if is_first:
            if extra:
                self.own = OwnClient(
                    self._calls,
                    self.outbox,
                    limits.max_subscriptions,
                    partial(self._audience.listen, self),
                    self._send,
                )
                if hello.details.get("receipts") is True:
                    self.outbox.expect_receipts(FlowWindow(self._loop.time))
            self._audience.add(self)

    def _receive_system(self, request: SystemRequest) -> None:
        try:
            if self.own is None:
                # Also before the hello: it is how clients probe for features.
                raise MethodNotFound("Unknown system method called", request.method)
            result = self.own.answer(request)
        except RpcError as error:
            self._fail(request, error)
            return
        if result is not None:
            self._send(result)

    def _receive_call(self, call: Call) -> None:
        if self.wire.state is not State.OPEN:
            self._fail(call, AuthenticationFailed("Unauthorized: Skip message processing"))
            return
        active = ActiveCall(self.id, call.id, self._release, self._tell_state)
        if self.own is not None:
            self.own.begins(call.id, active)
        try:
            self._calls.start(call, active)
        except RpcError as error:
            self._fail(call, error)

    def _answered(self, active: ActiveCall, reply: Message | Failure) -> None:
        if self.own is not None and active.timing is not None:
            self.own.tell_timing(active.timing)
        if isinstance(reply, Failure):
            self._reply(reply)
        elif self.wire.state is State.OPEN:
            self.outbox.put_reply(reply)
        if publications := active.answered():
            self._audience.drain()  # what is older has the smaller numbers
            for held in publications:
                self.put(held)

    def _fail(self, request: Call, error: RpcError) -> None:
        self._reply(Failure(request.id, error.code, error.message, error.data))

    def _reply(self, reply: Failure) -> None:
        if self.wire.state is State.CLOSED:
            return
        try:
            message = self.wire.send(reply)
        except NotSerializable:
            # Only the detail of an error that a procedure raised can be at fault.
            message = self.wire.send(replace(reply, data=None))
        self.outbox.put_reply(message)

    def _send(self, envelope: Result | Publication) -> None:
        if self.wire.state is not State.CLOSED:
            self.outbox.put_control(self.wire.send(envelope))

    def _tell_state(self, call_id: str, state: str, reason: str) -> None:
        """Tell what becomes of a call that has to wait. From every thread."""
        if self.own is not None:
            self._loop.call_soon_threadsafe(self.own.tell_state, call_id, state, reason)

    def publish(self, publication: EncodedPublication) -> None:
        """Queue a publication, behind older ones of its topic that calls hold."""
        for active in self._calls.active():
            earlier = active.keep_behind(publication)
            if earlier is None:
                return
            for held in earlier:
                self.put(held)
        self.put(publication)

    def put(self, publication: EncodedPublication) -> None:
        """Queue a publication, if the client has said hello and listens."""
        listens = self.own is None or publication.topic in self.own.topics
        if self.wire.state is not State.OPEN or not listens:
            return
        self._audience.number(publication)
        if not self.outbox.put(publication):
            self._close_slow("more was published to it than may wait for one client")

    def check_time(self, now_s: float) -> None:
        """Notice a client that does not keep up, or stops in the middle of a message.

        Raises
        ------
        RemoteProtocolError
            If the transport must be closed for a message that stopped.
        """
        self.wire.check_time(now_s)
        self._rate.tick(now_s, self.outbox.counters)
        slow_s = self.outbox.slow_for_s(now_s)
        if slow_s >= self.wire.limits.slow_timeout_s:
            self._close_slow(f"it did not keep up for {slow_s:.0f} s")

    def _close_slow(self, why: str) -> None:
        if self.closing.done():
            return
        counters = self.outbox.counters
        # Without a handler of the user's, Python shows it in the cell that runs.
        _log.warning(
            "wslink_jupyter: a client (%s) was closed: %s. %d messages (%d bytes) waited. It "
            "comes back, and has missed what was published meanwhile: publish less, or less "
            'often, or make it a topic of delivery="latest".',
            self.client or self.id,
            why,
            counters.queued_messages,
            counters.queued_bytes,
        )
        self.close(
            CloseCode.SLOW_CONSUMER,
            f"slow consumer: {counters.sent_messages} messages sent, "
            f"{counters.queued_messages} waited ({counters.queued_bytes} bytes), "
            f"{counters.coalesced_messages} coalesced, {counters.dropped_messages} dropped",
        )

    def close(self, code: int, reason: str) -> None:
        """Ask the pump to end; the first to ask is heard."""
        if not self.closing.done():
            self.closing.set_result((code, reason))

    async def finish(self, code: int, reason: str) -> None:
        """Cancel the calls in flight, so that each is answered, then close.

        Stock clients keep the promise of an unanswered call for ever.
        """
        await self._calls.finish()
        self.close(code, reason)

    def end(self) -> None:
        """Forget everything: the transport is gone. Idempotent."""
        self.wire.close()
        self.outbox.close()
        self.outbox.clear()
        self.close(CloseCode.NORMAL, "")
        self._calls.cancel_all()
