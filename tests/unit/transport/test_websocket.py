import asyncio
import socket

import pytest
from support.asynchronous import async_test
from support.pairs import pairs_of

from wslink_jupyter.errors import ConnectionClosed
from wslink_jupyter.transport.websocket import ClientWebSocket


@pytest.mark.parametrize("kind", ["client", "server"])
@async_test
async def test_small_messages_do_not_wait_for_the_acknowledgement_of_others(kind):
    """Nagle's algorithm and the peer's delayed ACK make 40 ms of a call behind another message."""
    async with pairs_of(kind) as pairs:
        end, _ = await pairs.connect()
        if isinstance(end, ClientWebSocket):
            sock = end._connection.protocol.stream.socket
        else:
            sock = end._handler.ws_connection.stream.socket
        assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


@async_test
async def test_socket_is_closed_when_what_reads_it_is_cancelled():
    """As at the end of a loop, which cancels every task."""
    async with pairs_of("server") as pairs:
        server, client = await pairs.connect()
        (reading,) = (
            task for task in asyncio.all_tasks() if "RequestHandler._execute" in repr(task)
        )
        reading.cancel()
        with pytest.raises(ConnectionClosed):
            await client.read()
        with pytest.raises(ConnectionClosed):
            await server.write((b"x" * 100,))
