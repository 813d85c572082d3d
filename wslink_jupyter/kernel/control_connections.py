"""The control connections of Jupyter servers: what they are told, and when."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Any

from wslink_jupyter.errors import ConnectionClosed, LinkError
from wslink_jupyter.transport import link
from wslink_jupyter.transport.stream import LinkStream

#: Least time between two STATUS messages.
_STATUS_INTERVAL_S = 0.05


class _Control:
    """What waits to be told on one connection."""

    def __init__(self) -> None:
        self.wants_status = True
        self.ended: deque[dict[str, Any]] = deque()
        self.wake = asyncio.Event()


class ControlConnections:
    """All control connections of a runtime. Lives on the link's loop.

    Parameters
    ----------
    status : callable
        Returns the fields of STATUS.
    """

    def __init__(self, status: Callable[[], dict[str, Any]]) -> None:
        self._status = status
        self._controls: set[_Control] = set()

    def status_changed(self) -> None:
        """Tell the status soon."""
        for control in self._controls:
            control.wants_status = True
            control.wake.set()

    def session_ended(self, connection: str, closed: ConnectionClosed) -> None:
        """Tell that a session ended, and how."""
        fields = {"connection": connection, "code": int(closed.code), "reason": closed.reason}
        for control in self._controls:
            control.ended.append(fields)
            control.wake.set()

    async def serve(self, stream: LinkStream) -> None:
        """Serve one connection until it ends.

        Raises
        ------
        ConnectionClosed
            At its end.
        LinkError
            If the server says anything.
        """
        control = _Control()
        self._controls.add(control)
        writer = asyncio.create_task(self._write(stream, control))
        try:
            kind, _ = await stream.read(link.MAX_CONTROL_BYTES)  # waits for the end
            raise LinkError(f"link: expected nothing after CONTROL, got {kind.name}")
        finally:
            self._controls.discard(control)
            writer.cancel()
            await asyncio.gather(writer, return_exceptions=True)

    async def _write(self, stream: LinkStream, control: _Control) -> None:
        while True:
            while control.ended:
                await stream.write((link.encode(link.Kind.ENDED, control.ended.popleft()),))
            if control.wants_status:
                control.wants_status = False
                await stream.write((link.encode(link.Kind.STATUS, self._status()),))
                await asyncio.sleep(_STATUS_INTERVAL_S)
            if not control.ended and not control.wants_status:
                control.wake.clear()
                await control.wake.wait()
