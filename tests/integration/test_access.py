"""Who may open a socket, and what the other routes answer."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from integration.guards import BROKEN, CHECKS, DENIED, LOGGED_OUT, SLOW
from support.jupyter import JupyterServer, split_address
from support.kernel import Kernel, adds_up, session_of
from support.listening import listen
from support.sockets import call, raw_socket, upgrade_status
from support.waiting import asynchronous, soon, until

from wslink_jupyter.client import connect


@asynchronous
async def test_socket_needs_the_token(kernel: Kernel, server: JupyterServer) -> None:
    assert await upgrade_status(kernel.socket_url) == 403
    assert await upgrade_status(kernel.socket_url, token="wrong") == 403
    assert await upgrade_status(kernel.socket_url + "?token=wrong") == 403
    assert await upgrade_status(kernel.socket_url, token=server.token) == 101
    assert await upgrade_status(f"{kernel.socket_url}?token={server.token}") == 101


@asynchronous
async def test_cookie_counts_only_from_our_own_pages(kernel: Kernel, server: JupyterServer) -> None:
    cookies = await server.cookies()

    async def from_origin(origin: str) -> int:
        return await upgrade_status(
            kernel.socket_url, headers={"Cookie": cookies, "Origin": origin}
        )

    assert await from_origin(server.origin) == 101
    for foreign in (
        "http://evil.example",
        f"{server.origin}.evil.example",
        f"http://evil.example:{server.port}",
        f"http://127.0.0.1:{server.port + 1}",
        f"http://localhost:{server.port}",
        f"http://{server.origin.removeprefix('http://')}@evil.example",
        "null",
    ):
        assert await from_origin(foreign) == 403, foreign


@asynchronous
async def test_unknown_kernel_is_404(server: JupyterServer) -> None:
    assert await upgrade_status(server.socket_url(str(uuid.uuid4())), token=server.token) == 404
    assert await upgrade_status(server.socket_url("nonsense"), token=server.token) == 404


@asynchronous
async def test_unknown_endpoint_is_closed_with_the_known_ones(
    impatient_kernel: Kernel, impatient_server: JupyterServer
) -> None:
    url = impatient_server.socket_url(impatient_kernel.id, "absent")
    async with raw_socket(url, token=impatient_server.token) as socket:
        code, reason = await socket.closed()
    assert code == 4004
    assert reason == "expected an endpoint of this kernel (default), got 'absent'"


@pytest.mark.parametrize("path", ["kernels", "static/client.js", "static/views.js"])
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"])
@asynchronous
async def test_routes_need_a_login(
    server: JupyterServer, impatient_server: JupyterServer, path: str, method: str
) -> None:
    for each in (server, impatient_server):
        response = await each.request(f"wslink-jupyter/{path}", method, login=False)
        # A page is sent to the login; the answer of OPTIONS is empty.
        assert response.code in (302, 403, 405) or (method == "OPTIONS" and not response.body)
        assert b"epoch" not in response.body
        assert b"export" not in response.body
        assert "Access-Control-Allow-Origin" not in response.headers


@asynchronous
async def test_socket_route_is_nothing_but_a_socket(kernel: Kernel, server: JupyterServer) -> None:
    path = f"wslink-jupyter/kernels/{kernel.id}/default/ws"
    before = (await kernel.model())["connections"]
    for login in (True, False):
        response = await server.request(path, login=login)
        assert response.code == (400 if login else 403)
    assert (await kernel.model())["connections"] == before


@asynchronous
async def test_kernels_route(kernel: Kernel, server: JupyterServer) -> None:
    async with connect(kernel.socket_url, token=server.token) as session:
        runtime = await kernel.runtime()
    assert runtime is not None
    assert runtime.keys() == {"id", "epoch", "version", "busy", "waiting_calls", "endpoints"}
    assert runtime["id"] == kernel.id
    assert runtime["epoch"] == session.hello["epoch"]
    assert runtime["version"] == session.hello["version"]
    assert runtime["busy"] is False
    (endpoint,) = runtime["endpoints"]
    assert endpoint["name"] == "default"
    assert endpoint["kind"] == "kernel"
    assert {"jupyter.views.get", "jupyter.views.list"} <= set(endpoint["procedures"])
    (entry,) = (each for each in endpoint["sessions"] if each["id"] == session.hello["clientID"])
    assert entry["client"] == "wslink_jupyter (Python)"
    assert entry["user"]
    assert entry["calls"] == entry["queued_bytes"] == entry["dropped_messages"] == 0


@asynchronous
async def test_kernels_route_tells_how_much_a_client_gets_and_how_far_it_is(
    kernel: Kernel, server: JupyterServer
) -> None:
    heard: list[bytes] = []
    async with (
        kernel.console() as console,
        connect(kernel.socket_url, token=server.token) as session,
    ):
        listen(session, "measured", heard.append)
        await session.flush()

        async def measured() -> dict[str, Any] | None:
            await console.run("wl.publish('measured', bytes(100_000))")
            entry = await session_of(kernel, session.hello["clientID"])
            # More than the pings of the measured round trips make.
            return entry if entry["sent_bytes_per_s"] > 50_000 else None

        entry = await until(measured, "the rate of a second with publications")
    assert heard
    assert entry["sent_messages_per_s"] > 0
    assert entry["rtt_s"] > 0
    assert adds_up(entry)


@asynchronous
async def test_kernels_without_a_runtime_are_not_listed(server: JupyterServer) -> None:
    plain = await Kernel.start(server)
    async with plain.console():
        assert await plain.runtime() is None
    await plain.shut_down()


@asynchronous
async def test_client_module_is_served_and_cached(server: JupyterServer) -> None:
    response = await server.request("wslink-jupyter/static/client.js")
    assert response.code == 200
    assert response.headers["Content-Type"].startswith("text/javascript")
    assert b"export" in response.body
    etag = response.headers["Etag"]
    again = await server.request("wslink-jupyter/static/client.js", headers={"If-None-Match": etag})
    assert again.code == 304
    assert again.body == b""


@pytest.fixture
def guards(impatient_server: JupyterServer) -> Iterator[JupyterServer]:
    """Give the server whose login and permissions are files, and tidy up."""
    yield impatient_server
    for name in (LOGGED_OUT, DENIED, BROKEN, SLOW):
        (impatient_server.directory / name).unlink(missing_ok=True)


@asynchronous
async def test_authorizer_decides_before_the_upgrade(
    guards: JupyterServer, impatient_kernel: Kernel
) -> None:
    (guards.directory / DENIED).write_text("execute kernels")
    assert await upgrade_status(impatient_kernel.socket_url, token=guards.token) == 403
    (guards.directory / DENIED).write_text("read kernels")
    assert await upgrade_status(impatient_kernel.socket_url, token=guards.token) == 101
    assert (await guards.request("wslink-jupyter/kernels")).code == 403
    (guards.directory / DENIED).write_text("read wslink_jupyter")
    assert (await guards.request("wslink-jupyter/kernels")).code == 200
    assert (await guards.request("wslink-jupyter/static/client.js")).code == 403


@asynchronous
async def test_pages_of_views_need_login_and_permission(
    kernel: Kernel, server: JupyterServer, guards: JupyterServer, impatient_kernel: Kernel
) -> None:
    path = f"wslink-jupyter/kernels/{kernel.id}/views/"
    page = (await server.request(path)).body.decode()
    assert 'data-base-url="/a%20b/"' in page
    assert 'src="/a%20b/wslink-jupyter/static/views.js"' in page
    hostile = (await server.request(f"{path}%22%3E%3Cscript%3E")).body.decode()
    assert 'data-view="&quot;&gt;&lt;script&gt;"' in hostile
    assert (await server.request(path, login=False)).code == 302
    unknown = f"wslink-jupyter/kernels/{uuid.uuid4()}/views/"
    assert (await server.request(unknown)).code == 404
    (guards.directory / DENIED).write_text("execute kernels")
    denied = await guards.request(f"wslink-jupyter/kernels/{impatient_kernel.id}/views/")
    assert denied.code == 403


@pytest.mark.parametrize(
    ("file", "reason"),
    [(LOGGED_OUT, "login expired: log in again"), (DENIED, "not allowed any more")],
)
@asynchronous
async def test_open_socket_ends_with_login_and_permission(
    guards: JupyterServer, impatient_kernel: Kernel, file: str, reason: str
) -> None:
    async with connect(impatient_kernel.socket_url, token=guards.token) as session:
        (guards.directory / file).write_text("execute kernels")
        closed = await soon(session.closed())
    assert (closed.code, closed.reason) == (4003, reason)


@asynchronous
async def test_cookie_login_survives_the_recheck(
    guards: JupyterServer, impatient_kernel: Kernel
) -> None:
    headers = {"Cookie": await guards.cookies(), "Origin": guards.origin}
    async with raw_socket(impatient_kernel.socket_url, headers=headers) as socket:
        await socket.hello()
        checks = guards.directory / CHECKS
        seen = checks.stat().st_size
        await until(lambda: checks.stat().st_size > seen + 2, "two checks of the login")
        result = await socket.ask(call(0, "jupyter.views.list"))
    assert "error" not in result


@asynchronous
async def test_login_that_cannot_be_checked_is_no_refusal(
    guards: JupyterServer, impatient_kernel: Kernel
) -> None:
    warning = "cannot check the login again: the login service does not answer"
    async with connect(impatient_kernel.socket_url, token=guards.token) as session:
        (guards.directory / BROKEN).touch()
        await until(lambda: guards.log.count(warning) > 1, "two checks that failed")
        (guards.directory / BROKEN).unlink()
        assert isinstance(await session.call("jupyter.views.list"), list)


@asynchronous
async def test_too_many_sockets_are_refused_with_the_reason(
    guards: JupyterServer, impatient_kernel: Kernel
) -> None:
    async with raw_socket(impatient_kernel.socket_url, token=guards.token) as first:
        await first.hello()
        others = []
        for _ in range(7):
            opened = raw_socket(impatient_kernel.socket_url, token=guards.token)
            others.append(opened)
            await opened.__aenter__()
        async with raw_socket(impatient_kernel.socket_url, token=guards.token) as refused:
            assert await refused.closed() == (4013, "too many open sockets: close some tabs")
        for opened in others:
            await opened.__aexit__(None, None, None)
        assert (await first.ask({"id": "system:c0:1", "method": "no.such"}))["error"]


@asynchronous
async def test_browser_that_leaves_while_its_login_is_checked_leaves_nothing(
    guards: JupyterServer, impatient_kernel: Kernel
) -> None:
    before = (await impatient_kernel.model())["connections"]
    checks = guards.directory / CHECKS
    (guards.directory / SLOW).touch()
    looked = checks.stat().st_size
    host, port, path = split_address(impatient_kernel.socket_url)
    _, writer = await asyncio.open_connection(host, port)
    request = [
        f"GET {path} HTTP/1.1",
        f"Host: {host}:{port}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: c29tZXRoaW5nIG9yIG90aGVy",
        f"Authorization: token {guards.token}",
    ]
    writer.write("\r\n".join([*request, "", ""]).encode())
    await until(lambda: checks.stat().st_size > looked, "a look at the login")
    writer.transport.abort()
    (guards.directory / SLOW).unlink()
    async with connect(impatient_kernel.socket_url, token=guards.token):
        pass  # a later one is served, and counted exactly

    async def as_before() -> bool:
        return bool((await impatient_kernel.model())["connections"] == before)

    await until(as_before, "no connection is left")
    assert "AttributeError" not in guards.log
