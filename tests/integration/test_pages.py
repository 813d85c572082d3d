"""The files of a shown page, and the socket beside it."""

from __future__ import annotations

import asyncio
import re

import pytest
from integration.guards import DENIED
from support.jupyter import JupyterServer
from support.kernel import Kernel
from support.sockets import call, raw_socket, upgrade_status
from support.waiting import asynchronous

from wslink_jupyter.client import connect

INDEX = b'<!doctype html><html><head><script type="module" src="./a.js"></script></head></html>'
SCRIPT = re.compile(
    rb"<head><script>\n.*new URL\('([./]+ws)', location\.href\).*?</script>", re.DOTALL
)


@pytest.fixture(scope="module")
def shown(kernel: Kernel, server: JupyterServer, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The path of a shown page."""
    root = tmp_path_factory.mktemp("page")
    folder = root / "Plots" / "dist"
    (folder / "assets").mkdir(parents=True)
    (folder / "sub").mkdir()
    (folder / "index.html").write_bytes(INDEX)
    (folder / "sub" / "index.html").write_bytes(INDEX)
    (folder / "part.html").write_bytes(b"<p>no scripts</p>")
    for suffix in ("js", "mjs", "css", "svg", "wasm", "woff2", "json", "map", "png"):
        (folder / "assets" / f"a.{suffix}").write_bytes(b"<head><script>")
    (folder / "ws").write_text("a file")
    (folder / ".vite").mkdir()
    (folder / ".vite" / "manifest.json").write_text("outside")
    (root / "Plots" / "secret.txt").write_text("outside")
    (folder / "link.txt").symlink_to(root / "Plots" / "secret.txt")

    async def show() -> str:
        async with (
            kernel.console() as console,
            connect(kernel.socket_url, token=server.token) as session,
        ):
            await console.run(f"import pathlib; wl.show(pathlib.Path({str(folder)!r}))")
            view = await session.call("jupyter.views.get", "Plots")
            assert (view["kind"], view["error"]) == ("page", "")
            assert "source" not in view
            return str(view["files"])

    files = asyncio.run(show())
    return f"wslink-jupyter/kernels/{kernel.id}/default/www/{files}"


@pytest.mark.parametrize(
    ("suffix", "media_type"),
    [
        ("js", "text/javascript"),
        ("mjs", "text/javascript"),
        ("css", "text/css"),
        ("svg", "image/svg+xml"),
        ("wasm", "application/wasm"),
        ("woff2", "font/woff2"),
        ("json", "application/json"),
        ("map", "application/json"),
        ("png", "image/png"),
    ],
)
@asynchronous
async def test_files_have_their_types_and_are_left_alone(
    server: JupyterServer, shown: str, suffix: str, media_type: str
) -> None:
    response = await server.request(f"{shown}/assets/a.{suffix}")
    assert response.code == 200
    assert response.headers["Content-Type"].split(";")[0] == media_type
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.body == b"<head><script>"


@pytest.mark.parametrize(
    ("path", "socket"),
    [
        ("index.html", b"../../../../ws"),
        ("", b"../../../../ws"),
        ("sub/", b"../../../../../ws"),
        ("index.html?wsProxy&token=x", b"../../../../ws"),
    ],
)
@asynchronous
async def test_a_page_runs_with_the_login_and_knows_its_socket(
    server: JupyterServer, shown: str, path: str, socket: bytes
) -> None:
    headers = {"Cookie": await server.cookies()}
    response = await server.request(f"{shown}/{path}", headers=headers, login=False)
    assert response.code == 200
    assert response.headers["Content-Type"].startswith("text/html")
    found = SCRIPT.search(response.body)
    assert found is not None
    assert found[1] == socket
    assert response.body.replace(found[0], b"<head>") == INDEX
    policy = response.headers["Content-Security-Policy"]
    assert "sandbox" not in policy
    assert "frame-ancestors 'self'" in policy
    assert "Access-Control-Allow-Origin" not in response.headers


@asynchronous
async def test_a_part_without_scripts_is_left_alone(server: JupyterServer, shown: str) -> None:
    assert (await server.request(f"{shown}/part.html")).body == b"<p>no scripts</p>"


@pytest.mark.parametrize(
    "path",
    [
        *("../secret.txt", "..%2Fsecret.txt", "%2e%2e/secret.txt", "sub/../../secret.txt"),
        *("link.txt", ".vite/manifest.json", "%2Fetc/passwd", "..%5Csecret.txt", "../"),
        *("assets/", "missing.js", "sub//", "assets"),
    ],
)
@asynchronous
async def test_nothing_else_is_served(server: JupyterServer, shown: str, path: str) -> None:
    response = await server.request(f"{shown}/{path}")
    assert response.code in (400, 404)
    assert b"outside" not in response.body


@asynchronous
async def test_a_page_needs_a_login_and_its_key(server: JupyterServer, shown: str) -> None:
    for path in ("", "/", "/index.html", "/assets/a.js"):
        response = await server.request(f"{shown}{path}", login=False)
        assert response.code in (302, 403)
        assert b"createWebSocket" not in response.body
    view, key, _ = shown.rsplit("/", 2)
    assert (await server.request(f"{view}/{key[::-1]}/1/")).code == 404
    assert (await server.request(shown)).code == 404


@asynchronous
async def test_the_socket_beside_a_page_is_the_endpoints(server: JupyterServer, shown: str) -> None:
    url = server.url(f"{shown}/ws", "ws")
    headers = {"Cookie": await server.cookies(), "Origin": server.origin}
    async with raw_socket(url, headers=headers) as socket:
        await socket.hello()
        result = await socket.ask(call(0, "jupyter.views.list"))
    assert "Plots" in [view["name"] for view in result["result"]]


@asynchronous
async def test_the_socket_beside_a_page_checks_login_and_origin(
    kernel: Kernel, server: JupyterServer, shown: str
) -> None:
    url = server.url(f"{shown}/ws", "ws")
    assert await upgrade_status(url) == 403
    assert await upgrade_status(url, token="wrong") == 403
    assert await upgrade_status(url, token=server.token) == 101
    cookie = {"Cookie": await server.cookies()}
    for foreign in ("http://evil.example", f"http://127.0.0.1:{server.port + 1}", "null"):
        assert await upgrade_status(url, headers={**cookie, "Origin": foreign}) == 403, foreign
    nobody = "00000000-0000-0000-0000-000000000000"
    assert await upgrade_status(url.replace(kernel.id, nobody), token=server.token) == 404
    for login in (True, False):  # no file of that name, and no connection
        response = await server.request(f"{shown}/ws", login=login)
        assert response.code == (400 if login else 403)


@asynchronous
async def test_the_socket_beside_a_page_asks_the_authorizer(
    impatient_server: JupyterServer, impatient_kernel: Kernel
) -> None:
    path = f"wslink-jupyter/kernels/{impatient_kernel.id}/default/www/any/key/1/ws"
    url = impatient_server.url(path, "ws")
    denied = impatient_server.directory / DENIED
    denied.write_text("execute kernels")
    try:
        assert await upgrade_status(url, token=impatient_server.token) == 403
    finally:
        denied.unlink()
    assert await upgrade_status(url, token=impatient_server.token) == 101
