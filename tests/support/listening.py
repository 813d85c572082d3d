"""A subscription whose values are handed to a callback, beside what the test does."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any

from wslink_jupyter.client import ClientSession, Subscription
from wslink_jupyter.errors import ConnectionClosed


def listen(session: ClientSession, topic: str, hear: Callable[[Any], object]) -> Subscription:
    """Call `hear` with every value of a topic, until the subscription or the session ends."""
    subscription = session.subscribe(topic)

    async def read() -> None:
        with contextlib.suppress(ConnectionClosed):
            async for value in subscription:
                hear(value)

    # Held by what it waits for.
    asyncio.create_task(read())  # noqa: RUF006
    return subscription
