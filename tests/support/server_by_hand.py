"""A server that hears and says what a test tells it to, for the Python client."""

from __future__ import annotations

import asyncio
from typing import Any

from support.frames import frame

from wslink_jupyter.client import ClientSession
from wslink_jupyter.limits import Limits
from wslink_jupyter.transport.base import FrameTransport
from wslink_jupyter.transport.inproc import inproc_pair
from wslink_jupyter.wire.codec import unpack
from wslink_jupyter.wire.envelopes import Reply, Request, Result, parse_request
from wslink_jupyter.wire.reassembly import Reassembler

#: What servers answer to a hello.
STOCK_HELLO = {"clientID": "c1", "maxMsgSize": 4194304}
OUR_HELLO = {**STOCK_HELLO, "protocol": 1}


class ServerByHand:
    """The other end of a client's transport.

    Attributes
    ----------
    transport : FrameTransport
    frame_sizes : list of int
        Of what came.
    """

    def __init__(self, transport: FrameTransport) -> None:
        self.transport = transport
        self.frame_sizes: list[int] = []
        self._reassembler = Reassembler(Limits())

    async def hear(self) -> Request:
        """Wait for the next request."""
        while True:
            data = await self.transport.read()
            self.frame_sizes.append(len(data))
            message = self._reassembler.feed(data, 2**30, 0.0)
            if message is not None:
                return parse_request(unpack(message, Limits()))

    async def hear_system(self) -> tuple[str, list[Any]]:
        """Wait for the next request; return its method and arguments."""
        request = await self.hear()
        return request.method, request.args

    async def say(self, envelope: Reply) -> None:
        """Send an envelope in one frame."""
        await self.transport.write((frame(envelope.dump()),))


async def opened(hello: dict[str, Any]) -> tuple[ClientSession, ServerByHand]:
    """Return a client that has said hello, and its server."""
    near, far = inproc_pair()
    client, server = ClientSession(near), ServerByHand(far)
    opening = asyncio.create_task(client.open("the secret"))
    request = await server.hear()
    assert request.args[0]["secret"] == "the secret"
    await server.say(Result(request.id, hello))
    await opening
    return client, server
