"""A connected pair in one loop, with real close semantics."""

from __future__ import annotations

from collections.abc import Awaitable, Sequence

from wslink_jupyter.codes import CloseCode
from wslink_jupyter.transport.base import FrameTransport, cut_reason
from wslink_jupyter.transport.lane import Lane
from wslink_jupyter.wire.header import Buffer

_HIGH_WATER_BYTES = 1024 * 1024


class InprocTransport(FrameTransport):
    """One end of a pair made by `inproc_pair`."""

    def __init__(self, incoming: Lane, outgoing: Lane) -> None:
        self._incoming = incoming
        self._outgoing = outgoing

    async def read(self) -> Buffer:
        """Wait for the next frame."""
        return await self._incoming.get()

    def send(self, parts: Sequence[Buffer]) -> Awaitable[None] | None:
        """Write one frame; return what to wait for before the next, if anything."""
        return self._outgoing.put(b"".join(parts))

    async def close(self, code: int, reason: str) -> None:
        """End both lanes; the peer can still read what was written."""
        reason = cut_reason(reason)
        self._incoming.end(code, reason, lose=True)
        self._outgoing.end(code, reason, lose=False)

    def abort(self) -> None:
        """End both lanes at once."""
        self._incoming.end(CloseCode.ABNORMAL, "", lose=True)
        self._outgoing.end(CloseCode.ABNORMAL, "", lose=True)


def inproc_pair() -> tuple[InprocTransport, InprocTransport]:
    """Return two connected transports."""
    one, other = Lane(_HIGH_WATER_BYTES), Lane(_HIGH_WATER_BYTES)
    return InprocTransport(one, other), InprocTransport(other, one)
