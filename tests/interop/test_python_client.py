"""What the Python client of trame relies on (trame-server 4.1, client.py)."""

from __future__ import annotations

import struct

import msgpack
from support.jupyter import JupyterServer
from support.kernel import Kernel
from support.sockets import HELLO, call, raw_socket
from support.waiting import asynchronous


@asynchronous
async def test_hello_is_short_and_whole(kernel: Kernel, server: JupyterServer) -> None:
    # Its unchunker takes 512 bytes until it knows maxMsgSize.
    details = {"secret": "", "client": "wslink-jupyter", "version": "0.1.0", "protocol": 1}
    for hello in (HELLO, {**HELLO, "args": [details]}):
        async with raw_socket(kernel.socket_url, token=server.token) as socket:
            await socket.send(hello)
            frame = await socket.read()
            assert isinstance(frame, bytes)
            assert len(frame) < 512
            _, offset, total = struct.unpack_from("<III", frame)
            assert (offset, total) == (0, len(frame) - 12)
            reply = msgpack.unpackb(frame[12:])
            assert "error" not in reply
            assert reply["result"]["maxMsgSize"] == 4 * 1024 * 1024


@asynchronous
async def test_stock_wslink_unchunks_what_we_send(kernel: Kernel, server: JupyterServer) -> None:
    from wslink.chunking import UnChunker, generate_chunks

    async with raw_socket(kernel.socket_url, token=server.token) as socket:
        hello = await socket.hello()
        unchunker = UnChunker()
        unchunker.set_max_message_size(hello["maxMsgSize"])
        message = msgpack.packb(call(0, "stock.same", bytes(3_000_000)))
        for frame in generate_chunks(message, 100_000):
            await socket.send(bytes(frame))
        reply = None
        while reply is None:
            frame = await socket.read()
            assert isinstance(frame, bytes)
            reply = unchunker.process_chunk(frame)
        assert reply["result"] == bytes(3_000_000)


@asynchronous
async def test_wrong_and_missing_secrets_are_as_good_as_the_right_one(
    kernel: Kernel, server: JupyterServer
) -> None:
    # Jupyter has checked who it is.
    for args in ([], [{}], [{"secret": None}], [{"secret": "wslink-secret"}], [{"secret": "x"}]):
        async with raw_socket(kernel.socket_url, token=server.token) as socket:
            reply = await socket.ask({**HELLO, "args": args})
            assert reply["result"]["clientID"].isalnum()
            assert "result" in await socket.ask(call(0, "stock.same", 1))
