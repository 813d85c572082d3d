"""Moves bytes from one socket to another without this process touching them (Linux).

A frame that only passes through would be copied twice on the way. ``splice``
hands the pages over inside the system, by way of a pipe.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import socket
import struct
import termios

from wslink_jupyter.limits import MIB

#: Room for the chunks of a message; the system may give less.
_PIPE_BYTES = MIB
_INT = struct.Struct("i")


class Splice:
    """A pipe between two non-blocking sockets. Waits for nothing.

    Parameters
    ----------
    source, target : socket.socket
    """

    def __init__(self, source: socket.socket, target: socket.socket) -> None:
        self._source = source
        self._target = target
        self._exit, self._entry = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        with contextlib.suppress(OSError):  # over what the user may have
            fcntl.fcntl(self._entry, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)

    def close(self) -> None:
        """Close the pipe."""
        os.close(self._exit)
        os.close(self._entry)

    def has(self, size_bytes: int) -> bool:
        """Return whether the source holds that much already."""
        with contextlib.suppress(OSError):
            held = fcntl.ioctl(self._source, termios.FIONREAD, bytes(_INT.size))
            return bool(_INT.unpack(held)[0] >= size_bytes)
        return False

    def move(self, size_bytes: int) -> bytes:
        """Move bytes that the source holds; return the rest that the target does not take.

        Raises
        ------
        OSError
            If either socket is gone.
        """
        while size_bytes:
            in_pipe = os.splice(self._source.fileno(), self._entry, size_bytes)
            if in_pipe == 0:
                raise ConnectionResetError("the source ended in the middle of a message")
            size_bytes -= in_pipe
            while in_pipe:
                try:
                    in_pipe -= os.splice(self._exit, self._target.fileno(), in_pipe)
                except BlockingIOError:
                    return os.read(self._exit, in_pipe) + self.take(size_bytes)
        return b""

    def take(self, size_bytes: int) -> bytes:
        """Read bytes that the source holds. Raises as `move`."""
        rest = bytearray(size_bytes)
        view = memoryview(rest)
        while view:
            count = self._source.recv_into(view)
            if count == 0:
                raise ConnectionResetError("the source ended in the middle of a message")
            view = view[count:]
        return bytes(rest)
