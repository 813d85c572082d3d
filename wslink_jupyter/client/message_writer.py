"""Writes the messages of one client: short ones pass long ones."""

from __future__ import annotations

import asyncio
import contextlib

from wslink_jupyter.limits import HEADER_BYTES
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
        # A server takes few unfinished messages: one is enough, with others between its chunks.
        self._long_lock, self._chunk_lock = asyncio.Lock(), asyncio.Lock()

    async def write(self, message: Message) -> None:
        """Write a message; raises `ConnectionClosed` when it cannot be delivered."""
        is_long = len(message) > self.frame_bytes - HEADER_BYTES
        async with self._long_lock if is_long else contextlib.nullcontext():
            for chunk in self._wire.chunks(message, self.frame_bytes):
                async with self._chunk_lock:
                    await self._transport.write(chunk)
