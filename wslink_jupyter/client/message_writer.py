"""Writes the messages of one client: what is urgent passes long ones."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable

from wslink_jupyter.limits import KIB, MIB
from wslink_jupyter.transport.base import FrameTransport
from wslink_jupyter.wire.connection import WireConnection
from wslink_jupyter.wire.message import Message

_LEAST_FRAME_BYTES, _MOST_FRAME_BYTES = 256 * KIB, 2 * MIB
#: What is urgent waits for one frame, which should not take longer.
_FRAME_S = 0.005


class MessageWriter:
    """Messages onto a transport, in chunks; from any task.

    Chunks are larger on a fast line: each costs the server and the kernel time.

    Parameters
    ----------
    wire : WireConnection
        Numbers and cuts the messages.
    transport : FrameTransport
    clock : callable
        Returns monotonic seconds.
    """

    def __init__(
        self, wire: WireConnection, transport: FrameTransport, clock: Callable[[], float]
    ) -> None:
        self._max_frame_bytes = _LEAST_FRAME_BYTES
        #: What suits the line.
        self._line_frame_bytes = _LEAST_FRAME_BYTES
        self._wire = wire
        self._transport = transport
        self._clock = clock
        #: Of messages, which stay in order, and of chunks.
        self._message_lock, self._chunk_lock = asyncio.Lock(), asyncio.Lock()

    def limit_frames(self, max_frame_bytes: int) -> None:
        """Take what the server says of the frames that it takes."""
        self._max_frame_bytes = min(max_frame_bytes, _MOST_FRAME_BYTES)

    async def write(self, message: Message, *, is_urgent: bool = False) -> None:
        """Write a message; raises `ConnectionClosed` when it cannot be delivered.

        Behind the messages before it, or, if it is urgent, behind a chunk of theirs.
        """
        async with contextlib.nullcontext() if is_urgent else self._message_lock:
            for chunk in self._wire.chunks(message, self._frame_bytes):
                async with self._chunk_lock:
                    began_s = self._clock()
                    await self._transport.write(chunk)
                    self._written(sum(map(len, chunk)), self._clock() - began_s)

    def _frame_bytes(self) -> int:
        return min(self._line_frame_bytes, self._max_frame_bytes)

    def _written(self, size_bytes: int, seconds: float) -> None:
        """Follow the speed of the line, which short frames do not tell."""
        if size_bytes < _LEAST_FRAME_BYTES:
            return
        fitting_bytes = int(size_bytes * _FRAME_S / max(seconds, 1e-6))
        most_bytes = min(2 * self._line_frame_bytes, _MOST_FRAME_BYTES)
        self._line_frame_bytes = max(min(fitting_bytes, most_bytes), _LEAST_FRAME_BYTES)
