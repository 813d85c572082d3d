"""%wslink and %%wslink_view in a real kernel."""

from __future__ import annotations

import pytest
from support.jupyter import JupyterServer
from support.kernel import Kernel
from support.waiting import asynchronous

from wslink_jupyter.client import connect
from wslink_jupyter.errors import MethodNotFound

MODULE = "export default { render({ el }) { el.textContent = 'hello'; } };"


@asynchronous
async def test_status_lists_procedures_views_and_sessions(
    kernel: Kernel, server: JupyterServer
) -> None:
    async with (
        kernel.console() as console,
        connect(kernel.socket_url, token=server.token) as session,
    ):
        await console.run(f"""
def listed(a: int, b="x"):
    pass
wl.expose(listed, "magics.listed", run="thread")
wl.show({MODULE!r}, name="listed_view")
""")
        status = (await console.run("%wslink")).stdout
        assert "magics.listed(a: int, b='x')  [run=thread]" in status
        assert "listed_view: 'listed_view' (split-right)" in status
        assert session.hello["clientID"][:9] in status
        assert session.hello["epoch"][:8] in status
        assert "wslink_jupyter (Python): 0 calls in flight" in status


@asynchronous
async def test_doctor_finds_nothing_wrong(kernel: Kernel, server: JupyterServer) -> None:
    async with kernel.console() as console:
        lonely = (await console.run("%wslink doctor")).stdout
        assert "note  no session is connected" in lonely
        assert "pip install" in lonely
        async with connect(kernel.socket_url, token=server.token):
            doctor = (await console.run("%wslink doctor")).stdout
    assert _what_is_ok(doctor) == ["listening", "1 session(s) connected: wslink_jupyter (Python)"]
    assert "FAULT" not in lonely + doctor
    assert "jupyter_server" in doctor


def _what_is_ok(doctor: str) -> list[str]:
    """Return what is ok, without the place of the socket."""
    found = [line.split(None, 1)[1] for line in doctor.splitlines() if line.startswith("ok")]
    return [line.split(" at ")[0] for line in found]


@asynchronous
async def test_doctor_names_a_lost_rendezvous(kernel: Kernel) -> None:
    async with kernel.console() as console:
        path = kernel.connection_file.with_name(f"wslink-{kernel.connection_file.name}")
        text = path.read_text()
        try:
            path.unlink()
            doctor = (await console.run("%wslink doctor")).stdout
        finally:
            path.write_text(text)
    assert "FAULT rendezvous" in doctor
    assert "run %reload_ext wslink_jupyter" in doctor


@asynchronous
async def test_expose_and_unexpose(kernel: Kernel, server: JupyterServer) -> None:
    async with (
        kernel.console() as console,
        connect(kernel.socket_url, token=server.token) as session,
    ):
        await console.run("""
def by_magic(x: float) -> float:
    return x + 1
class Magic:
    def one(self): return 1
magic = Magic()
""")
        cell = await console.run("%wslink expose by_magic")
        assert cell.stdout == "by_magic(x: float) -> float\n"
        assert await session.call("by_magic", 1) == 2
        cell = await console.run("%wslink expose magic")
        assert cell.stdout == "magic.one()\n"
        cell = await console.run("%wslink expose Magic() as renamed")
        assert cell.stdout == "renamed.one()\n"
        assert await session.call("renamed.one") == 1
        await console.run("%wslink unexpose renamed")
        with pytest.raises(MethodNotFound):
            await session.call("renamed.one")


@asynchronous
async def test_show_and_view(kernel: Kernel, server: JupyterServer) -> None:
    (server.root / "by_magic.js").write_text(MODULE)
    async with (
        kernel.console() as console,
        connect(kernel.socket_url, token=server.token) as session,
    ):
        await console.run("%wslink show by_magic.js in cell")
        view = await session.call("jupyter.views.get", "by_magic")
        assert (view["where"], view["source"], view["origin"]) == ("cell", MODULE, "by_magic.js")
        (server.root / "shop").mkdir()
        (server.root / "shop" / "index.html").write_text("<head></head>")
        await console.run("%wslink show shop in cell")
        view = await session.call("jupyter.views.get", "shop")
        assert (view["where"], view["kind"]) == ("cell", "page")
        await console.run(f"%%wslink_view typed\n{MODULE}\n")
        view = await session.call("jupyter.views.get", "typed")
        assert (view["where"], view["source"].strip()) == ("split-right", MODULE)
        await console.run(f"%%wslink_view typed in tab-after\n{MODULE}\n")
        assert (await session.call("jupyter.views.get", "typed"))["where"] == "tab-after"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("%wslink nonsense", "expected one of %wslink"),
        ("%wslink expose", "expected one of %wslink"),
        ("%wslink expose undefined_name", "NameError: name 'undefined_name' is not defined"),
        ("%wslink expose 1/0", "ZeroDivisionError"),
        ("%wslink expose os", "got the module os"),
        ("%wslink expose 'unclosed", "SyntaxError: unterminated string literal"),
        ("%wslink unexpose never_was", "got 'never_was'"),
        ("%wslink show absent.js", "found no such file in"),
        ("%wslink show .", "expected a folder that holds index.html, got '.'"),
        ("%wslink show absent.js in orbit", "expected one of 'split-right'"),
        ("%%wslink_view\nexport default {}", "expected %%wslink_view NAME"),
        ("%%wslink_view a/b\nexport default {}", "expected 1 to 100 ASCII letters"),
        ("%%wslink_view name\nnothing of use", "exports render"),
    ],
)
@asynchronous
async def test_mistakes_are_told_in_one_line(kernel: Kernel, line: str, message: str) -> None:
    async with kernel.console() as console:
        cell = await console.start(line).ended()
    name, text = cell.error
    assert name == "UsageError"
    assert message in text
    assert cell.reply.result()["traceback"] == []
    assert "Traceback" not in cell.stderr
