"""What a cell displays of trame and pyvista, and that it is left alone otherwise."""

from __future__ import annotations

import re

import pytest
from support.jupyter import JupyterServer
from support.kernel import PRELUDE, Console, Kernel
from support.waiting import asynchronous

MIME_TYPE = "application/vnd.wslink-jupyter.view+json"
LAYOUT = """
from trame.app import get_server
from trame.ui.html import DivLayout
from trame.widgets import html
with DivLayout(get_server("NAME"), height=300) as layout:
    html.Div("hello")
"""
PLOT = """
import pyvista as pv
plotter = pv.Plotter(window_size=(320, 240))
plotter.add_mesh(pv.Cone())
"""
#: What the modules of others have of ours.
TRACES = """
def traces():
    import inspect
    owners = [sys.modules[name] for name in (
        "trame_server.core", "trame_client.ui.core", "trame_pyvista.jupyter",
        "pyvista.jupyter.notebook",
    ) if name in sys.modules]
    owners += [each for owner in owners for each in vars(owner).values() if inspect.isclass(each)]
    for owner in owners:
        for name, value in vars(owner).items():
            value = value.fget if isinstance(value, property) else value
            if "wslink_jupyter" in str(getattr(value, "__module__", "")):
                yield f"{owner.__name__}.{name}"
    yield from (str(each) for each in sys.meta_path if "wslink_jupyter" in str(each))
print(sorted(set(traces())))
"""


def layout(name: str) -> str:
    return LAYOUT.replace("NAME", name)


async def start_anew(kernel: Kernel) -> None:
    """Restart a kernel that has started."""
    async with kernel.console():
        pass
    await kernel.restart()


async def view(kernel: Kernel, console: Console, name: str) -> dict[str, object]:
    """Return what clients get of a view, in words that `json` knows."""
    code = f"get_ipython().wslink_jupyter_extension.runtime.shelf.get({name!r})"
    answer: dict[str, object] = await console.value(code)
    return answer


@asynchronous
async def test_loading_imports_nothing_of_trame(mortal: Kernel) -> None:
    await start_anew(mortal)
    async with mortal.console() as console:
        await console.run(PRELUDE)
        heavy = ("trame", "wslink", "pyvista", "vtk", "ipywidgets")
        found = f"[name for name in sys.modules if name.partition('.')[0].startswith({heavy!r})]"
        names = set(await console.value(found))
        assert {name for name in names if not name.startswith("wslink_jupyter")} == {
            "wslink.backends.jupyter"  # ours, which knows nothing of wslink
        }


@asynchronous
async def test_a_layout_is_displayed_as_a_view(kernel: Kernel) -> None:
    async with kernel.console() as console:
        await console.run(PRELUDE + layout("displayed"))
        cells = (
            "await layout.ready\nlayout",
            "layout",
            "display(layout)",
            "await layout.display_cell()",
        )
        for cell in cells:
            outputs = await console.run(cell)
            (bundle,) = outputs.data(MIME_TYPE)
            assert (bundle["name"], bundle["title"]) == ("displayed in cell", "displayed")
            assert bundle["where"] == "cell"
            (text,) = outputs.data("text/plain")
            assert "run the notebook to see it" in text
            assert outputs.data("text/html") == []
        shown = await view(kernel, console, "displayed in cell")
        assert (shown["kind"], shown["endpoint"], shown["query"]) == ("app", "displayed", "ui=main")
        assert (shown["width"], shown["height"]) == ("", "300px")
        await console.run("with DivLayout(layout.server, 'aside') as aside:\n    html.Div('x')")
        (bundle,) = (await console.run("aside")).data(MIME_TYPE)
        shown = await view(kernel, console, bundle["name"])
        assert bundle["name"] == "displayed aside in cell"
        assert (shown["endpoint"], shown["query"]) == ("displayed", "ui=aside")


@asynchronous
async def test_a_plot_is_displayed_as_a_view(kernel: Kernel) -> None:
    async with kernel.console() as console:
        outputs = await console.run(PRELUDE + PLOT + "plotter.show()")
        (bundle,) = outputs.data(MIME_TYPE)
        assert bundle["name"].startswith("pyvista-jupyter P_")
        assert bundle["title"] == "PyVista"
        shown = await view(kernel, console, bundle["name"])
        assert (shown["width"], shown["height"]) == ("320px", "240px")
        # An image or a page of pyvista's own stays what it is.
        for options in ("jupyter_backend='static'", "jupyter_kwargs={'mode': 'html'}"):
            outputs = await console.run(f"{PLOT}plotter.show({options})")
            assert outputs.data(MIME_TYPE) == []
            assert outputs.outputs


@asynchronous
async def test_a_hub_needs_no_proxy(mortal: Kernel) -> None:
    await start_anew(mortal)
    async with mortal.console() as console:
        await console.run(PRELUDE + "os.environ['JUPYTERHUB_SERVICE_PREFIX'] = '/user/Ada/'")
        outputs = await console.run(PLOT + "plotter.show()")
        assert len(outputs.data(MIME_TYPE)) == 1
        assert "jupyter-server-proxy" not in outputs.stderr
        await console.run(layout("hub") + "await layout.ready")
        assert "/hub/www/index.html" in await console.value("layout.url")


@asynchronous
async def test_unloading_leaves_nothing(mortal: Kernel) -> None:
    await start_anew(mortal)
    async with mortal.console() as console:
        await console.run(PRELUDE + layout("left") + PLOT)
        await console.run("plotter.show()\nawait layout.ready\nlayout")
        traces = (await console.run(TRACES)).stdout
        for name in (
            "_ipython_display_",
            "iframe_builder",
            "elegantly_launch",
            "_check_server_proxy",
        ):
            assert f".{name}'" in traces
        assert "after_import" in traces
        await console.run("%unload_ext wslink_jupyter")
        assert (await console.run(TRACES)).stdout == "[]\n"
        assert (await console.run("layout")).data(MIME_TYPE) == []
        # And again, as if nothing had been.
        await console.run("%load_ext wslink_jupyter\n" + layout("again"))
        assert len((await console.run("await layout.ready\nlayout")).data(MIME_TYPE)) == 1


@pytest.mark.parametrize("variable", ["TRAME_JUPYTER_ENDPOINT", "TRAME_BACKEND"])
@asynchronous
async def test_who_serves_trame_elsewhere_does(mortal: Kernel, variable: str) -> None:
    await start_anew(mortal)
    async with mortal.console() as console:
        await console.run(PRELUDE + layout("other"))
        value = "aiohttp" if variable == "TRAME_BACKEND" else "/trame-jupyter-server"
        await console.run(f"os.environ[{variable!r}] = {value!r}")
        start = "layout.server.start(exec_mode='task', port=0, backend='aiohttp')\n"
        outputs = await console.run(f"{start}await layout.ready\nlayout")
        assert outputs.data(MIME_TYPE) == []
        assert outputs.data("text/plain")  # trame's own frame, in a widget
        name, text = await console.fails("wl.show(layout)")
        assert name == "RegistrationError"
        assert "does not run yet, or here" in text
        await console.run("await layout.server.stop()")


@asynchronous
async def test_who_makes_a_frame_of_its_own_gets_a_url(
    server: JupyterServer, kernel: Kernel
) -> None:
    async with kernel.console() as console:
        await console.run(PRELUDE + layout("framed"))
        assert await console.value("layout.url") == "Server is not running"
        await console.run("await layout.ready\n_ = display(layout.ipywidget)")
        expected = f"/a%20b/wslink-jupyter/kernels/{kernel.id}/framed/www/index.html"
        url = await console.value("layout.url")
        assert url == f"{expected}?ui=main&wsProxy&reconnect=auto"
        assert f'src="{url}"' in await console.value("layout.ipywidget.value")
        assert (await server.request(url.removeprefix(server.base_url))).code == 200
        await console.run("layout.iframe_builder = lambda layout: {'src': 'of my own'}")
        assert await console.value("layout.url") == "of my own"
        await console.run("urls = []\nhandler = lambda _, src, **__: urls.append(src)")
        await console.run(PLOT + "plotter.show(jupyter_kwargs={'handler': handler})")
        (url,) = await console.value("urls")
        assert f"/{kernel.id}/pyvista-jupyter/www/index.html?ui=P_" in url


@pytest.fixture(scope="module")
def www(kernel: Kernel) -> str:
    """The path of an application's files."""

    @asynchronous
    async def show() -> None:
        async with kernel.console() as console:
            await console.run(PRELUDE + layout("files") + "wl.show(layout)")

    show()
    return f"wslink-jupyter/kernels/{kernel.id}/files/www"


@asynchronous
async def test_the_page_runs_as_its_authors_wrote_it(server: JupyterServer, www: str) -> None:
    page = await server.request(f"{www}/index.html?ui=main&wsProxy&reconnect=auto")
    assert page.code == 200
    assert b"new URL('../ws', location.href)" in page.body
    policy = page.headers["Content-Security-Policy"]
    # It evaluates templates; nobody else may frame it.
    assert "script-src" not in policy
    assert "sandbox" not in policy
    assert "frame-ancestors 'self'" in policy
    types = {"js": "text/javascript", "css": "text/css", "png": "image/png"}
    parts = re.findall(rb'(?:src|href)="(?:\./)?([^"]+\.(js|css|png))"', page.body)
    assert {suffix for _, suffix in parts} == {b"js", b"css", b"png"}
    for path, suffix in parts:
        part = await server.request(f"{www}/{path.decode()}")
        assert part.headers["Content-Type"].split(";")[0] == types[suffix.decode()]
        assert part.headers["X-Content-Type-Options"] == "nosniff"


@asynchronous
async def test_a_page_needs_a_login_and_is_all_there_is(server: JupyterServer, www: str) -> None:
    assert (await server.request(f"{www}/index.html", login=False)).code in (302, 403)
    for path in ("../../../etc/passwd", "..%2F..%2Fsetup.py", "%2Fetc%2Fpasswd", "missing.js"):
        assert (await server.request(f"{www}/{path}")).code in (400, 404)
