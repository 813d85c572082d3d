"""What only our own clients ask for: subscriptions, acknowledgements, cancellation.

Stock clients know none of it: they are sent every topic, and never wait.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from wslink_jupyter.errors import InvalidParams, MethodNotFound, RegistrationError
from wslink_jupyter.rpc.call_timing import CallTiming
from wslink_jupyter.rpc.calls import CallsInFlight
from wslink_jupyter.rpc.context import ActiveCall
from wslink_jupyter.rpc.outbox import Outbox
from wslink_jupyter.rpc.round_trip import RoundTrip
from wslink_jupyter.rpc.topics import (
    CALL_TOPIC,
    INSPECT_TIMINGS_TOPIC,
    PING_TOPIC,
    check_topic,
)
from wslink_jupyter.wire.envelopes import (
    ACK_METHOD,
    CANCEL_METHOD,
    RECEIVED_METHOD,
    SUBSCRIBE_METHOD,
    UNSUBSCRIBE_METHOD,
    Publication,
    Result,
    SystemRequest,
)


class OwnClient:
    """The system requests of a client that speaks our protocol.

    Parameters
    ----------
    calls : CallsInFlight
    outbox : Outbox
    max_subscriptions : int
    on_change : callable
        Called with a topic and whether the client listens to it from now on.
    send : callable
        Sends a publication, ahead of all others.

    Attributes
    ----------
    topics : set of str
        What the client listens to.
    round_trip : RoundTrip
    """

    def __init__(
        self,
        calls: CallsInFlight,
        outbox: Outbox,
        max_subscriptions: int,
        on_change: Callable[[str, bool], None],
        send: Callable[[Publication], None],
    ) -> None:
        self.topics: set[str] = set()
        self.round_trip = RoundTrip(self._send_ping)
        self._send = send
        self._calls = calls
        self._outbox = outbox
        self._max_subscriptions = max_subscriptions
        self._on_change = on_change
        self._methods: dict[str, Callable[[list[Any]], Any]] = {
            CANCEL_METHOD: self._cancel,
            SUBSCRIBE_METHOD: self._subscribe,
            UNSUBSCRIBE_METHOD: self._unsubscribe,
        }
        outbox.expect_acks()

    def answer(self, request: SystemRequest) -> Result | None:
        """Do what is asked; acknowledgements and receipts, which are many, have no reply.

        Raises
        ------
        RpcError
            If the request is unknown, or its arguments are not right.
        """
        if request.method == ACK_METHOD:
            self._acknowledge(request.args)
            return None
        if request.method == RECEIVED_METHOD:
            self._outbox.received(*request.args[:1])
            return None
        method = self._methods.get(request.method)
        if method is None:
            raise MethodNotFound("Unknown system method called", request.method)
        return Result(request.id, method(request.args))

    def tell_state(self, call_id: str, state: str, reason: str) -> None:
        """Tell what becomes of a call that has to wait."""
        value = {"id": call_id, "state": state, "reason": reason}
        self._send(Publication(CALL_TOPIC, 0, value))

    def begins(self, call_id: str, active: ActiveCall) -> None:
        """Time a call that has come, if the client wants to know."""
        if INSPECT_TIMINGS_TOPIC in self.topics:
            active.timing = CallTiming(call_id)

    def tell_timing(self, timing: CallTiming) -> None:
        """Tell what a call spent its time with, before it is answered."""
        self._send(Publication(INSPECT_TIMINGS_TOPIC, 0, timing.describe()))

    def _send_ping(self, number: int) -> None:
        self._send(Publication(PING_TOPIC, number, None, ack=True))

    def _cancel(self, args: list[Any]) -> bool:
        return len(args) == 1 and isinstance(args[0], str) and self._calls.cancel(args[0])

    def _subscribe(self, args: list[Any]) -> None:
        topics = _topics(args)
        if len(self.topics.union(topics)) > self._max_subscriptions:
            raise InvalidParams(
                f"subscriptions: expected at most {self._max_subscriptions} topics, got more"
            )
        for topic in topics:
            if topic not in self.topics:
                self.topics.add(topic)
                self._on_change(topic, True)

    def _unsubscribe(self, args: list[Any]) -> None:
        for topic in _topics(args):
            if topic in self.topics:
                self.topics.remove(topic)
                self._on_change(topic, False)

    def _acknowledge(self, args: list[Any]) -> None:
        topic, number = args if len(args) == 2 else (None, None)
        if not isinstance(topic, str) or not isinstance(number, int):
            return
        if topic == PING_TOPIC:
            self.round_trip.acknowledged(number)
        else:
            self._outbox.acknowledge(topic, number)


def _topics(args: list[Any]) -> list[str]:
    try:
        return [check_topic(topic) for topic in args]
    except RegistrationError as error:
        raise InvalidParams(str(error)) from error
