"""The WebSocket of a standalone server."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from wslink_jupyter.limits import FRAME_OVERHEAD_BYTES
from wslink_jupyter.standalone.address import is_local_page
from wslink_jupyter.transport.socket_handler import FrameSocket

if TYPE_CHECKING:
    from wslink_jupyter.standalone.conversations import Conversations


class StandaloneSocket(FrameSocket):
    """One client's socket."""

    def initialize(self, conversations: Conversations, is_local: bool) -> None:
        """Take what all sockets share."""
        self._conversations = conversations
        self._is_local = is_local
        self._task: asyncio.Task[None] | None = None

    @property
    def max_message_size(self) -> int:
        """Largest WebSocket message, in bytes; tornado closes with 1009 above it."""
        return self._conversations.limits.max_frame_bytes + FRAME_OVERHEAD_BYTES

    def check_origin(self, origin: str) -> bool:
        """Return whether a page of another origin than ours may connect.

        Where only this machine can, its own pages may, of whatever port.
        """
        return self._is_local and is_local_page(origin)

    def open(self) -> None:
        """Start the conversation."""
        heartbeat = self._conversations.heartbeat
        self.start_frames(heartbeat.interval_s, heartbeat.timeout_s, self._conversations.allocate)
        self._task = asyncio.create_task(
            self._conversations.hold(self.request.remote_ip or "", self.frames, self.heartbeat)
        )

    def on_close(self) -> None:
        """Let the conversation know; it ends by itself."""
        if hasattr(self, "frames"):
            self.frames.lost(self.close_code, self.close_reason)
            self._conversations.left(self.frames)
