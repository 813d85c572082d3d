"""Link messages over a socket.

Works on the socket itself: asyncio's streams copy every byte twice more.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import select
import socket
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any, NoReturn

from wslink_jupyter.codes import CloseCode
from wslink_jupyter.errors import ConnectionClosed
from wslink_jupyter.limits import KIB, MIB
from wslink_jupyter.transport import link
from wslink_jupyter.transport.gathering_writer import GatheringWriter
from wslink_jupyter.transport.message_input import MessageInput
from wslink_jupyter.wire.arrays import Allocate
from wslink_jupyter.wire.header import Buffer

#: What the system holds for us: a large message takes fewer turns.
_SOCKET_BUFFER_BYTES = 2 * MIB
_LITTLE_BYTES = 64 * KIB
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
        sock.setblocking(False)
        for option in (socket.SO_SNDBUF, socket.SO_RCVBUF):
            with contextlib.suppress(OSError):
                sock.setsockopt(socket.SOL_SOCKET, option, _SOCKET_BUFFER_BYTES)
        self._sock = sock
        self._loop = loop
        #: Returns monotonic seconds.
        self.clock = loop.time
        self._input = MessageInput(sock)
        self._writer = GatheringWriter(sock, loop)
        self._reading: asyncio.Future[None] | None = None
        self._ended: ConnectionClosed | None = None
        self._fault: BaseException | None = None

    def hold_little(self) -> None:
        """Have the system hold less from now on: what is large goes another way.

        What is urgent would have to wait behind it.
        """
        with contextlib.suppress(OSError):
            self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _LITTLE_BYTES)

    def allocate_with(self, allocate: Allocate) -> None:
        """Take memory for large payloads from `allocate` from now on."""
        self._input.allocate = allocate

    async def read(self, max_bytes: int) -> tuple[link.Kind, Buffer]:
        """Wait for the next message; its payload is the caller's.

        Raises
        ------
        LinkError
            If the peer breaks the rules of the link.
        ConnectionClosed
            At end-of-file.
        """
        while (message := self._input.next_message(max_bytes)) is None:
            await self._while_readable(self._input.fill)
        return message

    async def read_fields(self, max_bytes: int) -> tuple[link.Kind, dict[str, Any]]:
        """Wait for the next message, which holds JSON fields."""
        kind, payload = await self.read(max_bytes)
        return kind, link.decode_fields(kind, payload)

    async def deliver(self, take: Take, max_bytes: int) -> NoReturn:
        """Hand every message to `take` as it comes, within the loop's own turn.

        Parameters
        ----------
        take : callable
        max_bytes : int

        Raises
        ------
        LinkError, ConnectionClosed
            As `read`.
        Exception
            Whatever `take` raises, or `interrupt` is told.
        """
        try:
            while self._fault is None:
                message = self._input.next_message(max_bytes)
                if message is None:
                    await self._take_arriving(take, max_bytes)
                elif (pending := take(*message)) is not None:
                    await pending
            raise self._fault
        finally:
            self._fault = None

    async def _take_arriving(self, take: Take, max_bytes: int) -> None:
        """Hand messages over from the loop, until one has to be waited for."""
        pending: Awaitable[None] | None = None

        def arrived() -> bool:
            nonlocal pending
            self._input.fill()
            while pending is None and (message := self._input.next_message(max_bytes)) is not None:
                pending = take(*message)
            return pending is not None

        try:
            await self._while_readable(arrived)
        except BaseException:
            if pending is not None:  # cancelled before it could be awaited
                waiting = asyncio.ensure_future(pending)
                waiting.add_done_callback(lambda each: each.cancelled() or each.exception())
                self._loop.call_soon(waiting.cancel)  # begun, so that it ends what it awaits
            raise
        assert pending is not None  # that is what it was waited for
        await pending

    async def _while_readable(self, arrived: Callable[[], bool]) -> None:
        """Call `arrived` whenever there is something to read, until it returns true or raises."""
        if self._ended is not None:
            raise ConnectionClosed(self._ended.code, self._ended.reason)
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

    def interrupt(self, error: BaseException) -> None:
        """Have `deliver` raise `error`, now or when what it awaits is done; take no more."""
        self._fault = error
        if self._reading is not None and not self._reading.done():
            self._stop_reading()
            self._reading.set_exception(error)

    def _stop_reading(self) -> None:
        if self._sock.fileno() >= 0:  # else closed, or let go of by a forked child
            self._loop.remove_reader(self._sock)

    def send(self, parts: Sequence[Buffer]) -> Awaitable[None] | None:
        """Write the parts of one message, which must not change before they are written.

        Returns
        -------
        awaitable or None
            What to wait for before the next, if anything.

        Raises
        ------
        ConnectionClosed
            If the connection is gone; also from the awaitable.
        """
        return self._writer.send(parts)

    def flush(self) -> bool:
        """Write now what waits for the end of the turn; return whether nothing is left.

        Raises as `send`.
        """
        return self._writer.flush()

    async def write(self, parts: Sequence[Buffer]) -> None:
        """Write the parts of one message; waits while the peer is behind. Raises as `send`."""
        pending = self.send(parts)
        if pending is not None:
            await pending

    @property
    def is_hung_up(self) -> bool:
        """Whether the peer has closed the connection, whatever of it there is to read. On Unix."""
        looking = select.poll()
        looking.register(self._sock, 0)  # hanging up is told unasked
        return bool(looking.poll(0))

    @property
    def passes_descriptors(self) -> bool:
        """Whether file descriptors can go along with messages."""
        return self._sock.family == getattr(socket, "AF_UNIX", None)

    async def write_with_descriptor(self, message: bytes, descriptor: int) -> None:
        """Write a short message and a file descriptor. Raises as `send`."""
        await self._writer.drain()
        try:
            socket.send_fds(self._sock, [message], [descriptor])
        except OSError as error:
            raise ConnectionClosed(CloseCode.ABNORMAL, "link lost") from error

    async def read_with_descriptor(self, max_bytes: int) -> tuple[link.Kind, Buffer, int | None]:
        """Wait for the next message, which may come with a file descriptor.

        The descriptor is the caller's. To be used where no descriptor follows that
        message before it is answered. Raises as `read`.
        """
        descriptors: list[int] = []
        fill = partial(self._input.fill, descriptors if self.passes_descriptors else None)
        try:
            while (message := self._input.next_message(max_bytes)) is None:
                await self._while_readable(fill)
            return *message, descriptors.pop() if descriptors else None
        finally:
            for descriptor in descriptors:  # nobody gets them
                os.close(descriptor)

    async def finish(self) -> None:
        """Write no more, and read to the end, whatever comes.

        A socket that is closed with unread input is reset: the peer would not
        get our last message.
        """
        with contextlib.suppress(OSError, ConnectionClosed):
            await self._writer.drain()
            self._sock.shutdown(socket.SHUT_WR)
            await self._while_readable(self._input.skip)

    async def close(self) -> None:
        """Flush and close. Idempotent, never raises."""
        with contextlib.suppress(ConnectionClosed, TimeoutError):
            async with asyncio.timeout(_CLOSE_TIMEOUT_S):
                await self._writer.drain()
        self.abort()

    def abort(self, closed: ConnectionClosed | None = None) -> None:
        """Drop the connection at once; `closed` is what who waits is told. Idempotent."""
        if self._ended is not None:
            return
        self._ended = closed or ConnectionClosed(CloseCode.ABNORMAL, "link lost")
        self._stop_reading()
        self._writer.end(self._ended)
        self._sock.close()
        if self._reading is not None and not self._reading.done():
            self._reading.set_exception(ConnectionClosed(self._ended.code, self._ended.reason))
