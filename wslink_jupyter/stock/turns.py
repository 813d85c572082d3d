"""One client's calls of stock protocols, one after the other.

So stock wslink runs them (2.6.0, ``backends/aiohttp/__init__.py:275``): who wrote an
``async def`` for it need not think of another call of the same client meanwhile.
"""

from __future__ import annotations

import asyncio
import functools
import inspect
from collections.abc import Callable
from functools import partial
from typing import Any

from wslink_jupyter.rpc.context import caller


class Turns:
    """Whose turn it is, by client. On the main thread.

    A call that has nothing to wait for, and does not await, is just called.
    """

    def __init__(self) -> None:
        #: The last call of each client that has not ended.
        self._last: dict[str, asyncio.Future[None]] = {}

    def guard(self, find: Callable[[], Callable[..., Any]]) -> Callable[[], Callable[..., Any]]:
        """Return what finds the function that calls what `find` finds, in its turn."""

        @functools.wraps(find())
        def in_turn(*args: Any, **kwargs: Any) -> Any:
            client, call = caller(), partial(find(), *args, **kwargs)
            if client in self._last:
                return self._take(client, call)
            result = call()
            return self._take(client, lambda: result) if inspect.isawaitable(result) else result

        return lambda: in_turn

    async def _take(self, client: str, call: Callable[[], Any]) -> Any:
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        before, self._last[client] = self._last.get(client), turn
        try:
            if before is not None:
                await asyncio.wait((before,))
            result = call()
            return await result if inspect.isawaitable(result) else result
        finally:
            if before is None or before.done():
                self._end(client, turn)
            else:  # cancelled while it waited: those behind it go on waiting
                before.add_done_callback(lambda _: self._end(client, turn))

    def _end(self, client: str, turn: asyncio.Future[None]) -> None:
        turn.set_result(None)
        if self._last.get(client) is turn:
            del self._last[client]
