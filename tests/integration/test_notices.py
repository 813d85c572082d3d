"""Text messages beside the frames: for our own client, and only for it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from support.jupyter import JupyterServer
from support.kernel import PRELUDE, Kernel
from support.sockets import SUBPROTOCOL, RawSocket, call, raw_socket
from support.waiting import asynchronous, soon, until

from wslink_jupyter.client import connect

GATE = """
gate = threading.Event()
wl.expose(gate.set, "gate.open", run="thread")
"""


async def _next_notice(
    socket: RawSocket, is_it: Callable[[dict[str, Any]], bool]
) -> dict[str, Any]:
    while True:
        message = await socket.read()
        assert message is not None, "closed"
        if isinstance(message, str):
            notice: dict[str, Any] = json.loads(message)
            if is_it(notice):
                return notice


async def _next_state(socket: RawSocket, state: str) -> dict[str, Any]:
    return await _next_notice(socket, lambda notice: notice.get("state") == state)


@asynchronous
async def test_kernel_states_as_they_come(mortal: Kernel, server: JupyterServer) -> None:
    async with mortal.console() as console:
        await console.run("%unload_ext wslink_jupyter")
        async with raw_socket(
            mortal.socket_url, token=server.token, subprotocol=SUBPROTOCOL
        ) as socket:
            assert socket.subprotocol == SUBPROTOCOL
            absent = await _next_state(socket, "absent")
            assert absent["type"] == "kernel"
            assert absent["epoch"] is None
            assert "run %load_ext wslink_jupyter" in absent["reason"]

            await console.run(PRELUDE + GATE)
            ready = await _next_state(socket, "ready")
            runtime = await mortal.runtime()
            assert runtime is not None
            assert ready["epoch"] == runtime["epoch"]

            cell = console.start("gate.wait()")
            busy = await _next_state(socket, "busy")
            assert busy["epoch"] == ready["epoch"]
            async with connect(mortal.socket_url, token=server.token) as other:
                await other.call("gate.open")
            await cell.done()
            await _next_state(socket, "ready")

            await mortal.restart()
            restarted = await _next_state(socket, "restarted")
            assert restarted["epoch"] == ready["epoch"]
            assert (await socket.closed())[0] == 4010


@asynchronous
async def test_pings_are_answered_with_their_number(kernel: Kernel, server: JupyterServer) -> None:
    async with raw_socket(kernel.socket_url, token=server.token, subprotocol=SUBPROTOCOL) as socket:
        for number in (7, 0, -1):
            await socket.send(json.dumps({"type": "ping", "id": number}))
            pong = await _next_notice(socket, lambda notice: notice["type"] == "pong")
            assert pong == {"type": "pong", "id": number}


@asynchronous
async def test_pings_are_answered_while_a_cell_runs(kernel: Kernel, server: JupyterServer) -> None:
    async with kernel.console() as console:
        await console.run(GATE)
        cell = console.start("gate.wait()")
        async with raw_socket(
            kernel.socket_url, token=server.token, subprotocol=SUBPROTOCOL
        ) as socket:
            await _next_state(socket, "busy")
            await socket.send('{"type": "ping", "id": 1}')
            await _next_notice(socket, lambda notice: notice["type"] == "pong")
            await socket.hello()
            await socket.ask(call(0, "gate.open"))
        await cell.done()


@asynchronous
async def test_stock_client_never_sees_text(mortal: Kernel, server: JupyterServer) -> None:
    async with mortal.console() as console:
        await console.run("%unload_ext wslink_jupyter")
        async with raw_socket(mortal.socket_url, token=server.token) as socket:
            assert socket.subprotocol is None
            await console.run(PRELUDE)
            await socket.hello()
            await console.run("import time")
            await mortal.restart()
            assert (await socket.closed())[0] == 4010
    assert socket.texts == []


@asynchronous
async def test_unknown_subprotocol_is_not_chosen(kernel: Kernel, server: JupyterServer) -> None:
    async with raw_socket(kernel.socket_url, token=server.token, subprotocol="v9.other") as socket:
        assert socket.subprotocol is None
        await socket.hello()
    assert socket.texts == []


@asynchronous
async def test_text_that_says_nothing_is_ignored(kernel: Kernel, server: JupyterServer) -> None:
    async with raw_socket(kernel.socket_url, token=server.token, subprotocol=SUBPROTOCOL) as socket:
        for text in ("", "nonsense", "[]", "null", '{"type": "kernel"}', '{"type": 1}', "{" * 9000):
            await socket.send(text)
        await soon(socket.hello())
        await socket.send('{"type": "ping", "id": "text"}')
        pong = await _next_notice(socket, lambda notice: notice["type"] == "pong")
        assert pong["id"] == 0


@asynchronous
async def test_wslink_1_client_is_told_so(kernel: Kernel, server: JupyterServer) -> None:
    hello = {"wslink": "1.0", "id": "system:c0:0", "method": "wslink.hello", "args": [{}]}
    async with raw_socket(kernel.socket_url, token=server.token) as socket:
        await socket.send(json.dumps(hello))
        code, reason = await socket.closed()
    assert code == 1003
    assert reason == "wslink 1.x client: this server speaks wslink 2, npm wslink >= 2"
    async with raw_socket(kernel.socket_url, token=server.token) as socket:
        await socket.send("hello?")
        assert await socket.closed() == (1003, "expected binary messages, got text")


@asynchronous
async def test_busy_kernel_is_listed_as_busy(kernel: Kernel, server: JupyterServer) -> None:
    async def is_busy() -> bool:
        runtime = await kernel.runtime()
        return bool(runtime and runtime["busy"])

    async with kernel.console() as console:
        await console.run(GATE)
        cell = console.start("gate.wait()")
        await until(is_busy, "the kernel to be listed as busy")
        async with connect(kernel.socket_url, token=server.token) as session:
            await session.call("gate.open")
        await cell.done()
        assert not await is_busy()
