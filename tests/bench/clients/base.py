"""What every workload asks of a client, whatever it speaks."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Coroutine
from socket import SHUT_RDWR
from typing import Any

import aiohttp

#: Called with the topic's name and the bytes of a whole publication.
PublicationHandler = Callable[[str, int], None]


class CallFailed(Exception):
    """A call was answered by an error, or never."""


class Client:
    """Calls by number, publications to one handler.

    Subclasses send with `_send_call` and hand in what they receive with
    `_answer` and `on_publication`.
    """

    def __init__(self, connection: aiohttp.ClientWebSocketResponse) -> None:
        self._connection = connection
        self.on_publication: PublicationHandler = lambda topic, size_bytes: None
        self.publications = 0
        self._waiting: dict[int, asyncio.Future[Any]] = {}
        self._calls = 0
        self._posted: set[asyncio.Task[Any]] = set()
        self._reading = asyncio.Event()
        self._reading.set()
        self._reader: asyncio.Task[None] | None = None
        self._ended: Exception | None = None

    async def call(self, method: str, *args: Any) -> Any:
        """Call a procedure and return its result."""
        number = self._calls
        self._calls += 1
        self.check()
        future = self._expect(number)
        try:
            await self._send_call(number, method, args)
            return await future
        finally:
            self._waiting.pop(number, None)

    def post(self, method: str, *args: Any) -> None:
        """Call a procedure without waiting for it; a failure is asyncio's to report."""
        self._spawn(self.call(method, *args))

    def _spawn(self, coroutine: Coroutine[Any, Any, Any]) -> None:
        task = asyncio.create_task(coroutine)
        self._posted.add(task)
        task.add_done_callback(self._posted.discard)

    def pause(self) -> None:
        """Stop reading: the socket fills, as when a page is stopped."""
        self._reading.clear()

    def resume(self) -> None:
        """Read again."""
        self._reading.set()

    def check(self) -> None:
        """Raise what ended the connection, if anything did."""
        if self._ended is not None:
            raise self._ended

    def abort(self) -> None:
        """Cut the connection, as when a page is killed."""
        socket = self._connection.get_extra_info("socket")
        if socket is not None:
            with contextlib.suppress(OSError):
                socket.shutdown(SHUT_RDWR)

    async def close(self) -> None:
        """Leave."""
        self.resume()
        for task in list(self._posted):
            task.cancel()
        await asyncio.gather(*self._posted, return_exceptions=True)
        await self._disconnect()
        if self._reader is not None:
            self._reader.cancel()
            await asyncio.gather(self._reader, return_exceptions=True)

    def _start_reading(self) -> None:
        self._reader = asyncio.create_task(self._read_until_end())

    async def _read_until_end(self) -> None:
        try:
            self._ended = CallFailed(f"the connection was closed: {await self._read()}")
        except Exception as error:  # told to whoever waits, which this task's result is not
            self._ended = error
        for future in self._waiting.values():
            if not future.done():
                future.set_exception(self._ended)

    def _expect(self, number: int) -> asyncio.Future[Any]:
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting[number] = future
        return future

    def _answer(self, number: int, value: Any, error: str = "") -> None:
        future = self._waiting.get(number)
        if future is None or future.done():
            return
        if error:
            future.set_exception(CallFailed(error))
        else:
            future.set_result(value)

    async def _send_call(self, number: int, method: str, args: tuple[Any, ...]) -> None:
        raise NotImplementedError

    async def _read(self) -> str:
        """Read until the connection ends; return how it ended."""
        raise NotImplementedError

    async def _disconnect(self) -> None:
        raise NotImplementedError
