"""trame servers, unchanged, as endpoints of a kernel."""

from __future__ import annotations

import re

from support.kernel import PRELUDE, Kernel
from support.sockets import call
from support.stock import endpoint, tab
from support.waiting import asynchronous, until

APP = (
    PRELUDE
    + """
from trame.app import get_server
from trame.ui.html import DivLayout
from trame.widgets import html
def make(name):
    server = get_server(name, client_type="vue3")
    server.state.count = 1
    server.events = []
    @server.controller.trigger("double")
    def double(value, by=2):
        server.state.count = value * by
        return value * by
    @server.controller.trigger("wait")
    async def wait(seconds):
        await asyncio.sleep(seconds)
        return "waited"
    @server.controller.add("on_client_exited")
    def exited(**_):
        server.events.append("client_exited")
    @server.controller.add("on_client_connected")
    def connected(**_):
        server.events.append("client_connected")
    @server.controller.add("on_server_ready")
    def ready(**_):
        server.events.append("server_ready")
    @server.controller.add("on_server_exited")
    def over(**_):
        server.events.append("server_exited")
    return server
"""
)


@asynchronous
async def test_a_layout_that_is_awaited_is_served(kernel: Kernel) -> None:
    async with kernel.console() as console:
        await console.run(
            APP
            + """
app = make("an app")
with DivLayout(app) as layout:
    html.Div("{{ count }}")
await layout.ready
assert app.running and app.ready.result() is True
"""
        )
        described = await endpoint(kernel, "an_20_app")
        assert described is not None
        assert (described["name"], described["kind"]) == ("an_20_app", "trame")
        async with tab(kernel, "an_20_app") as one, tab(kernel, "an_20_app") as two:
            state = await one.ask(call(1, "trame.state.get"))
            assert state["result"]["state"]["count"] == 1
            await one.ask(call(2, "trame.lifecycle.update", "client_connected"))
            doubled = await one.ask(call(3, "trame.trigger", "double", [21], {}))
            assert doubled["result"] == 42
            for each in (one, two):
                pushed = await each.receive()
                assert pushed["id"].startswith("publish:trame.state.topic:")
                assert pushed["result"] == {"count": 42}
            await one.ask(call(4, "trame.state.update", [{"key": "count", "value": 5}]))
            assert (await two.receive())["result"] == {"count": 5}
            assert await console.value("app.state.count") == 5
            await console.run("with app.state:\n    app.state.count = 6")
            # wslink 2.6.0 sends what skips a client once for every client (``protocol.py:434``).
            assert (await two.receive())["result"] == {"count": 5}
            for each in (one, two):
                assert (await each.receive())["result"] == {"count": 6}
            await console.run("app.js_call('ref', 'focus', 1)")
            for each in (one, two):
                assert (await each.receive())["id"].startswith("publish:trame.actions.topic:")
            await console.run("await asyncio.wait_for(app.network_completion, 5)")
            await one.send(call(5, "trame.lifecycle.update", "client_exited"))

        async def is_told() -> bool:
            return bool(
                await console.value("app.events")
                == ["server_ready", "client_connected", "client_exited"]
            )

        await until(is_told, "the life cycle to be told")


@asynchronous
async def test_a_script_starts_as_it_is(kernel: Kernel) -> None:
    async with kernel.console() as console:
        cell = await console.run(APP + 'script = make("script")\nscript.start()')
        assert cell.data("text/plain") == []
        assert await console.value("script.running")
        async with tab(kernel, "script") as socket:
            doubled = await socket.ask(call(1, "trame.trigger", "double", [4], {"by": 3}))
            assert doubled["result"] == 12


@asynchronous
async def test_a_server_stops_and_starts_again(kernel: Kernel) -> None:
    async with kernel.console() as console:
        await console.run(APP + 'again = make("again")\nagain.start(exec_mode="task")')
        async with tab(kernel, "again") as socket:
            await console.run("await again.stop()")
            assert await socket.closed() == (1001, "the server stopped")
        assert await endpoint(kernel, "again") is None
        await console.run("again.start()\nawait again.ready")
        await console.run("await again.stop()\nagain.start()\nawait again.ready")
        assert await console.value("again.running")
        async with tab(kernel, "again") as socket:
            assert (await socket.ask(call(1, "trame.trigger", "wait", [0], {})))["result"] == (
                "waited"
            )
            await socket.send(call(2, "application.exit"))
            assert (await socket.closed())[0] == 1001
        await until(lambda: console.value("again.events.count('server_exited') == 3"), "its end")
        assert not await console.value("again.running")


@asynchronous
async def test_two_servers_do_not_hear_each_other(kernel: Kernel) -> None:
    async with kernel.console() as console:
        await console.run(
            APP
            + """
one, two = make("one"), make("two")
one.start(), two.start()
assert get_server("one") is one
"""
        )
        async with tab(kernel, "one") as first, tab(kernel, "two") as second:
            await first.ask(call(1, "trame.trigger", "double", [1], {}))
            assert (await first.receive())["result"] == {"count": 2}
            await second.ask(call(1, "trame.trigger", "double", [50], {}))
            assert (await second.receive())["result"] == {"count": 100}
            assert await console.value("(one.state.count, two.state.count)") == (2, 100)


@asynchronous
async def test_states_are_pushed_from_any_thread(kernel: Kernel) -> None:
    async with kernel.console() as console:
        await console.run(APP + 'threaded = make("threaded")\nthreaded.start()')
        async with tab(kernel, "threaded") as socket:
            await console.run(
                """
def work():
    with threaded.state:
        threaded.state.count = 9
await asyncio.to_thread(work)
"""
            )
            assert (await socket.receive())["result"] == {"count": 9}
            await console.run("await asyncio.wait_for(threaded.network_completion, 5)")


@asynchronous
async def test_its_pages_files_are_served(kernel: Kernel) -> None:
    server = kernel.server
    async with kernel.console() as console:
        await console.run(
            APP
            + """
import pathlib, tempfile
from trame.ui.vuetify3 import SinglePageLayout
folder = pathlib.Path(tempfile.mkdtemp())
(folder / "data.json").write_text("[1]")
paged = make("paged")
paged.serve["mine"] = str(folder)
with SinglePageLayout(paged) as layout:
    pass
paged.start()
"""
        )
        www = f"wslink-jupyter/kernels/{kernel.id}/paged/www"
        page = await server.request(f"{www}/index.html")
        assert page.code == 200
        assert page.headers["Content-Type"].startswith("text/html")
        assert "sandbox" not in page.headers["Content-Security-Policy"]
        found = re.search(rb'src="\./(assets/[^"]+\.js)"', page.body)
        assert found is not None, page.body
        script = await server.request(f"{www}/{found[1].decode()}")
        assert script.headers["Content-Type"].startswith("text/javascript")
        (route,) = await console.value("[route for route in paged.serve if 'vuetify' in route]")
        library = await server.request(f"{www}/{route}/vuetify3.js")
        assert library.code == 200
        assert (await server.request(f"{www}/mine/data.json")).body == b"[1]"
        for absent in ("mine/../../../etc/passwd", "mine/%2e%2e/%2e%2e/etc/passwd", "absent.js"):
            assert (await server.request(f"{www}/{absent}")).code == 404, absent


@asynchronous
async def test_another_extension_that_owns_the_kernel_keeps_it(mortal: Kernel) -> None:
    async with mortal.console() as console:
        await console.run(
            APP
            + """
os.environ["TRAME_JUPYTER_ENDPOINT"] = "/trame-jupyter-server"
os.environ["TRAME_BACKEND"] = "jupyter"
other, own = make("other"), make("own")
other.start()
await other.ready
assert type(other._server).__module__ == "wslink.backends.jupyter.core", type(other._server)
"""
        )
        assert await endpoint(mortal, "other") is None
        # Who asks for us by name gets us.
        await console.run("_ = wl.expose(own)")
        async with tab(mortal, "own") as socket:
            doubled = await socket.ask(call(1, "trame.trigger", "double", [2], {}))
            assert doubled["result"] == 4
        await mortal.restart()


@asynchronous
async def test_unloading_leaves_nothing_in_trame(mortal: Kernel) -> None:
    async with mortal.console() as console:
        await console.run(
            APP
            + """
from trame_server.core import Server
import inspect
served = make("served")
served.start()
await served.ready
%unload_ext wslink_jupyter
"""
        )
        await until(lambda: console.value("not served.running"), "the server's end")
        assert await console.value("served.events") == ["server_ready", "server_exited"]
        assert not await console.value("hasattr(Server.start, '__wrapped__')")
        assert not await console.value("'wslink.backends.jupyter' in sys.modules")
        await console.run("%load_ext wslink_jupyter\nserved.start()\nawait served.ready")
        async with tab(mortal, "served") as socket:
            assert (await socket.ask(call(1, "trame.state.get")))["result"]["state"]["count"] == 1
        await mortal.restart()


@asynchronous
async def test_a_start_that_fails_can_be_corrected(kernel: Kernel) -> None:
    async with kernel.console() as console:
        await console.run(
            APP
            + """
broken = make("broken")
@broken.controller.set("on_server_bind")
def bind(web_server):
    web_server.app.add_routes([])
"""
        )
        assert (await console.fails("broken.start()"))[0] == "AttributeError"
        await console.run("broken.controller.on_server_bind = lambda web_server: None")
        await console.run("broken.start()\nawait broken.ready")
        async with tab(kernel, "broken") as socket:
            assert (await socket.ask(call(1, "trame.trigger", "wait", [0], {})))["result"]
