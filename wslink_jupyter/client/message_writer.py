"""Writes the messages of one client: what is urgent passes long ones."""

from __future__ import annotations

import asyncio
import contextlib

from wslink_jupyter.transport.base import FrameTransport
from wslink_jupyter.wire.connection import WireConnection
from wslink_jupyter.wire.message import Message


class MessageWriter:
    """Messages onto a transport, in chunks; from any task.

    Parameters
    ----------
    wire : WireConnection
        Numbers and cuts the messages.
    transport : FrameTransport
    frame_bytes : int
        Largest frame.

    Attributes
    ----------
    frame_bytes : int
    """

    def __init__(self, wire: WireConnection, transport: FrameTransport, frame_bytes: int) -> None:
        self.frame_bytes = frame_bytes
        self._wire = wire
        self._transport = transport
        #: Of messages, which stay in order, and of chunks.
        self._message_lock, self._chunk_lock = asyncio.Lock(), asyncio.Lock()

    async def write(self, message: Message, *, is_urgent: bool = False) -> None:
        """Write a message; raises `ConnectionClosed` when it cannot be delivered.

        Behind the messages before it, or, if it is urgent, behind a chunk of theirs.
        """
        async with contextlib.nullcontext() if is_urgent else self._message_lock:
            for chunk in self._wire.chunks(message, self.frame_bytes):
                async with self._chunk_lock:
                    await self._transport.write(chunk)
