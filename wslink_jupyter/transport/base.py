"""The contract of everything that carries frames."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Sequence
from typing import NoReturn

from wslink_jupyter.wire.header import Buffer

#: Takes a frame; what it returns, if anything, is awaited before the next.
TakeFrame = Callable[[Buffer], Awaitable[None] | None]
#: Takes the parts of a frame, which are lent: see `FrameTransport.hand_over_parts`.
TakeParts = Callable[[Sequence[Buffer]], Awaitable[None] | None]


class FrameTransport(ABC):
    """One end of a two-way, ordered, reliable stream of frames.

    One task reads and one task writes at a time; who writes much has to be
    read from meanwhile. The contract, which
    ``tests/contract`` runs for every implementation:

    - frames arrive whole, once, in the order they were written;
    - `write` returns when the next frame may be written: a reader that does
      not read stops the writer after a bounded number of bytes;
    - `close` lets the peer read what was written before, then raises
      `ConnectionClosed` with the code and reason at both ends;
    - after `abort`, or when the peer vanishes, `read` and `write` raise
      `ConnectionClosed` with code 1006; a waiting reader or writer is woken;
    - `close` and `abort` are idempotent and never raise.

    Attributes
    ----------
    lets_urgent_pass : bool
        Whether `send_urgent` is of use: frames passed to it need not wait for others.
    """

    lets_urgent_pass = False

    @abstractmethod
    async def read(self) -> Buffer:
        """Wait for the next frame.

        Raises
        ------
        ConnectionClosed
            When there will be none.
        """

    async def deliver(self, take: TakeFrame) -> NoReturn:
        """Hand every frame to `take`, as soon as it comes, in place of `read`.

        Raises
        ------
        ConnectionClosed
            When there will be none.
        Exception
            Whatever `take` raises; the transport stays open.
        """
        while True:
            pending = take(await self.read())
            if pending is not None:
                await pending

    def hand_over_parts(  # noqa: B027 (where nothing is lent, there is nothing to do)
        self, take: TakeParts, has_let_go: Callable[[], bool]
    ) -> None:
        """Have `deliver` hand over frames that lie in memory of the peer's where they are.

        Without it they are copied for who takes whole frames.

        Parameters
        ----------
        take : callable
            Takes the parts of a frame, which it may use until what it returns, if
            anything, is done, and `has_let_go` says so.
        has_let_go : callable
            Returns whether none of the parts that were taken is needed any more.
        """

    @abstractmethod
    def send(self, parts: Sequence[Buffer]) -> Awaitable[None] | None:
        """Write one frame, given as parts to be joined, which must not change: see `flush`.

        Returns
        -------
        awaitable or None
            What to wait for before the next frame is written, if anything.

        Raises
        ------
        ConnectionClosed
            When it cannot be delivered any more; also from the awaitable.
        """

    def send_urgent(self, parts: Sequence[Buffer]) -> Awaitable[None] | None:
        """Write one frame that may pass others, also while what `send` returned is waited for.

        Returns
        -------
        awaitable or None
            What to wait for before the next urgent frame, if anything. Raises as `send`.
        """
        return self.send(parts)

    def flush(self) -> bool:
        """Write what waits for company, if anything; return whether nothing is left.

        Until then, and until what `send` returned is done, parts must not change.
        """
        return True

    async def write(self, parts: Sequence[Buffer]) -> None:
        """Write one frame; wait until the next may be written. Raises as `send`."""
        pending = self.send(parts)
        if pending is not None:
            await pending

    @abstractmethod
    async def close(self, code: int, reason: str) -> None:
        """End the conversation, saying why.

        Parameters
        ----------
        code : int
            1000, or 3000 to 4999.
        reason : str
            Cut to 123 bytes of UTF-8, what a close frame holds.
        """

    @abstractmethod
    def abort(self) -> None:
        """Drop the connection at once; what is on its way is lost."""


#: Bytes of UTF-8 that a WebSocket close frame holds (RFC 6455, section 5.5).
MAX_REASON_BYTES = 123


def cut_reason(reason: str) -> str:
    """Return `reason`, shortened to what a close frame holds."""
    data = reason.encode(errors="replace")
    if len(data) <= MAX_REASON_BYTES:
        return data.decode()
    return data[: MAX_REASON_BYTES - 3].decode(errors="ignore") + "..."
