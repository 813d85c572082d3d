"""Browsers that vanish are forgotten, slow ones are not cut, idle kernels are culled."""

from __future__ import annotations

import asyncio
import os
import signal
import time

from support.jupyter import JupyterServer
from support.kernel import Kernel
from support.sockets import HELLO, SUBPROTOCOL, SleepingClient, call, frame, raw_socket
from support.waiting import asynchronous, soon, until

from wslink_jupyter.client import connect

SILENT = "the browser was silent"


async def _connections(kernel: Kernel) -> int:
    count: int = (await kernel.model())["connections"]
    return count


@asynchronous
async def test_browser_that_vanished_without_a_word_is_forgotten(
    impatient_kernel: Kernel, impatient_server: JupyterServer
) -> None:
    logged = impatient_server.log.count(SILENT)
    sleeper = await SleepingClient.open(impatient_server, impatient_kernel.socket_url)
    try:
        await sleeper.send(frame(HELLO))
        await until(lambda: _has_sessions(impatient_kernel, 1), "the session to be listed")
        assert await _connections(impatient_kernel) == 1
        # It reads nothing and answers no ping; its socket stays open.
        await until(lambda: _has_sessions(impatient_kernel, 0), "the session to be forgotten")

        async def nobody_is_connected() -> bool:
            return await _connections(impatient_kernel) == 0

        await until(nobody_is_connected, "the connection to be forgotten")
    finally:
        sleeper.close()
    lines = [line for line in impatient_server.log.splitlines() if SILENT in line]
    assert len(lines) == logged + 1
    assert impatient_kernel.id in lines[-1]


async def _has_sessions(kernel: Kernel, count: int) -> bool:
    return len(await kernel.sessions()) == count


@asynchronous
async def test_idle_browser_that_answers_pings_is_kept(
    impatient_kernel: Kernel, impatient_server: JupyterServer
) -> None:
    logged = impatient_server.log.count(SILENT)
    async with connect(impatient_kernel.socket_url, token=impatient_server.token) as session:
        async with raw_socket(impatient_kernel.socket_url, token=impatient_server.token) as other:
            await other.hello()
            # Longer than the server waits for a sign of life.
            await asyncio.sleep(1.5)
            assert "result" in await other.ask(call(0, "jupyter.views.list"))
        assert isinstance(await session.call("jupyter.views.list"), list)
    assert impatient_server.log.count(SILENT) == logged


@asynchronous
async def test_slow_browser_that_reads_is_kept(
    impatient_kernel: Kernel, impatient_server: JupyterServer
) -> None:
    logged = impatient_server.log.count(SILENT)
    async with impatient_kernel.console() as console:
        sleeper = await SleepingClient.open(
            impatient_server, impatient_kernel.socket_url, buffer_bytes=65536
        )
        try:
            await sleeper.send(frame(HELLO))
            await until(lambda: _has_sessions(impatient_kernel, 1), "the session to be listed")
            await console.run("wl.publish('slow', bytes(24_000_000))")
            # About 1 MB/s for 4 s. The ping that it must answer within one second is
            # behind what the system holds: that must be little.
            loop = asyncio.get_running_loop()
            begin_s, received = loop.time(), 0
            while (elapsed_s := loop.time() - begin_s) < 4:
                if received < elapsed_s * 1_000_000:
                    received += await sleeper.read(32768)
                await asyncio.sleep(0.005)
            assert received > 2_000_000
            assert await _has_sessions(impatient_kernel, 1)
        finally:
            sleeper.close()
    assert impatient_server.log.count(SILENT) == logged


@asynchronous
async def test_browser_on_a_slow_line_is_kept_while_it_sends(
    impatient_kernel: Kernel, impatient_server: JupyterServer
) -> None:
    logged = impatient_server.log.count(SILENT)
    sleeper = await SleepingClient.open(impatient_server, impatient_kernel.socket_url)
    try:
        await sleeper.send(frame(HELLO))
        await until(lambda: _has_sessions(impatient_kernel, 1), "the session to be listed")
        # It answers no ping, and one message takes longer than silence may last.
        await sleeper.trickle(frame(call(0, "jupyter.views.list")), 2.5)
        assert await _has_sessions(impatient_kernel, 1)
    finally:
        sleeper.close()
    assert impatient_server.log.count(SILENT) == logged


@asynchronous
async def test_kernel_that_hangs_keeps_its_sessions_and_holds_nobody_up(
    impatient_kernel: Kernel, impatient_server: JupyterServer
) -> None:
    async with (
        impatient_kernel.console() as console,
        connect(impatient_kernel.socket_url, token=impatient_server.token) as session,
    ):
        pid = await console.value("os.getpid()")
        os.kill(pid, signal.SIGSTOP)
        try:
            begin_s = time.monotonic()
            # It takes longer than the server waits for a sign of life of a browser.
            assert await impatient_kernel.runtime() is None
            assert time.monotonic() - begin_s < 5
            waiting = asyncio.create_task(session.call("jupyter.views.list"))
            await asyncio.sleep(0)  # so that it is sent
        finally:
            os.kill(pid, signal.SIGCONT)
        assert isinstance(await soon(waiting), list)
        assert await impatient_kernel.runtime() is not None


@asynchronous
async def test_connections_are_counted_exactly(kernel: Kernel, server: JupyterServer) -> None:
    async def count_is(count: int) -> bool:
        return await _connections(kernel) == count

    await until(lambda: count_is(0), "no connection at first")
    async with (
        raw_socket(kernel.socket_url, token=server.token) as one,
        raw_socket(kernel.socket_url, token=server.token),
        connect(kernel.socket_url, token=server.token),
    ):
        await until(lambda: count_is(3), "three connections")
        one.vanish()
        await until(lambda: count_is(2), "two connections after one vanished")
    await until(lambda: count_is(0), "no connection after all were closed")
    for _ in range(10):
        async with raw_socket(kernel.socket_url, token=server.token) as each:
            await each.send(b"broken")
            each.vanish()
    await until(lambda: count_is(0), "no connection after ten broken ones")
    await until(lambda: _has_sessions(kernel, 0), "no session either")


async def _last_activity(kernel: Kernel) -> str:
    text: str = (await kernel.model())["last_activity"]
    return text


@asynchronous
async def test_calls_keep_a_kernel_from_being_culled_and_pings_do_not(
    kernel: Kernel, server: JupyterServer
) -> None:
    async with raw_socket(kernel.socket_url, token=server.token, subprotocol=SUBPROTOCOL) as socket:
        await socket.hello()

        async def pings_are_no_activity() -> bool:
            before = await _last_activity(kernel)
            socket.texts.clear()
            await socket.send('{"type": "ping", "id": 1}')
            while not any("pong" in text for text in socket.texts):
                await socket.read()
            return await _last_activity(kernel) == before

        # Again and again: the end of another test's cell may come late.
        await until(pings_are_no_activity, "a ping that is no activity", 5)
        before = await _last_activity(kernel)
        await socket.ask(call(0, "jupyter.views.list"))
        assert await _last_activity(kernel) > before


@asynchronous
async def test_publications_do_not_keep_a_kernel_from_being_culled(
    kernel: Kernel, server: JupyterServer
) -> None:
    heard: list[int] = []
    async with (
        kernel.console() as console,
        connect(kernel.socket_url, token=server.token) as session,
    ):
        session.subscribe("ticks", heard.append)
        await session.flush()
        await console.run("""
ticking = threading.Event()
def tick():
    while not ticking.wait(0.01):
        wl.publish("ticks", 1)
threading.Thread(target=tick).start()
""")

        async def ticks_are_no_activity() -> bool:
            before, seen = await _last_activity(kernel), len(heard)
            await until(lambda: len(heard) > seen + 10, "ten more ticks")
            return await _last_activity(kernel) == before

        try:
            await until(ticks_are_no_activity, "ticks that are no activity", 5)
        finally:
            await console.run("ticking.set()")
