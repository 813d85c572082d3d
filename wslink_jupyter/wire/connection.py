"""One end of a wslink connection, without I/O.

Bytes and time go in, events come out. The caller owns the socket, the clock
and the random numbers; nothing here waits, logs or calls user code.

::

    SERVER   GREETING --accept hello--> OPEN --close--> CLOSED
    CLIENT   GREETING --hello result--> OPEN --close--> CLOSED

The tables below say which envelopes each role may receive and send in each
state and what the state becomes. A missing entry is the error: for what we
send a `LocalProtocolError`, and nothing happens; for what we receive an
`InvalidEnvelope`. A closed connection ignores what it receives.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
from typing import Any

from wslink_jupyter.errors import InvalidEnvelope, InvalidMessage, LocalProtocolError
from wslink_jupyter.limits import Limits
from wslink_jupyter.wire.arrays import Allocate
from wslink_jupyter.wire.chunks import Chunk, FrameBytes, only_chunk, split_message
from wslink_jupyter.wire.codec import pack, peek_id, unpack
from wslink_jupyter.wire.envelopes import (
    Call,
    Failure,
    Hello,
    Publication,
    Reply,
    Request,
    Result,
    SystemRequest,
    parse_reply,
    parse_request,
)
from wslink_jupyter.wire.header import Buffer
from wslink_jupyter.wire.ids import HELLO_ID
from wslink_jupyter.wire.message import Message
from wslink_jupyter.wire.reassembly import Reassembler


class Role(Enum):
    """Which end this is."""

    SERVER = "server"
    CLIENT = "client"


class State(Enum):
    """How far the conversation is."""

    GREETING = "greeting"
    OPEN = "open"
    CLOSED = "closed"


class HelloResult(Result):
    """The reply that opens the conversation."""

    __slots__ = ()


Envelope = Request | Reply
_Table = dict[Role, dict[State, dict[type, State]]]

RECEIVES: _Table = {
    Role.SERVER: {
        # Calls before the hello are received, to be answered with -32000.
        State.GREETING: {
            Hello: State.GREETING,
            Call: State.GREETING,
            SystemRequest: State.GREETING,
        },
        State.OPEN: {Hello: State.OPEN, Call: State.OPEN, SystemRequest: State.OPEN},
    },
    Role.CLIENT: {
        # Stock servers publish to a client between two hellos, too.
        State.GREETING: {
            HelloResult: State.OPEN,
            Failure: State.GREETING,
            Publication: State.GREETING,
        },
        State.OPEN: {
            HelloResult: State.OPEN,
            Result: State.OPEN,
            Failure: State.OPEN,
            Publication: State.OPEN,
        },
    },
}

SENDS: _Table = {
    Role.SERVER: {
        State.GREETING: {HelloResult: State.OPEN, Failure: State.GREETING},
        State.OPEN: {
            HelloResult: State.OPEN,
            Result: State.OPEN,
            Failure: State.OPEN,
            Publication: State.OPEN,
        },
    },
    Role.CLIENT: {
        State.GREETING: {Hello: State.GREETING},
        State.OPEN: {Hello: State.OPEN, Call: State.OPEN, SystemRequest: State.OPEN},
    },
}


class WireConnection:
    """The state of one connection.

    Parameters
    ----------
    role : Role
    limits : Limits
    allocate : callable, optional
        Returns memory for large messages that come.

    Notes
    -----
    The caller's duty: hand every binary WebSocket message to
    `receive_frame`, write what `send` returns in that order, call
    `check_time` now and then, and close the socket with the
    `close_code` of any `RemoteProtocolError`.
    """

    def __init__(self, role: Role, limits: Limits, allocate: Allocate | None = None) -> None:
        self.role = role
        self.limits = limits
        self._enter(State.GREETING)
        self._reassembler = Reassembler(limits, allocate)
        self._next_message_id = 0

    def _enter(self, state: State) -> None:
        # The tables are looked up when the state changes, not for every message.
        self._state = state
        self._receives = RECEIVES[self.role].get(state, {})
        self._sends = SENDS[self.role].get(state, {})

    @property
    def state(self) -> State:
        """How far the conversation is."""
        return self._state

    @property
    def pending_bytes(self) -> int:
        """Bytes held for unfinished messages."""
        return self._reassembler.pending_bytes

    def receive_frame(
        self, frame: Buffer, now_s: float, *, is_lent: bool = False
    ) -> Envelope | None:
        """Take one binary WebSocket message; return what it completes, if anything.

        Parameters
        ----------
        frame : bytes-like
            Must not change afterwards, unless it is lent.
        now_s : float
            Monotonic time.
        is_lent : bool
            Nothing of the frame is kept: values are decoded to memory of their own.

        Raises
        ------
        RemoteProtocolError
            The peer broke a rule. One with a `message_id` can be answered
            and the connection go on; after any other the socket must be
            closed with the error's `close_code`.
        """
        if self._state is State.CLOSED:
            return None
        most = self._max_message_bytes()
        message = self._reassembler.feed(frame, most, now_s, is_lent=is_lent)
        if message is None:
            return None
        try:
            value = unpack(message, self.limits)
        except InvalidMessage as error:
            error.message_id = peek_id(message)
            raise
        envelope = self._parse(value)
        state = self._receives.get(type(envelope))
        if state is None:
            expected = f"what a {self.role.value} receives while {self._state.value}"
            raise InvalidEnvelope("$", expected, type(envelope).__name__)
        if state is not self._state:
            self._enter(state)
        return envelope

    def _max_message_bytes(self) -> int:
        if self.role is Role.SERVER and self._state is State.GREETING:
            return self.limits.max_hello_bytes
        return self.limits.max_message_bytes

    def _parse(self, message: Any) -> Envelope:
        if self.role is Role.SERVER:
            return parse_request(message)
        reply = parse_reply(message)
        if isinstance(reply, Result) and reply.id == HELLO_ID:
            return HelloResult(reply.id, reply.value)
        return reply

    def send(self, envelope: Envelope) -> Message:
        """Return the message that says `envelope`, and follow its transition.

        Raises
        ------
        LocalProtocolError
            If `envelope` may not be sent now; nothing happens.
        NotSerializable
            If it holds a value that cannot be encoded; nothing happens.
        """
        if self._state is State.CLOSED:
            raise LocalProtocolError(f"send: expected an open connection, got {self._state.value}")
        state = self._sends.get(type(envelope))
        if state is None:
            raise LocalProtocolError(
                f"send: expected an envelope that a {self.role.value} sends while "
                f"{self._state.value}, got {type(envelope).__name__}"
            )
        message = pack(envelope.dump())
        if state is not self._state:
            self._enter(state)
        return message

    def chunks(self, message: Message, max_frame_bytes: FrameBytes) -> Iterator[Chunk]:
        """Cut a message into chunks under the next message id.

        Messages shared by many connections are encoded once and cut here.
        """
        self._next_message_id = (self._next_message_id + 1) % 2**32
        frame_bytes = max_frame_bytes() if callable(max_frame_bytes) else max_frame_bytes
        only = only_chunk(self._next_message_id, message, frame_bytes)
        if only is not None:
            return iter((only,))
        return split_message(self._next_message_id, message, max_frame_bytes)

    def check_time(self, now_s: float) -> None:
        """Notice a message that stopped half-way.

        Raises
        ------
        RemoteProtocolError
            `MessageStalled`, if there is one.
        """
        self._reassembler.expire(now_s)

    def close(self) -> None:
        """End the conversation: nothing can be sent, what comes is ignored."""
        self._enter(State.CLOSED)
