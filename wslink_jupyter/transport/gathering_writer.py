"""Writes to a socket without copying: at once, or small messages together."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections import deque
from collections.abc import Awaitable, Sequence
from itertools import islice

from wslink_jupyter.codes import CloseCode
from wslink_jupyter.errors import ConnectionClosed
from wslink_jupyter.limits import KIB
from wslink_jupyter.transport.unsent import UnsentLimit
from wslink_jupyter.wire.header import Buffer

#: Joined: a few copied bytes take less time than a few pieces.
_SHORT_BYTES = 2 * KIB
#: A message so soon after another is one of many: a system call for each, which wakes the
#: peer, takes longer than the end of the turn is away.
_COMPANY_S = 0.0002
#: Of many short ones, so much goes together: the peer works on it while we do on the next.
_BATCH_BYTES = 2 * KIB
#: Of longer ones, where the reader is fast.
_LARGE_BATCH_BYTES = 512 * KIB
#: Pieces that one system call takes (IOV_MAX is 1024).
_MAX_PIECES = 64


class GatheringWriter:
    """What is on its way out of a non-blocking socket.

    Parameters
    ----------
    sock : socket.socket
    loop : asyncio.AbstractEventLoop
        With ``add_writer``.
    unsent : UnsentLimit, optional
        Told what the system has taken, and says how fast the reader is.

    Notes
    -----
    A message that comes alone is written at once; those close behind each
    other go together, at the end of the loop's turn or when they are many.
    """

    def __init__(
        self,
        sock: socket.socket,
        loop: asyncio.AbstractEventLoop,
        unsent: UnsentLimit | None = None,
    ) -> None:
        self._sock = sock
        self._loop = loop
        self._unsent = unsent
        self._backlog: deque[memoryview] = deque()
        self._backlog_bytes = 0
        self._is_blocked = False
        self._sent_s = 0.0
        self._turn_ends = False
        self._drained: asyncio.Future[None] | None = None
        self._ended: ConnectionClosed | None = None

    def send(self, parts: Sequence[Buffer]) -> Awaitable[None] | None:
        """Write the parts of one message; return what to wait for before the next, if anything.

        They must not change until that is done, or `flush` says that all is written.

        Raises
        ------
        ConnectionClosed
            If the connection is gone; also from the awaitable.
        """
        self._check_open()
        size = sum(map(len, parts))
        if 0 < size <= _SHORT_BYTES:
            self._backlog.append(memoryview(b"".join(parts)))  # quicker than a piece for each
        elif size:
            self._backlog.extend(memoryview(part) for part in parts if len(part))
        self._backlog_bytes += size
        now_s = self._loop.time()
        is_alone, self._sent_s = now_s - self._sent_s > _COMPANY_S, now_s
        batch_bytes = _BATCH_BYTES
        if size > _BATCH_BYTES and self._unsent is not None:
            # A fast reader would be woken for each, as often as not on our own processor.
            batch_bytes = min(self._unsent.limit_bytes, _LARGE_BATCH_BYTES)
        if is_alone or self._backlog_bytes >= batch_bytes:
            self._flush()
        elif not self._turn_ends:
            self._turn_ends = True
            self._loop.call_soon(self._end_turn)
        return self._when_drained() if self._is_blocked else None

    def flush(self) -> bool:
        """Write now what waits for the end of the turn; return whether all is written.

        Raises as `send`.
        """
        self._check_open()
        self._flush()
        return not self._backlog

    async def drain(self) -> None:
        """Wait until everything is written. Raises as `send`."""
        self._check_open()
        self._flush()
        if self._backlog:
            await self._when_drained()

    def _when_drained(self) -> asyncio.Future[None]:
        """Return what is done when everything is written, and fails when it cannot be."""
        if self._drained is None or self._drained.done():
            self._drained = self._loop.create_future()
            self._drained.add_done_callback(_note_error)
        return self._drained

    def _end_turn(self) -> None:
        self._turn_ends = False
        if self._ended is None:
            with contextlib.suppress(ConnectionClosed):  # told by the next write
                self._flush()

    def _flush(self) -> None:
        while self._backlog and not self._is_blocked:
            try:
                sent = self._write_some()
            except (BlockingIOError, InterruptedError):
                self._is_blocked = True
                self._loop.add_writer(self._sock, self._writable)
                return
            except OSError as error:
                self.end(ConnectionClosed(CloseCode.ABNORMAL, "link lost"))
                raise ConnectionClosed(CloseCode.ABNORMAL, "link lost") from error
            self._backlog_bytes -= sent
            if self._unsent is not None:
                self._unsent.sent(sent, self._loop.time())
            while sent:
                first = self._backlog.popleft()
                if sent < len(first):
                    self._backlog.appendleft(first[sent:])
                    break
                sent -= len(first)

    def _write_some(self) -> int:
        if hasattr(self._sock, "sendmsg"):
            return self._sock.sendmsg(islice(self._backlog, _MAX_PIECES))
        return self._sock.send(self._backlog[0])  # Windows

    def _writable(self) -> None:
        self._is_blocked = False
        self._loop.remove_writer(self._sock)
        with contextlib.suppress(ConnectionClosed):  # told by the next write
            self._flush()
        if not self._backlog and self._drained is not None and not self._drained.done():
            self._drained.set_result(None)

    def _check_open(self) -> None:
        if self._ended is not None:
            raise ConnectionClosed(self._ended.code, self._ended.reason)

    def end(self, closed: ConnectionClosed) -> None:
        """Write no more, forget what waits, and tell who waits why. Idempotent."""
        if self._ended is not None:
            return
        self._ended = closed
        if self._is_blocked and self._sock.fileno() >= 0:  # a forked child lets go by itself
            self._loop.remove_writer(self._sock)
        self._backlog.clear()
        self._backlog_bytes = 0
        if self._drained is not None and not self._drained.done():
            self._drained.set_exception(ConnectionClosed(closed.code, closed.reason))


def _note_error(future: asyncio.Future[None]) -> None:
    """Look at an error, so that asyncio does not report one that nobody waited for."""
    if not future.cancelled():
        future.exception()
