"""One topic as an async iterator."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import Any, Self

from wslink_jupyter.client.inbox import Inbox


class Subscription:
    """The values that are published under a topic, in order: an async iterator.

    It begins when it is made: before any later call of its session. It ends
    with `aclose`, at the end of ``async with``, or when nobody holds it.

    Iteration ends when this client closes the subscription or its session,
    and raises `ConnectionClosed` if the connection ends otherwise; what had
    come before is delivered first.

    Of a topic of ``delivery="latest"``, values that the loop has no time for
    are skipped. Others wait here while the loop is busy; from 8 MiB on, their
    session reads nothing but what it needs to answer its calls, so that the
    kernel learns that this client is slow.

    Attributes
    ----------
    topic : str
    """

    def __init__(
        self,
        topic: str,
        inbox: Inbox,
        close: Callable[[], None],
        flush: Callable[[], Awaitable[None]],
        loop: asyncio.AbstractEventLoop,
    ) -> None:
        self.topic = topic
        self._inbox, self._close, self._flush, self._loop = inbox, close, flush, loop

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Any:
        return await self._inbox.take()

    async def __aenter__(self) -> Self:
        """Wait until the server knows: what anybody publishes from now on will come.

        Raises
        ------
        ConnectionClosed
            If the connection ended first.
        """
        try:
            await self._flush()
        except BaseException:
            self._close()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Unsubscribe. Idempotent; an iteration that waits ends."""
        self._close()

    def __del__(self) -> None:
        # Who leaves the loop by `break` holds it no more; in whatever thread that is.
        with contextlib.suppress(RuntimeError):  # the loop is closed: nothing comes any more
            self._loop.call_soon_threadsafe(self._close)
