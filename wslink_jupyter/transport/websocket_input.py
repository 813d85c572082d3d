"""WebSocket messages of a browser, from a socket (RFC 6455, section 5).

tornado reads by 64 KiB into one growing buffer, copies out of it twice, and
takes three turns through its futures for every frame. Here a large frame is
unmasked as it comes, and small ones are found where they were read.
"""

from __future__ import annotations

import contextlib
import socket

from tornado.util import _websocket_mask as unmask

from wslink_jupyter.codes import CloseCode
from wslink_jupyter.errors import ConnectionClosed
from wslink_jupyter.limits import KIB, MIB
from wslink_jupyter.wire.arrays import Allocate
from wslink_jupyter.wire.header import Buffer

TEXT, BINARY, CLOSE, PING, PONG = 0x1, 0x2, 0x8, 0x9, 0xA
_CONTINUATION = 0x0
_CONTROL = 0x8
_KNOWN = frozenset({_CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG})
_FINAL, _RESERVED, _OPCODE = 0x80, 0x70, 0x0F
_MASKED, _SIZE = 0x80, 0x7F
_MASK_BYTES = 4
#: Close codes (RFC 6455, section 7.4.1).
_PROTOCOL_ERROR, _MESSAGE_TOO_BIG = 1002, 1009
_MAX_CONTROL_BYTES = 125
#: Small frames are read together into this.
_INPUT_BYTES = 64 * KIB
#: Of what comes behind a large frame, which is another as a rule: what is read into the
#: frame's own memory is copied once less.
_BEGIN_BYTES = 4 * KIB
#: A large frame is read and unmasked in pieces that stay in the processor's cache,
#: and in memory that Python has at hand: fresh memory takes longer than copying.
#: Chunks, of 256 KiB and its multiples as a rule, leave no little rest.
_PIECE_BYTES = 64 * KIB
#: Reading leaves the loop to others after this much.
_TURN_BYTES = MIB


class WebSocketInput:
    """What has come from a browser, as messages. Waits for nothing.

    Parameters
    ----------
    sock : socket.socket
        Non-blocking.
    max_message_bytes : int
        Of the content, all frames of a message together.
    allocate : callable, optional
        Returns memory for the content of large frames.
    begun : bytes
        What was read from the socket before.
    """

    def __init__(
        self,
        sock: socket.socket,
        max_message_bytes: int,
        allocate: Allocate | None = None,
        begun: bytes = b"",
    ) -> None:
        self._sock = sock
        self._max_message_bytes = max_message_bytes
        self._allocate = allocate
        self._input = bytearray(max(_INPUT_BYTES, len(begun)))
        self._input[: len(begun)] = begun
        self._start, self._end = 0, len(begun)
        self._was_large = False
        self._is_forgetting = False
        #: Of the frame that is being read.
        self._first = 0
        self._mask = b""
        self._content: memoryview | None = None
        self._received = 0
        #: Of the message whose frames are being read.
        self._opcode = _CONTINUATION
        self._fragments = bytearray()

    def forget(self) -> None:
        """Take no more messages; what comes is read and lost."""
        self._is_forgetting = True
        self._content = None
        self._start = self._end = 0

    def fill(self) -> None:
        """Read what has come, as much as fits.

        Raises
        ------
        ConnectionClosed
            At end-of-file.
        """
        try:
            if self._content is None:
                self._fill_input()
            else:
                self._fill(self._content)
        except (BlockingIOError, InterruptedError):
            return
        except OSError as error:
            raise _lost() from error

    def _fill_input(self) -> None:
        rest = self._end - self._start
        if self._start:
            self._input[:rest] = self._input[self._start : self._end]
            self._start, self._end = 0, rest
        most = _BEGIN_BYTES if self._was_large else len(self._input) - rest
        self._was_large = False
        count = self._sock.recv_into(memoryview(self._input)[rest:], most)
        if not count:
            raise _lost()
        self._end = 0 if self._is_forgetting else self._end + count

    def _fill(self, content: memoryview) -> None:
        taken = 0
        while self._received < len(content) and taken < _TURN_BYTES:
            piece = self._sock.recv(min(len(content) - self._received, _PIECE_BYTES))
            if not piece:
                raise _lost()
            taken += len(piece)
            self._place(piece, content)

    def _place(self, piece: bytes, content: memoryview) -> None:
        end = self._received + len(piece)
        content[self._received : end] = unmask(self._mask, piece)
        self._received = end
        # The next piece begins in the middle of the mask.
        begun = len(piece) % _MASK_BYTES
        self._mask = self._mask[begun:] + self._mask[:begun]

    def next_message(self) -> tuple[int, Buffer] | None:
        """Return opcode and content of the next message, or None if it is not here whole.

        Raises
        ------
        ConnectionClosed
            If the browser breaks the protocol or a limit; says how to close.
        """
        while (frame := self._next_frame()) is not None:
            first, content = frame
            opcode = first & _OPCODE
            if opcode >= _CONTROL or (first & _FINAL and opcode != _CONTINUATION):
                return opcode, content
            if opcode != _CONTINUATION:
                self._opcode = opcode
            self._fragments += content
            if first & _FINAL:
                whole = self._opcode, bytes(self._fragments)
                self._opcode, self._fragments = _CONTINUATION, bytearray()
                return whole
        return None

    def _next_frame(self) -> tuple[int, Buffer] | None:
        """Return first byte and content of the next frame."""
        content = self._content
        if content is not None:
            if self._received < len(content):
                return None
            self._content, self._was_large = None, True
            return self._first, content
        start, arrived = self._start, self._end - self._start
        if arrived < 2:
            return None
        first, second = self._input[start], self._input[start + 1]
        size, head = second & _SIZE, 2
        if size > _MAX_CONTROL_BYTES:
            head = 4 if size == _MAX_CONTROL_BYTES + 1 else 10
            if arrived < head:
                return None
            size = int.from_bytes(self._input[start + 2 : start + head], "big")
        self._check(first, second, size)
        begin = start + head + _MASK_BYTES
        if self._end < begin:
            return None
        mask = bytes(self._input[begin - _MASK_BYTES : begin])
        end = begin + size
        if end <= self._end:
            self._start = end
            return first, unmask(mask, bytes(self._input[begin:end]))
        if end - start <= _INPUT_BYTES:
            return None
        self._begin(first, mask, size, bytes(self._input[begin : self._end]))
        return self._next_frame()

    def _begin(self, first: int, mask: bytes, size: int, arrived: bytes) -> None:
        """Read a large frame into memory of its own from here on."""
        memory = self._allocate(size) if self._allocate else None
        self._content = memoryview(bytearray(size)) if memory is None else memory
        self._first, self._mask, self._received = first, mask, 0
        self._start = self._end = 0
        self._place(arrived, self._content)
        # More is here as a rule, and the loop's next turn farther away than a look; what
        # is wrong is found there.
        with contextlib.suppress(OSError, ConnectionClosed):
            self._fill(self._content)

    def _check(self, first: int, second: int, size: int) -> None:
        opcode = first & _OPCODE
        is_control = opcode >= _CONTROL
        begins = opcode != _CONTINUATION
        if first & _RESERVED or opcode not in _KNOWN:
            fault = f"expected a frame without extensions, got 0x{first:02x}"
        elif not second & _MASKED:
            fault = "expected masked frames from a client"
        elif is_control and (size > _MAX_CONTROL_BYTES or not first & _FINAL):
            fault = f"expected a control frame of at most {_MAX_CONTROL_BYTES} bytes, in one piece"
        elif not is_control and begins == (self._opcode != _CONTINUATION):
            fault = "expected the next piece of a message after its first, and only then"
        elif not is_control and size + len(self._fragments) > self._max_message_bytes:
            raise ConnectionClosed(
                _MESSAGE_TOO_BIG,
                f"frame: expected at most {self._max_message_bytes} bytes, "
                f"got {size + len(self._fragments)}",
            )
        else:
            return
        raise ConnectionClosed(_PROTOCOL_ERROR, fault)


def _lost() -> ConnectionClosed:
    return ConnectionClosed(CloseCode.ABNORMAL, "connection lost")
