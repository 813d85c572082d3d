"""The public Python client at a real Jupyter server: where it gets in, where not, and why."""

from __future__ import annotations

import re
import uuid
from collections.abc import AsyncIterator
from typing import Any

import numpy as np
import pytest
from support.jupyter import JupyterServer
from support.kernel import PRELUDE, Kernel
from support.waiting import asynchronous, soon

import wslink_jupyter as wl
from wslink_jupyter.errors import InvalidParams, KernelNotFound, LoginRefused, RpcError
from wslink_jupyter.transport.link import LINK_VERSION

HEAT = """
class Heat:
    def step(self, n, scale=1.0):
        return np.arange(n, dtype="f4") * scale
    def total(self, array):
        return [str(array.dtype), list(array.shape), float(array.sum())]
_ = wl.expose(Heat(), "heat")
"""


@asynchronous
async def test_every_form_of_a_kernels_url_gets_there(
    kernel: Kernel, server: JupyterServer
) -> None:
    for path in (
        f"wslink-jupyter/kernels/{kernel.id}/default/ws",
        f"wslink-jupyter/kernels/{kernel.id}",
        f"api/kernels/{kernel.id}",
    ):
        for scheme in ("http", "ws"):
            async with wl.connect(server.url(path, scheme), token=server.token) as session:
                assert "epoch" in session.hello
        async with wl.connect(server.url(f"{path}?token={server.token}")) as session:
            assert "epoch" in session.hello


@asynchronous
async def test_arrays_go_both_ways(kernel: Kernel, server: JupyterServer) -> None:
    async with kernel.console() as console:
        await console.run(HEAT)
    async with wl.connect(kernel.socket_url, token=server.token) as session:
        array = await session.call("heat.step", 3, scale=0.5)
        assert (array.dtype, array.tolist()) == (np.dtype("<f4"), [0.0, 0.5, 1.0])
        answer = await session.call("heat.total", np.ones((2, 3), dtype=">i8"))
        assert answer[1:] == [[2, 3], 6.0]
        with pytest.raises(InvalidParams, match=r"expected heat\.step\(n, scale=1\.0\)"):
            await session.call("heat.step")


@asynchronous
async def test_a_notebook_is_a_client_of_another_kernel(
    kernel: Kernel, mortal: Kernel, server: JupyterServer
) -> None:
    async with kernel.console() as console:
        await console.run(HEAT)
    async with mortal.console() as console:
        cell = await console.run(f"""
import wslink_jupyter as wl
async with wl.connect({server.url(f"api/kernels/{kernel.id}")!r}, token={server.token!r}) as other:
    async with other.subscribe("heat.news") as news:
        print(await other.call("heat.step", 3))
""")
    assert cell.stdout == "[0. 1. 2.]\n"


@asynchronous
async def test_a_loop_that_is_left_is_heard_of_by_the_kernel(
    kernel: Kernel, server: JupyterServer
) -> None:
    async with (
        kernel.console() as console,
        wl.connect(kernel.socket_url, token=server.token) as session,
    ):
        async with session.subscribe("heat.news") as news:
            await console.run("for n in range(3): wl.publish('heat.news', np.full(2, n))")
            async for value in news:
                assert value.tolist() == [0, 0]
                break
            assert (await soon(anext(news))).tolist() == [1, 1]
        await session.flush()
        (own,) = (s for s in await kernel.sessions() if s["id"] == session.hello["clientID"])
        assert own["subscriptions"] == 0


@asynchronous
async def test_who_takes_nothing_is_closed_as_slow_and_had_every_value_up_to_there(
    kernel: Kernel, server: JupyterServer
) -> None:
    async with (
        kernel.console() as console,
        wl.connect(kernel.socket_url, token=server.token) as session,
        session.subscribe("heat.flood") as flood,
    ):
        cell = await console.run(
            "for n in range(200): wl.publish('heat.flood', [n, bytes(1_000_000)])"
        )
        assert "a client (wslink_jupyter (Python)) was closed" in cell.stderr
        heard: list[int] = []
        while (number := await next_number(flood)) is not None:
            heard.append(number)
        assert heard == list(range(len(heard)))
        assert len(heard) < 100
        assert (await soon(session.closed())).code == 4008


async def next_number(flood: AsyncIterator[Any]) -> int | None:
    """Return the number of the next value; None is the end."""
    try:
        number: int = (await soon(anext(flood)))[0]
    except wl.ConnectionClosed:
        return None
    return number


@pytest.mark.parametrize("token", [None, "", "wrong"])
@asynchronous
async def test_without_the_right_token_it_says_how_to_get_it(
    kernel: Kernel, server: JupyterServer, token: str | None
) -> None:
    got = "one that it does not take" if token else "none"
    sentence = (
        r"^ws://\S+: expected a token of the Jupyter server whose user may execute code \(pass "
        rf"token=…, `jupyter server list` prints it\), got {got} \(HTTP 403\)$"
    )
    with pytest.raises(LoginRefused, match=sentence) as raised:
        async with wl.connect(kernel.socket_url, token=token):
            pass
    assert raised.value.status == 403


@asynchronous
async def test_of_a_kernel_that_is_not_there_it_says_where_they_are(server: JupyterServer) -> None:
    url = server.url(f"api/kernels/{uuid.uuid4()}")
    listed = re.escape(server.url("api/kernels"))
    with pytest.raises(KernelNotFound, match=rf"\({listed} lists them\) and wslink_jupyter"):
        async with wl.connect(url, token=server.token):
            pass


@asynchronous
async def test_of_a_kernel_without_runtime_it_says_what_to_run(
    impatient_kernel: Kernel, impatient_server: JupyterServer
) -> None:
    async with impatient_kernel.console() as console:
        await console.run("%unload_ext wslink_jupyter")
        with pytest.raises(wl.RuntimeNotLoaded, match="run %load_ext wslink_jupyter in the"):
            async with wl.connect(impatient_kernel.socket_url, token=impatient_server.token):
                pass
        await console.run(PRELUDE)
    url = impatient_server.socket_url(impatient_kernel.id, "absent")
    with pytest.raises(wl.RuntimeNotLoaded, match=r"expected an endpoint .* got 'absent'"):
        async with wl.connect(url, token=impatient_server.token):
            pass


@pytest.mark.parametrize(("protocol", "place"), [(0, "the client's"), (2, "the kernel's")])
@asynchronous
async def test_of_another_protocol_it_is_told_where_to_upgrade(
    kernel: Kernel, server: JupyterServer, protocol: int, place: str
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("wslink_jupyter.client.session.PROTOCOL", protocol)
        with pytest.raises(RpcError, match=f"got {protocol}. In {place} environment") as raised:
            async with wl.connect(kernel.socket_url, token=server.token):
                pass
    assert "reload the page" not in str(raised.value)
    assert "pip install" in str(raised.value)


@asynchronous
async def test_of_a_link_of_another_version_it_has_the_whole_line_to_run(
    mortal: Kernel, server: JupyterServer
) -> None:
    tamper = "import wslink_jupyter.transport.link as link; link.LINK_VERSION = {}"
    async with mortal.console() as console:
        await console.run(PRELUDE + tamper.format(LINK_VERSION + 1))
        sentence = r'environment: pip install "wslink-jupyter==[^"]+"'
        with pytest.raises(wl.RuntimeNotLoaded, match=sentence):
            async with wl.connect(mortal.socket_url, token=server.token):
                pass
        await console.run(tamper.format(LINK_VERSION))


@asynchronous
async def test_a_restart_ends_the_session_and_a_new_one_is_made_by_hand(
    mortal: Kernel, server: JupyterServer
) -> None:
    await mortal.load()
    async with wl.connect(mortal.socket_url, token=server.token) as session:
        news = session.subscribe("heat.news")
        await mortal.restart()
        with pytest.raises(wl.ConnectionClosed) as raised:
            await soon(anext(news))
        assert raised.value.code == 4010
    await mortal.load()
    async with wl.connect(mortal.socket_url, token=server.token) as again:
        assert again.hello["epoch"] != session.hello["epoch"]
