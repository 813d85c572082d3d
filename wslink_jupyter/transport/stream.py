"""Link messages over a socket: read into their own buffers, gathered when written.

Works on the socket itself: asyncio's streams copy every byte twice more. What
is written is handed to the system at once, but for small messages that follow
another in the same turn of the loop, which go together at its end.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from itertools import islice
from typing import Any, NoReturn

from wslink_jupyter.codes import CloseCode
from wslink_jupyter.errors import ConnectionClosed
from wslink_jupyter.limits import KIB, MIB
from wslink_jupyter.transport import link
from wslink_jupyter.wire.header import Buffer

#: What the system holds for us: a large message takes fewer turns.
_SOCKET_BUFFER_BYTES = 2 * MIB
#: Small messages are read together into this.
_INPUT_BYTES = 16 * KIB
#: Reading leaves the loop to others after this much.
_TURN_BYTES = MIB
#: Written at once, whatever else is written in this turn of the loop.
_LARGE_BYTES = 16 * KIB
#: What may wait here before a writer has to.
_HIGH_WATER_BYTES = 64 * KIB
#: Pieces that one system call takes (IOV_MAX is 1024).
_MAX_PIECES = 64
#: Seconds to flush when the connection is closed.
_CLOSE_TIMEOUT_S = 2.0

#: Takes a message; what it returns, if anything, is awaited before the next.
Take = Callable[[link.Kind, Buffer], Awaitable[None] | None]


class LinkStream:
    """A connected socket that carries link messages.

    One task reads and one writes at a time.

    Parameters
    ----------
    sock : socket.socket
        Connected; closed with the stream.
    loop : asyncio.AbstractEventLoop
        With ``add_reader`` and ``add_writer``.
    """

    def __init__(self, sock: socket.socket, loop: asyncio.AbstractEventLoop) -> None:
        self._sock = sock
        self._loop = loop
        self._ended: ConnectionClosed | None = None
        self._input = bytearray(_INPUT_BYTES)
        self._start = self._end = 0
        self._payload: memoryview | None = None
        self._received = 0
        self._header: tuple[link.Kind, int] | None = None
        self._reading: asyncio.Future[None] | None = None
        self._backlog: deque[memoryview] = deque()
        self._backlog_bytes = 0
        self._is_blocked = False
        self._wrote_this_turn = False
        self._drained: asyncio.Future[None] | None = None
        sock.setblocking(False)
        for option in (socket.SO_SNDBUF, socket.SO_RCVBUF):
            with contextlib.suppress(OSError):
                sock.setsockopt(socket.SOL_SOCKET, option, _SOCKET_BUFFER_BYTES)

    # Reading

    async def read(self, max_bytes: int) -> tuple[link.Kind, Buffer]:
        """Wait for the next message; its payload is the caller's.

        Raises
        ------
        LinkError
            If the peer breaks the rules of the link.
        ConnectionClosed
            At end-of-file.
        """
        while (message := self._next_message(max_bytes)) is None:
            await self._while_readable(self._fill)
        return message

    async def read_fields(self, max_bytes: int) -> tuple[link.Kind, dict[str, Any]]:
        """Wait for the next message, which holds JSON fields."""
        kind, payload = await self.read(max_bytes)
        return kind, link.decode_fields(kind, payload)

    async def deliver(self, take: Take, max_bytes: int) -> NoReturn:
        """Hand every message to `take` as it comes, within the loop's own turn.

        Raises
        ------
        LinkError, ConnectionClosed
            As `read`.
        Exception
            Whatever `take` raises.
        """
        while True:
            message = self._next_message(max_bytes)
            if message is None:
                await self._take_arriving(take, max_bytes)
            elif (pending := take(*message)) is not None:
                await pending

    async def _take_arriving(self, take: Take, max_bytes: int) -> None:
        """Hand messages over from the loop, until one has to be waited for."""
        pending: Awaitable[None] | None = None

        def arrived() -> bool:
            nonlocal pending
            self._fill()
            while pending is None and (message := self._next_message(max_bytes)) is not None:
                pending = take(*message)
            return pending is not None

        await self._while_readable(arrived)
        assert pending is not None  # that is what it was waited for
        await pending

    async def _while_readable(self, arrived: Callable[[], bool]) -> None:
        """Call `arrived` whenever there is something to read, until it returns true or raises."""
        self._check_open()
        done = self._loop.create_future()

        def readable() -> None:
            try:
                if not arrived():
                    return
            except Exception as error:  # the waiting task's to see
                if not done.done():
                    done.set_exception(error)
            else:
                if not done.done():
                    done.set_result(None)
            self._stop_reading()

        self._reading = done
        self._loop.add_reader(self._sock, readable)
        try:
            await done
        finally:
            self._reading = None
            self._stop_reading()

    def _stop_reading(self) -> None:
        if self._sock.fileno() >= 0:  # else closed, or let go of by a forked child
            self._loop.remove_reader(self._sock)

    def _fill(self) -> bool:
        """Read what has come, up to the end of the message that is being read; return True."""
        taken = 0
        while taken < _TURN_BYTES:
            if self._payload is not None:
                room = self._payload[self._received :]
            else:
                self._make_room()
                room = memoryview(self._input)[self._end :]
            try:
                count = self._sock.recv_into(room)
            except (BlockingIOError, InterruptedError):
                break
            except OSError as error:
                raise ConnectionClosed(CloseCode.ABNORMAL, "link lost") from error
            if count == 0:
                raise ConnectionClosed(CloseCode.ABNORMAL, "link lost")
            taken += count
            if self._payload is None:
                self._end += count
                break
            self._received += count
            if self._received == len(self._payload):
                break
        return True

    def _make_room(self) -> None:
        if self._start:
            rest = self._input[self._start : self._end]
            self._input[: len(rest)] = rest
            self._start, self._end = 0, len(rest)

    def _next_message(self, max_bytes: int) -> tuple[link.Kind, Buffer] | None:
        if self._header is None:
            start = self._start
            if self._end - start < link.HEADER_BYTES:
                return None
            self._start = start + link.HEADER_BYTES
            self._header = link.decode_header(self._input[start : self._start], max_bytes)
        kind, size = self._header
        if self._payload is None:
            end = self._start + size
            if end <= self._end:
                payload = bytes(memoryview(self._input)[self._start : end])
                self._start = end
                self._header = None
                return kind, payload
            if size + link.HEADER_BYTES <= _INPUT_BYTES:
                return None
            self._begin_payload(size)
        assert self._payload is not None  # begun
        if self._received < len(self._payload):
            return None
        whole, self._payload, self._header = self._payload, None, None
        return kind, whole

    def _begin_payload(self, size: int) -> None:
        """Read a large payload into a buffer of its own."""
        self._payload = memoryview(bytearray(size))
        self._received = self._end - self._start
        self._payload[: self._received] = self._input[self._start : self._end]
        self._start = self._end = 0
        self._fill()

    # Writing

    def send(self, parts: Sequence[Buffer]) -> Awaitable[None] | None:
        """Write the parts of one message; return what to wait for before the next, if anything.

        The parts must not change before they are written.

        Raises
        ------
        ConnectionClosed
            If the connection is gone.
        """
        self._check_open()
        size = 0
        for part in parts:
            if len(part):
                view = memoryview(part)
                size += len(view)
                self._backlog.append(view)
        self._backlog_bytes += size
        if not self._is_blocked and (not self._wrote_this_turn or size >= _LARGE_BYTES):
            self._flush()
            if not self._wrote_this_turn:
                self._wrote_this_turn = True
                self._loop.call_soon(self._end_turn)
        if self._backlog_bytes < _HIGH_WATER_BYTES:
            return None
        if not self._is_blocked:
            self._flush()
        return self._when_drained() if self._backlog_bytes >= _HIGH_WATER_BYTES else None

    async def write(self, parts: Sequence[Buffer]) -> None:
        """Write the parts of one message; waits while the peer is behind."""
        pending = self.send(parts)
        if pending is not None:
            await pending

    def _when_drained(self) -> asyncio.Future[None]:
        """Return what is done when everything is written, and fails when it cannot be."""
        if self._drained is None or self._drained.done():
            self._drained = self._loop.create_future()
            self._drained.add_done_callback(_note_error)
        return self._drained

    async def _drain(self) -> None:
        self._check_open()
        if self._backlog and not self._is_blocked:
            self._flush()
        if self._backlog:
            await self._when_drained()

    def _end_turn(self) -> None:
        self._wrote_this_turn = False
        if self._backlog and not self._is_blocked and self._ended is None:
            with contextlib.suppress(ConnectionClosed):  # told by the next read or write
                self._flush()

    def _flush(self) -> None:
        while self._backlog:
            try:
                sent = self._send_some()
            except (BlockingIOError, InterruptedError):
                self._is_blocked = True
                self._loop.add_writer(self._sock, self._writable)
                return
            except OSError as error:
                self._end_with(ConnectionClosed(CloseCode.ABNORMAL, "link lost"))
                raise ConnectionClosed(CloseCode.ABNORMAL, "link lost") from error
            self._backlog_bytes -= sent
            while sent:
                first = self._backlog.popleft()
                if sent < len(first):
                    self._backlog.appendleft(first[sent:])
                    break
                sent -= len(first)

    def _send_some(self) -> int:
        if hasattr(self._sock, "sendmsg"):
            return self._sock.sendmsg(islice(self._backlog, _MAX_PIECES))
        return self._sock.send(self._backlog[0])  # Windows

    def _writable(self) -> None:
        self._is_blocked = False
        self._loop.remove_writer(self._sock)
        with contextlib.suppress(ConnectionClosed):  # told by the next read or write
            self._flush()
        if not self._backlog and self._drained is not None and not self._drained.done():
            self._drained.set_result(None)

    # The end

    def _check_open(self) -> None:
        if self._ended is not None:
            raise ConnectionClosed(self._ended.code, self._ended.reason)

    def _end_with(self, closed: ConnectionClosed) -> None:
        """Let go of the socket; wake who waits."""
        if self._ended is not None:
            return
        self._ended = closed
        if self._sock.fileno() >= 0:  # a forked child lets go by itself
            self._loop.remove_reader(self._sock)
            self._loop.remove_writer(self._sock)
        self._sock.close()
        self._backlog.clear()
        self._backlog_bytes = 0
        for waiting in (self._reading, self._drained):
            if waiting is not None and not waiting.done():
                waiting.set_exception(ConnectionClosed(closed.code, closed.reason))

    async def finish(self) -> None:
        """Write no more, and read to the end, whatever comes.

        A socket that is closed with unread input is reset: the peer would not
        get our last message.
        """
        with contextlib.suppress(OSError, ConnectionClosed):
            await self._drain()
            self._sock.shutdown(socket.SHUT_WR)
            await self._while_readable(self._skip)

    def _skip(self) -> bool:
        self._payload = self._header = None
        self._start = self._end = 0
        self._fill()
        return False

    async def close(self) -> None:
        """Flush and close. Idempotent, never raises."""
        with contextlib.suppress(ConnectionClosed, TimeoutError):
            async with asyncio.timeout(_CLOSE_TIMEOUT_S):
                await self._drain()
        self.abort()

    def abort(self, closed: ConnectionClosed | None = None) -> None:
        """Drop the connection at once; `closed` is what who waits is told. Idempotent."""
        self._end_with(closed or ConnectionClosed(CloseCode.ABNORMAL, "link lost"))


def _note_error(future: asyncio.Future[None]) -> None:
    """Look at an error, so that asyncio does not report one that nobody waited for."""
    if not future.cancelled():
        future.exception()
