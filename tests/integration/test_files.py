"""The files beside a shown view, fetched over the link."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from support.jupyter import JupyterServer
from support.kernel import Kernel
from support.waiting import asynchronous

from wslink_jupyter.client import connect

MODULE = "export default { render() {} };\n"


@pytest.fixture(scope="module")
def shown(kernel: Kernel, server: JupyterServer, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The path of the web files of a shown view, whose folder is full of temptations."""
    root = tmp_path_factory.mktemp("web")
    folder, sibling = root / "web", root / "web-private"
    (folder / "lib").mkdir(parents=True)
    sibling.mkdir()
    (folder / "panel.js").write_text(MODULE)
    (folder / "lib" / "grün.mjs").write_text("export const x = 1;\n")
    (folder / "page.html").write_text("<script>alert(1)</script>")
    (folder / "big.bin").write_bytes(bytes(range(256)) * 20_000)
    (folder / ".secret").write_text("hidden")
    (folder / ".git").mkdir()
    (folder / ".git" / "config").write_text("hidden")
    (root / "outside.txt").write_text("outside")
    (sibling / "key.txt").write_text("outside")
    (folder / "link.txt").symlink_to(root / "outside.txt")
    (folder / "inside.txt").symlink_to(folder / "panel.js")

    async def show() -> str:
        async with (
            kernel.console() as console,
            connect(kernel.socket_url, token=server.token) as session,
        ):
            await console.run(f"wl.show({str(folder / 'panel.js')!r}, name='web')")
            view = await session.call("jupyter.views.get", "web")
            return str(view["files"])

    files = asyncio.run(show())
    return f"wslink-jupyter/kernels/{kernel.id}/default/www/{files}"


@pytest.mark.parametrize(
    ("path", "media_type"),
    [
        ("panel.js", "text/javascript"),
        ("lib/gr%C3%BCn.mjs", "text/javascript"),
        ("page.html", "text/html"),
        ("big.bin", "application/octet-stream"),
        ("inside.txt", "text/javascript"),
    ],
)
@asynchronous
async def test_files_beside_the_module(
    server: JupyterServer, shown: str, path: str, media_type: str
) -> None:
    response = await server.request(f"{shown}/{path}")
    assert response.code == 200
    assert response.headers["Content-Type"].startswith(media_type)
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox allow-scripts" in response.headers["Content-Security-Policy"]
    assert response.headers.get("Access-Control-Allow-Origin") != "*"
    if path == "big.bin":
        assert response.body == bytes(range(256)) * 20_000


@pytest.mark.parametrize(
    "path",
    [
        "../outside.txt",
        "..%2Foutside.txt",
        "%2e%2e/outside.txt",
        "lib/../../outside.txt",
        "../web-private/key.txt",
        "%2Fetc/passwd",
        "/etc/passwd",
        "lib//../panel.js",
        ".secret",
        ".git/config",
        "lib/.%2E/panel.js",
        "lib",
        "link.txt",
        "panel.js%00.txt",
        "..%5Coutside.txt",
        "missing.js",
    ],
)
@asynchronous
async def test_nothing_else(server: JupyterServer, shown: str, path: str) -> None:
    response = await server.request(f"{shown}/{path}")
    assert response.code in (400, 404)
    assert b"outside" not in response.body.replace(b"outside.txt", b"")


@asynchronous
async def test_only_for_those_who_may(server: JupyterServer, kernel: Kernel, shown: str) -> None:
    assert (await server.request(f"{shown}/panel.js", login=False)).code in (302, 403)
    cookies = {"Cookie": await server.cookies()}
    assert (await server.request(f"{shown}/panel.js", headers=cookies, login=False)).code == 200
    # Another site could name the view, but cannot know its key.
    view, key, _ = shown.rsplit("/", 2)
    assert len(key) == 32
    for guess in ("1", key[::-1], ""):
        assert (await server.request(f"{view}/{guess}/1/panel.js")).code == 404
    nobody = "00000000-0000-0000-0000-000000000000"
    assert (await server.request(f"{shown}/panel.js".replace(kernel.id, nobody))).code == 404
    other = shown.replace("/default/", "/other/")
    assert (await server.request(f"{other}/panel.js")).code == 404


def test_a_file_is_found_by_its_folder_alone(tmp_path: Path) -> None:
    from wslink_jupyter.views.front_end import find_below

    (tmp_path / "a.js").write_text("")
    assert find_below(tmp_path, "a.js") == tmp_path / "a.js"
    for bad in ("", ".", "..", "a.js/", "/a.js", "b.js", "a.js/b"):
        assert find_below(tmp_path, bad) is None
