"""One client's calls of stock protocols, one after the other.

So stock wslink runs them (2.6.0, ``backends/aiohttp/__init__.py:275``): who wrote an
``async def`` for it need not think of another call of the same client meanwhile.
"""

from __future__ import annotations

import asyncio
import functools
import inspect
from collections.abc import Callable, Generator
from functools import partial
from typing import Any

from wslink_jupyter.rpc.context import caller


class Turns:
    """Whose turn it is, by client. On the main thread.

    A call that has nothing to wait for, and does not await, is just called.
    """

    def __init__(self) -> None:
        #: The end of the last call of each client that has not ended.
        self._last: dict[str, asyncio.Future[None]] = {}

    def guard(self, find: Callable[[], Callable[..., Any]]) -> Callable[[], Callable[..., Any]]:
        """Return what finds the function that calls what `find` finds, in its turn."""

        @functools.wraps(find())
        def in_turn(*args: Any, **kwargs: Any) -> Any:
            client, call = caller(), partial(find(), *args, **kwargs)
            if client in self._last:
                return _Turn(self._last, client, call)
            result = call()
            if not inspect.isawaitable(result):
                return result
            return _Turn(self._last, client, lambda: result)

        return lambda: in_turn


class _Turn:
    """A call from the moment it is its client's last: to be awaited, or dropped."""

    def __init__(
        self, last: dict[str, asyncio.Future[None]], client: str, call: Callable[[], Any]
    ) -> None:
        self._last, self._client, self._call = last, client, call
        self._end: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._before = last.get(client)
        last[client] = self._end

    def __await__(self) -> Generator[Any, Any, Any]:
        return self._run().__await__()

    async def _run(self) -> Any:
        try:
            if self._before is not None:
                await asyncio.wait((self._before,))
            result = self._call()
            return await result if inspect.isawaitable(result) else result
        finally:
            # The call's task has its own end in the next turn of the loop, and its reply
            # goes before those of later calls.
            loop = asyncio.get_running_loop()
            loop.call_soon(loop.call_soon, self._finish)

    def __del__(self) -> None:
        self._finish()  # a task may be cancelled before its first step

    def _finish(self) -> None:
        if self._end.done() or self._end.get_loop().is_closed():
            return
        if self._before is None or self._before.done():
            self._end.set_result(None)
            if self._last.get(self._client) is self._end:
                del self._last[self._client]
        else:  # cancelled while it waited: those behind it go on waiting
            self._before.add_done_callback(lambda _: self._finish())
