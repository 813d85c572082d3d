"""Link messages from a socket, each large payload read into a buffer of its own."""

from __future__ import annotations

import ctypes
import errno
import os
import socket
from collections.abc import Callable

from wslink_jupyter.codes import CloseCode
from wslink_jupyter.errors import ConnectionClosed
from wslink_jupyter.limits import KIB, MIB
from wslink_jupyter.transport import link
from wslink_jupyter.wire.arrays import Allocate
from wslink_jupyter.wire.header import Buffer

#: Small messages are read together into this.
_INPUT_BYTES = 16 * KIB
#: Reading leaves the loop to others after this much.
_TURN_BYTES = MIB
#: Of descriptors that come: programs that a cell starts meanwhile do not get them.
_CLOSED_IN_CHILDREN = getattr(socket, "MSG_CMSG_CLOEXEC", 0)


def _find_recv() -> Callable[[int, int, int, int], int] | None:
    """Return the system's `recv` as a function that keeps the interpreter's lock.

    Python's own lets go of it. Beside a cell that computes, a thread that does
    so has to wait 5 ms until it may go on, and a call comes with one read.
    """
    if os.name != "posix":
        return None
    recv = ctypes.PyDLL(None, use_errno=True).recv
    recv.argtypes = (ctypes.c_int, ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)
    recv.restype = ctypes.c_ssize_t
    return recv


_RECV = _find_recv()


class MessageInput:
    """What has come from a non-blocking socket, as messages. Waits for nothing.

    Parameters
    ----------
    sock : socket.socket
    """

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        #: Returns memory for large payloads, if there is some to be used again.
        self.allocate: Allocate = lambda size_bytes: None
        self._input = bytearray(_INPUT_BYTES)
        self._address = ctypes.addressof(ctypes.c_char.from_buffer(self._input))
        self._start = self._end = 0
        #: Of the message that is being read.
        self._header: tuple[link.Kind, int] | None = None
        self._payload: memoryview | None = None
        self._received = 0

    def fill(self, descriptors: list[int] | None = None) -> bool:
        """Read what has come, up to the end of the message that is being read; return True.

        File descriptors that come with it are lost without a list to add them to.

        Raises
        ------
        ConnectionClosed
            At end-of-file.
        """
        taken = 0
        while taken < _TURN_BYTES:
            count = self._receive(descriptors)
            if count is None:
                break
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

    def _receive(self, descriptors: list[int] | None) -> int | None:
        """Read once; return the bytes read, 0 at the end, None if there is nothing now."""
        if self._payload is not None:
            room = self._payload[self._received :]
        else:
            self._make_room()
            if descriptors is None and _RECV is not None:
                return self._receive_small()
            room = memoryview(self._input)[self._end :]
        try:
            if descriptors is None:
                return self._sock.recv_into(room)
            data, came, _, _ = socket.recv_fds(self._sock, len(room), 1, _CLOSED_IN_CHILDREN)
            descriptors += came
            room[: len(data)] = data
            return len(data)
        except (BlockingIOError, InterruptedError):
            return None
        except OSError:
            return 0

    def _receive_small(self) -> int | None:
        assert _RECV is not None  # looked at before
        begin = self._end
        # The socket does not block: there is nothing to let go of the lock for.
        count = _RECV(self._sock.fileno(), self._address + begin, _INPUT_BYTES - begin, 0)
        if count >= 0:
            return count
        again = ctypes.get_errno() in (errno.EAGAIN, errno.EWOULDBLOCK, errno.EINTR)
        return None if again else 0

    def _make_room(self) -> None:
        if self._start:
            rest = self._input[self._start : self._end]
            self._input[: len(rest)] = rest
            self._start, self._end = 0, len(rest)

    def next_message(self, max_bytes: int) -> tuple[link.Kind, Buffer] | None:
        """Return the next message if it is here whole; its payload is yours.

        Raises
        ------
        LinkError
            If it breaks the rules of the link, such as being over `max_bytes`.
        ConnectionClosed
            At end-of-file.
        """
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
            self._begin(size)
        assert self._payload is not None  # begun
        if self._received < len(self._payload):
            return None
        whole, self._payload, self._header = self._payload, None, None
        return kind, whole

    def _begin(self, size: int) -> None:
        """Read a large payload into a buffer of its own from here on."""
        self._payload = self.allocate(size) or memoryview(bytearray(size))
        self._received = self._end - self._start
        self._payload[: self._received] = self._input[self._start : self._end]
        self._start = self._end = 0
        self.fill()

    def skip(self) -> bool:
        """Read what has come and forget it; return False.

        Raises
        ------
        ConnectionClosed
            At end-of-file.
        """
        self._header = self._payload = None
        self._start = self._end = 0
        self.fill()
        return False
