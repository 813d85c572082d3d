"""Load, unload, restart, death: every client is told, every call ends."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from support.jupyter import JupyterServer
from support.kernel import PRELUDE, Kernel, kill
from support.listening import listen
from support.sockets import HELLO, SUBPROTOCOL, raw_socket
from support.waiting import asynchronous, soon, until

from wslink_jupyter.client import ClientSession, connect
from wslink_jupyter.errors import CallCancelled, ConnectionClosed
from wslink_jupyter.transport.link import LINK_VERSION

UNLOAD = "%unload_ext wslink_jupyter"
#: Three calls that never end by themselves, one for each policy.
SLEEPERS = """
class Sleeper:
    @wl.procedure("sleep.main")
    async def main(self):
        await asyncio.sleep(3600)
    @wl.procedure("sleep.thread", run="thread")
    def thread(self):
        threading.Event().wait()
    @wl.procedure("sleep.loop", run="loop")
    async def loop(self):
        await asyncio.sleep(3600)
_ = wl.expose(Sleeper())
wl.expose(os.getpid, "pid", run="thread")
"""
ECHO = "wl.expose(lambda value: value, 'echo')"


async def _sleep_calls(session: ClientSession, kernel: Kernel) -> list[asyncio.Task[Any]]:
    """Start the three calls and wait until the kernel has them."""
    names = ("sleep.main", "sleep.thread", "sleep.loop")
    tasks = [asyncio.create_task(session.call(name)) for name in names]

    async def are_in_flight() -> bool:
        return any(entry["calls"] == len(tasks) for entry in await kernel.sessions())

    await until(are_in_flight, "three calls in flight")
    return tasks


@asynchronous
async def test_socket_waits_until_the_extension_is_loaded(
    mortal: Kernel, server: JupyterServer
) -> None:
    async with mortal.console() as console:
        await console.run(UNLOAD)
        async with raw_socket(
            mortal.socket_url, token=server.token, subprotocol=SUBPROTOCOL
        ) as socket:
            await socket.send(HELLO)
            assert "run %load_ext wslink_jupyter" in str(await socket.read())
            await console.run(PRELUDE)
            hello = await socket.receive()
    assert hello["id"] == HELLO["id"]
    assert hello["result"].keys() == {"clientID", "maxMsgSize"}


@asynchronous
async def test_socket_of_a_kernel_without_the_extension_is_closed_with_the_remedy(
    impatient_kernel: Kernel, impatient_server: JupyterServer
) -> None:
    async with impatient_kernel.console() as console:
        await console.run(UNLOAD)
        async with raw_socket(impatient_kernel.socket_url, token=impatient_server.token) as socket:
            code, reason = await socket.closed()
        await console.run(PRELUDE)
    assert code == 4004
    assert reason == (
        "this kernel has no wslink runtime: run %load_ext wslink_jupyter in the notebook"
    )


@asynchronous
async def test_unload_ends_sessions_and_load_works_again(
    mortal: Kernel, server: JupyterServer
) -> None:
    async with mortal.console() as console:
        await console.run(PRELUDE + SLEEPERS)
        async with connect(mortal.socket_url, token=server.token) as session:
            calls = await _sleep_calls(session, mortal)
            await console.run(UNLOAD)
            outcomes = await soon(asyncio.gather(*calls, return_exceptions=True))
            closed = await soon(session.closed())
            epoch = session.hello["epoch"]
        assert [type(outcome) for outcome in outcomes] == [CallCancelled] * 3
        assert closed.code == 4010
        assert await mortal.runtime() is None
        assert (await console.fails("%wslink"))[0] == "UsageError"
        name, text = await console.fails("wl.publish('a', 1)")
        assert name == "RuntimeNotLoaded"
        assert "run %load_ext wslink_jupyter" in text

        await console.run(PRELUDE + ECHO)
        async with connect(mortal.socket_url, token=server.token) as session:
            assert await session.call("echo", 1) == 1
            assert session.hello["epoch"] != epoch


@asynchronous
async def test_loading_twice_is_harmless(mortal: Kernel, server: JupyterServer) -> None:
    async with mortal.console() as console:
        await console.run(PRELUDE + ECHO)
        async with connect(mortal.socket_url, token=server.token) as session:
            cell = await console.run(PRELUDE)
            assert "already loaded" in cell.stdout
            await console.run("wl.load_ipython_extension(get_ipython())")
            assert await session.call("echo", 1) == 1
            runtime = await mortal.runtime()
            assert runtime is not None
            assert runtime["epoch"] == session.hello["epoch"]


@asynchronous
async def test_reload_ends_sessions_and_starts_anew(mortal: Kernel, server: JupyterServer) -> None:
    async with mortal.console() as console:
        await console.run(PRELUDE + ECHO)
        async with connect(mortal.socket_url, token=server.token) as session:
            await console.run("%reload_ext wslink_jupyter")
            assert (await soon(session.closed())).code == 4010
        await console.run(PRELUDE + ECHO)
        async with connect(mortal.socket_url, token=server.token) as session:
            assert await session.call("echo", 2) == 2


@asynchronous
async def test_restart_settles_calls_and_closes(mortal: Kernel, server: JupyterServer) -> None:
    async with mortal.console() as console:
        await console.run(PRELUDE + SLEEPERS)
        async with connect(mortal.socket_url, token=server.token) as session:
            calls = await _sleep_calls(session, mortal)
            await mortal.restart()
            outcomes = await soon(asyncio.gather(*calls, return_exceptions=True))
            closed = await soon(session.closed())
    assert [type(outcome) for outcome in outcomes] == [CallCancelled] * 3
    assert closed.code == 4010
    async with mortal.console() as console:
        await console.run(PRELUDE + ECHO)
        async with connect(mortal.socket_url, token=server.token) as session:
            assert await session.call("echo", 3) == 3


@asynchronous
async def test_killed_kernel_is_told_and_its_successor_serves(
    mortal: Kernel, server: JupyterServer
) -> None:
    async with mortal.console() as console:
        await console.run(PRELUDE + SLEEPERS)
        async with connect(mortal.socket_url, token=server.token) as session:
            calls = await _sleep_calls(session, mortal)
            kill(await session.call("pid"))
            outcomes = await soon(asyncio.gather(*calls, return_exceptions=True), 5)
            closed = await soon(session.closed())
            epoch = session.hello["epoch"]
        assert [type(outcome) for outcome in outcomes] == [ConnectionClosed] * 3
        assert closed.code == 4010
        # What the killed kernel left beside its connection file is stale.
        await until(
            lambda: _is_idle(mortal), "the kernel that Jupyter starts in place of the killed one"
        )
    assert await mortal.runtime() is None
    async with mortal.console() as console:
        await console.run(PRELUDE + ECHO)
        async with connect(mortal.socket_url, token=server.token) as session:
            assert await session.call("echo", 4) == 4
            assert session.hello["epoch"] != epoch


async def _is_idle(kernel: Kernel) -> bool:
    model = await kernel.model()
    return bool(model["execution_state"] in ("idle", "starting"))


@asynchronous
async def test_socket_of_a_killed_kernel_waits_for_its_successor(
    mortal: Kernel, server: JupyterServer
) -> None:
    async with mortal.console() as console:
        await console.run(PRELUDE)
        kill(await console.value("os.getpid()"))
    async with raw_socket(mortal.socket_url, token=server.token) as socket:
        await socket.send(HELLO)
        await mortal.load()
        assert "result" in await socket.receive()


@asynchronous
async def test_deleted_kernel_is_dead_for_good(server: JupyterServer) -> None:
    doomed = await Kernel.start(server)
    async with doomed.console() as console:
        await console.run(PRELUDE + SLEEPERS)
    async with connect(doomed.socket_url, token=server.token) as session:
        calls = await _sleep_calls(session, doomed)
        await doomed.shut_down()
        outcomes = await soon(asyncio.gather(*calls, return_exceptions=True))
        closed = await soon(session.closed())
    assert [type(outcome) for outcome in outcomes] == [CallCancelled] * 3
    assert (closed.code, closed.reason) == (4011, "the kernel was shut down")
    assert not list(server.runtime_directory.glob(f"*{doomed.id}*"))


@asynchronous
async def test_kernel_deleted_before_it_loaded_is_dead_for_good(server: JupyterServer) -> None:
    doomed = await Kernel.start(server)
    async with doomed.console():
        pass
    async with raw_socket(doomed.socket_url, token=server.token) as socket:
        await doomed.shut_down()
        assert await socket.closed() == (4011, "the kernel was shut down")


@asynchronous
async def test_two_tabs_do_not_disturb_each_other(kernel: Kernel, server: JupyterServer) -> None:
    async with kernel.console() as console:
        await console.run("wl.expose(wl.publish, 'tabs.publish')")
        async with connect(kernel.socket_url, token=server.token) as one:
            heard: dict[str, list[int]] = {"one": [], "other": []}
            listen(one, "tabs", heard["one"].append)
            await one.flush()
            async with connect(kernel.socket_url, token=server.token) as other:
                listen(other, "tabs", heard["other"].append)
                await other.flush()
                assert one.hello["clientID"] != other.hello["clientID"]
                await one.call("tabs.publish", "tabs", 1)
                await console.run("wl.publish('tabs', 2)")
                await until(lambda: heard == {"one": [1, 2], "other": [1, 2]}, "both to hear")
            async with raw_socket(kernel.socket_url, token=server.token) as rude:
                await rude.hello()
                rude.vanish()
            await one.call("tabs.publish", "tabs", 3)
            await until(lambda: heard["one"] == [1, 2, 3], "the tab that stayed to hear")
            await until(
                lambda: _has_sessions(kernel, {one.hello["clientID"]}), "the others to be forgotten"
            )


async def _has_sessions(kernel: Kernel, ids: set[str]) -> bool:
    return {entry["id"] for entry in await kernel.sessions()} == ids


@asynchronous
async def test_link_of_another_version_says_what_to_install_where(
    mortal: Kernel, server: JupyterServer
) -> None:
    tamper = "import wslink_jupyter.transport.link as link; link.LINK_VERSION = {}"
    async with mortal.console() as console:
        versions = ((LINK_VERSION + 1, "the Jupyter server's"), (LINK_VERSION - 1, "the kernel's"))
        for version, place in versions:
            await console.run(PRELUDE + tamper.format(version))
            async with raw_socket(
                mortal.socket_url, token=server.token, subprotocol=SUBPROTOCOL
            ) as socket:
                code, reason = await socket.closed()
            assert code == 4004
            assert reason is not None
            assert f"in {place} environment: pip install" in reason
            assert 'pip install "wslink-jupyter==' in socket.texts[-1].replace("\\", "")
            assert await mortal.runtime() is None
        await console.run(tamper.format(LINK_VERSION))


@pytest.mark.parametrize(("protocol", "place"), [(0, "the Jupyter server's"), (2, "the kernel's")])
@asynchronous
async def test_client_of_another_protocol_is_told_which_side_to_upgrade(
    kernel: Kernel, server: JupyterServer, protocol: int, place: str
) -> None:
    details = {"secret": "", "client": "test", "version": "9.9.9", "protocol": protocol}
    async with raw_socket(kernel.socket_url, token=server.token) as socket:
        error = (await socket.ask({**HELLO, "args": [details]}))["error"]
        assert error["code"] == -32600
        assert f"expected a client of wslink-jupyter protocol 1, got {protocol}" in error["message"]
        assert f"{place[1:]} environment" in error["message"]
        assert "pip install" in error["message"]
        # The socket stays; as a stock client it is welcome.
        assert await socket.hello()
