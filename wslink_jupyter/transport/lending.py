"""Frames of which a part stays in the sender's memory, where the receiver reads it.

The socket holds little of such frames, so it is no backpressure: the lender
waits for what it has lent instead.
"""

from __future__ import annotations

import asyncio
import contextlib
import struct
from collections import deque
from collections.abc import Awaitable, Callable, Sequence

from wslink_jupyter.errors import ConnectionClosed, LinkError
from wslink_jupyter.limits import KIB, MIB
from wslink_jupyter.rpc.flow import FlowWindow
from wslink_jupyter.rpc.shared_memory import SharedMemory
from wslink_jupyter.transport import link
from wslink_jupyter.transport.base import TakeFrame, TakeParts
from wslink_jupyter.wire.header import Buffer

#: Less is sent quicker.
_LEAST_BYTES = 16 * KIB
#: What a peer may have whose speed is not known yet, and not have returned.
_FIRST_BYTES = 2 * MIB
#: What is done with is told when it is so much, or after so long: each time wakes the lender.
_TELL_BYTES = MIB
_TELL_S = 0.005
#: What a peer that is gone may have had to read is not written over for so long ...
_KEEP_S = 30.0
#: ... and not read any more after so long.
MAY_READ_S = 25.0
#: Offset and size in the memory, and where in the rest of the frame the part goes.
_REFERENCE = struct.Struct("<III")
_COUNT = struct.Struct("<I")


class Lender:
    """The sender's side of one connection.

    Parameters
    ----------
    memory : SharedMemory
    clock : callable
        Returns monotonic seconds.
    """

    def __init__(self, memory: SharedMemory, clock: Callable[[], float]) -> None:
        self._memory: SharedMemory | None = memory
        self._lent: deque[Buffer] = deque()
        self._lent_bytes = self._returned_bytes = 0
        self._flow = FlowWindow(clock, _FIRST_BYTES)
        self._room: asyncio.Future[None] | None = None
        self._is_heard = True

    def lend(self, parts: Sequence[Buffer]) -> Sequence[Buffer] | None:
        """Return the message for a frame, or None if it has to be sent."""
        memory = self._memory
        if memory is None or not (self._is_heard or self._flow.has_room()):
            return None
        position = 0
        for index, part in enumerate(parts):
            size = len(part)
            if size >= _LEAST_BYTES and (offset := memory.offset_of(part)) is not None:
                self._lent.append(part)
                self._lent_bytes += size
                self._flow.sent(self._lent_bytes)
                rest_bytes = sum(map(len, parts)) - size
                header = link.encode_header(link.Kind.SHARED, _REFERENCE.size + rest_bytes)
                reference = _REFERENCE.pack(offset, size, position)
                return (header, reference, *parts[:index], *parts[index + 1 :])
            position += size
        return None

    def when_room(self) -> Awaitable[None] | None:
        """Return what to wait for before more is lent, if anything."""
        if not self._is_heard or self._flow.has_room():
            return None
        if self._room is None or self._room.done():
            self._room = asyncio.get_running_loop().create_future()
        return self._room

    def returned(self, payload: Buffer) -> None:
        """Take a RETURNED message.

        Raises
        ------
        LinkError
            If that much was not lent.
        """
        if len(payload) != _COUNT.size:
            raise LinkError(f"link: expected {_COUNT.size} bytes of RETURNED, got {len(payload)}")
        (count,) = _COUNT.unpack(payload)
        if count > len(self._lent):
            raise LinkError(f"link: expected at most {len(self._lent)} RETURNED, got {count}")
        for _ in range(count):
            self._returned_bytes += len(self._lent.popleft())
        self._flow.received(self._returned_bytes)
        if self._flow.has_room():
            self._wake()

    async def while_unheard(self, pending: Awaitable[None]) -> None:
        """Wait for what keeps the caller from reading, and so from hearing what is returned.

        What finds no room meanwhile is sent: who waits for room could wait for
        a client that reads nothing before it has written everything.
        """
        self._is_heard = False
        self._wake()
        try:
            await pending
        finally:
            self._is_heard = True

    def _wake(self) -> None:
        if self._room is not None and not self._room.done():
            self._room.set_result(None)

    def end(self, closed: ConnectionClosed) -> None:
        """Lend no more, and tell who waits why. Idempotent."""
        self._memory = None
        if self._room is not None and not self._room.done():
            self._room.set_exception(ConnectionClosed(closed.code, closed.reason))
            self._room.exception()  # seen, whether somebody waits or not
        if self._lent:
            lent, self._lent = self._lent, deque()
            asyncio.get_running_loop().call_later(_KEEP_S, lent.clear)


class Borrower:
    """The receiver's side of one connection.

    Parameters
    ----------
    memory : memoryview
        The sender's, as it is mapped here.
    send : callable
        Sends a message to it; may raise `ConnectionClosed`.
    """

    def __init__(self, memory: memoryview, send: Callable[[Sequence[Buffer]], object]) -> None:
        self._memory = memory
        self._send = send
        self._take_parts: TakeParts | None = None
        self._has_let_go: Callable[[], bool] = lambda: True
        self._done_with = self._done_with_bytes = 0
        #: Of those, what is needed no more for sure.
        self._let_go = 0
        self._telling: asyncio.TimerHandle | None = None
        self._has_ended = False

    def hand_over_parts(self, take: TakeParts, has_let_go: Callable[[], bool]) -> None:
        """Have frames handed over in parts; see `FrameTransport.hand_over_parts`."""
        self._take_parts, self._has_let_go = take, has_let_go

    def take(self, payload: Buffer, take: TakeFrame) -> Awaitable[None] | None:
        """Hand over the frame of a SHARED message; return what to wait for, if anything.

        `take` gets a copy where nobody takes parts.

        Raises
        ------
        LinkError
            If it refers to what is not there.
        """
        parts = self.parts(payload)
        pending = self._take_parts(parts) if self._take_parts else take(b"".join(parts))
        if pending is not None:
            return self._when_done(pending, parts)
        self.give_back(parts)
        return None

    async def _when_done(self, pending: Awaitable[None], parts: Sequence[Buffer]) -> None:
        await pending
        self.give_back(parts, is_let_go=True)

    def parts(self, payload: Buffer) -> Sequence[Buffer]:
        """Return the parts of a frame. Raises as `take`."""
        rest = memoryview(payload)
        if len(rest) < _REFERENCE.size:
            raise LinkError(f"link: expected a reference in SHARED, got {len(rest)} bytes")
        offset, size, position = _REFERENCE.unpack_from(rest)
        rest = rest[_REFERENCE.size :]
        if offset + size > len(self._memory) or position > len(rest):
            raise LinkError(
                f"link: expected a part of {len(self._memory)} bytes of memory in SHARED, "
                f"got {size} bytes at {offset} for position {position} of {len(rest)}"
            )
        return rest[:position], self._memory[offset : offset + size], rest[position:]

    def give_back(self, parts: Sequence[Buffer], *, is_let_go: bool = False) -> None:
        """Tell the lender soon that the part of a frame in its memory is done with.

        If it `is_let_go`, it is needed no more for sure, nor is any that came before.
        """
        if self._has_ended:
            return
        self._done_with += 1
        if is_let_go:
            self._let_go = self._done_with
        self._done_with_bytes += len(parts[1])
        if self._done_with_bytes >= _TELL_BYTES:
            self._tell()
        if self._telling is None:
            self._tell_later()

    def end(self) -> None:
        """Let go of the memory, but for what somebody reads. Idempotent."""
        self._memory = memoryview(b"")
        self._has_ended = True
        self._done_with = self._let_go = 0
        if self._telling is not None:
            self._telling.cancel()

    def untold(self) -> Sequence[Buffer]:
        """Return the message that tells what is done with, or nothing; it is to be sent now.

        What is sent anyway takes it along: the lender is woken once.
        """
        count = self._done_with if self._done_with and self._has_let_go() else self._let_go
        if not count:
            return ()
        self._done_with -= count
        self._let_go = self._done_with_bytes = 0
        return (link.encode_header(link.Kind.RETURNED, _COUNT.size), _COUNT.pack(count))

    def _tell(self) -> None:
        with contextlib.suppress(ConnectionClosed):  # told by the next read
            if message := self.untold():
                self._send(message)

    def _tell_later(self) -> None:
        self._telling = asyncio.get_running_loop().call_later(_TELL_S, self._tell_in_time)

    def _tell_in_time(self) -> None:
        self._telling = None
        self._tell()
        if self._done_with:  # whoever took it has yet to let go
            self._tell_later()
