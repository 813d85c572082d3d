"""wl.show: what a cell displays, and what clients get for it."""

from __future__ import annotations

from typing import Any

import pytest
from support.jupyter import JupyterServer
from support.kernel import Kernel
from support.listening import listen
from support.waiting import asynchronous, until

from wslink_jupyter.client import connect

MIME_TYPE = "application/vnd.wslink-jupyter.view+json"
MODULE = "export default {{ render() {{ return {}; }} }};\n"


@asynchronous
async def test_output_announces_the_view(kernel: Kernel, server: JupyterServer) -> None:
    async with (
        kernel.console() as console,
        connect(kernel.socket_url, token=server.token) as session,
    ):
        source = MODULE.format(1)
        cell = await console.run(
            f"view = wl.show({source!r}, title='A title', where='split-bottom', name='announced')"
        )
        (output,) = cell.data(MIME_TYPE)
        (text,) = cell.data("text/plain")
        assert text.startswith("A title")
        show_id = output.pop("show_id")
        assert len(bytes.fromhex(show_id)) == 16
        assert output == {
            "protocol": 1,
            "version": session.hello["version"],
            "name": "announced",
            "title": "A title",
            "where": "split-bottom",
            "epoch": session.hello["epoch"],
        }
        view = await session.call("jupyter.views.get", "announced")
        assert view["revision"] >= 1
        assert (
            view.items()
            >= {
                "name": "announced",
                "title": "A title",
                "where": "split-bottom",
                "kind": "module",
                "source": source,
                "origin": "",
                "error": "",
            }.items()
        )
        assert await session.call("jupyter.views.get", "unknown") is None


@asynchronous
async def test_view_is_displayed_once_as_a_cells_last_line(kernel: Kernel) -> None:
    async with kernel.console() as console:
        cell = await console.run(f"wl.show({MODULE.format(1)!r}, name='once')")
        assert len(cell.data(MIME_TYPE)) == 1
        cell = await console.run(f"once = wl.show({MODULE.format(1)!r}, name='once')\nonce")
        assert len(cell.data(MIME_TYPE)) == 1
        cell = await console.run("once")
        assert len(cell.data(MIME_TYPE)) == 1
        assert await console.value("repr(once)") == "<View 'once' split-right>"


@asynchronous
async def test_saved_file_is_told_and_read_again(kernel: Kernel, server: JupyterServer) -> None:
    changed: list[Any] = []
    path = server.root / "hot.js"
    path.write_text(MODULE.format(1))
    async with (
        kernel.console() as console,
        connect(kernel.socket_url, token=server.token) as session,
    ):
        listen(session, "jupyter.views.changed", changed.append)
        await session.flush()
        await console.run("wl.show('hot.js')")
        await until(lambda: changed, "the view to be told")
        first = await session.call("jupyter.views.get", "hot")
        assert changed == [{"name": "hot", "revision": first["revision"]}]
        assert (first["source"], first["origin"]) == (MODULE.format(1), "hot.js")

        path.write_text(MODULE.format("'second'"))
        await until(lambda: len(changed) == 2, "the saved file to be told")
        second = await session.call("jupyter.views.get", "hot")
        assert changed[1] == {"name": "hot", "revision": second["revision"]}
        assert second["revision"] > first["revision"]
        assert second["source"] == MODULE.format("'second'")

        path.unlink()
        gone = await session.call("jupyter.views.get", "hot")
        assert gone["source"] == ""
        assert gone["error"] == "cannot read hot.js: No such file or directory"
        path.write_text(MODULE.format(3))
        await until(lambda: len(changed) == 3, "the file to be back")


@asynchronous
async def test_same_name_replaces_and_close_removes(kernel: Kernel, server: JupyterServer) -> None:
    changed: list[Any] = []
    async with (
        kernel.console() as console,
        connect(kernel.socket_url, token=server.token) as session,
    ):
        listen(session, "jupyter.views.changed", changed.append)
        await session.flush()
        for n in (1, 2):
            await console.run(f"view = wl.show({MODULE.format(n)!r}, name='same', title='T{n}')")
        views = await session.call("jupyter.views.list")
        (view,) = (each for each in views if each["name"] == "same")
        assert view["title"] == "T2"
        assert (await session.call("jupyter.views.get", "same"))["source"] == MODULE.format(2)
        await console.run("view.close(); view.close()")
        assert await session.call("jupyter.views.get", "same") is None
        await until(lambda: changed[-1:] == [{"name": "same", "revision": None}], "the close")
        assert len(changed) == 3


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("'absent.js'", "expected an ES module in the file 'absent.js', found no such file in"),
        ("'no module'", "expected a path ending in .js, or the text of an ES module"),
        ("42", "expected a path or the text of an ES module (str or Path), got int"),
        ("'export default {}', where='left'", "where: expected one of 'split-right'"),
        ("'export default {}', name='../up'", "name: expected 1 to 100 ASCII letters"),
        ("__import__('pathlib').Path('a.txt')", "expected a file ending in .js or .mjs"),
        ("'.'", "got the folder '.': to show the page built in it, use show(Path('.'))"),
        ("__import__('pathlib').Path('.')", "expected a folder that holds index.html, got '.'"),
    ],
)
@asynchronous
async def test_mistakes_say_what_was_expected(kernel: Kernel, arguments: str, message: str) -> None:
    async with kernel.console() as console:
        name, text = await console.fails(f"wl.show({arguments})")
    assert name == "ViewError"
    assert message in text
