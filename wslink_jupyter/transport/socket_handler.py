"""What every WebSocket handler of ours does: frames, heartbeat, text messages."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Awaitable

from tornado.websocket import WebSocketClosedError, WebSocketHandler

from wslink_jupyter.codes import CloseCode
from wslink_jupyter.transport.heartbeat import Heartbeat
from wslink_jupyter.transport.websocket import ServerWebSocket
from wslink_jupyter.wire.arrays import Allocate

#: Negotiated by our client. Stock clients never see text.
SUBPROTOCOL = "v1.wslink-jupyter"
#: Of a text message that is looked at; ours are short.
_MAX_TEXT_CHARS = 4096


class FrameSocket(WebSocketHandler):
    """A tornado handler whose binary messages are frames.

    A subclass calls `start_frames` in its ``open``, and says how large a message may be.

    Attributes
    ----------
    frames : ServerWebSocket
    heartbeat : Heartbeat
    """

    @property
    def ping_interval(self) -> float:
        """0: tornado reads seconds and Jupyter's mixin milliseconds; we ping ourselves."""
        return 0

    @property
    def ping_timeout(self) -> float:
        """0, as `ping_interval`."""
        return 0

    def set_default_headers(self) -> None:
        """Set none: they make no sense for a WebSocket."""

    def get_compression_options(self) -> None:
        """Never compress: it divides the throughput of binary data by 40."""

    def select_subprotocol(self, subprotocols: list[str]) -> str | None:
        """Agree on text messages with our own client, on none with others."""
        return SUBPROTOCOL if SUBPROTOCOL in subprotocols else None

    def start_frames(
        self, ping_interval_s: float, ping_timeout_s: float, allocate: Allocate | None = None
    ) -> None:
        """Take frames from now on; to be called before anything else in ``open``.

        Parameters
        ----------
        ping_interval_s, ping_timeout_s : float
            See `Heartbeat`.
        allocate : callable, optional
            Returns memory for large frames.
        """
        self.heartbeat = Heartbeat(self._send_ping, ping_interval_s, ping_timeout_s)
        self.frames = ServerWebSocket(self, allocate, self.heartbeat.heard)

    def on_message(self, message: str | bytes) -> Awaitable[None] | None:
        """Hand a frame over; tornado waits for what is returned before it reads on."""
        self.heartbeat.heard()
        if not isinstance(message, str):
            pending = self.frames.arrived(message)
            return None if pending is None else self._while_not_reading(pending)
        if self.selected_subprotocol is None:
            self.close(CloseCode.UNSUPPORTED_DATA, _text_refusal(message))
        elif len(message) <= _MAX_TEXT_CHARS and (answer := answer_text(message)) is not None:
            return self.write_text(answer)
        return None

    async def _while_not_reading(self, pending: Awaitable[None]) -> None:
        # While we wait, tornado reads no pong either.
        with self.heartbeat.not_reading():
            await pending

    def on_pong(self, data: bytes) -> None:
        """Note a sign of life."""
        self.heartbeat.heard()

    def _send_ping(self) -> None:
        with contextlib.suppress(WebSocketClosedError):
            self.ping(b"")

    async def write_text(self, text: str) -> None:
        """Write a text message to a client that takes some."""
        if self.selected_subprotocol is not None:
            with contextlib.suppress(WebSocketClosedError):
                await self.write_message(text)


def answer_text(text: str) -> str | None:
    """Return the answer to a text message of our client, or None for others."""
    try:
        message = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if isinstance(message, dict) and message.get("type") == "ping":
        number = message.get("id")
        return json.dumps({"type": "pong", "id": number if isinstance(number, int) else 0})
    return None


def _text_refusal(message: str) -> str:
    try:
        is_wslink = "wslink" in json.loads(message)
    except (ValueError, TypeError, RecursionError):
        is_wslink = False
    if is_wslink:
        return "wslink 1.x client: this server speaks wslink 2, npm wslink >= 2"
    return "expected binary messages, got text"
