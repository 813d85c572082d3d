"""Clients and facts of whole stock servers in a kernel."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from support.kernel import Kernel
from support.sockets import RawSocket, raw_socket


@asynccontextmanager
async def tab(kernel: Kernel, endpoint: str) -> AsyncIterator[RawSocket]:
    """Connect as a page does, and say hello."""
    server = kernel.server
    async with raw_socket(server.socket_url(kernel.id, endpoint), token=server.token) as socket:
        assert (await socket.hello())["maxMsgSize"] == 4 * 1024 * 1024
        yield socket


async def endpoint(kernel: Kernel, name: str) -> dict[str, Any] | None:
    """Return what the REST route says of an endpoint."""
    runtime = await kernel.runtime()
    assert runtime is not None
    return next((each for each in runtime["endpoints"] if each["name"] == name), None)
