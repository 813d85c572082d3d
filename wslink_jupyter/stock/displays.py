"""trame layouts and pyvista's plots, shown by a cell as they are, are views of ours.

Nothing here imports trame or pyvista: what they do otherwise is changed after
their import.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from typing import Any

from wslink_jupyter.errors import RegistrationError
from wslink_jupyter.stock.after_import import AfterImport
from wslink_jupyter.stock.endpoint import StockEndpoint
from wslink_jupyter.stock.trame import BACKEND, steps_aside
from wslink_jupyter.stock.trame_page import page_of
from wslink_jupyter.views.app_page import AppPage

_STYLE = re.compile(r'\bstyle="([^"]*)"')


class TrameDisplays:
    """Shows in a cell what is displayed there.

    Parameters
    ----------
    serve : callable
        Makes an endpoint of a trame server, and starts it unless it runs.
    show : callable
        Shows a page in the cell.
    """

    def __init__(
        self, serve: Callable[[Any], StockEndpoint], show: Callable[[AppPage], object]
    ) -> None:
        self._serve = serve
        self._show = show
        self._changes = AfterImport(
            {
                "trame_client.ui.core": self._show_layouts,
                "trame_pyvista.jupyter": self._show_plots,
                "pyvista.jupyter.notebook": _miss_no_proxy,
            }
        )

    def install(self) -> None:
        """Show from now on."""
        self._changes.install()

    def remove(self) -> None:
        """Leave everything as it was found."""
        self._changes.remove()

    def _show_layouts(self, core: Any) -> Callable[[], None]:
        layout_class = core.AbstractLayout
        before = layout_class._ipython_display_

        def show_layout(layout: Any) -> None:
            if not self._has_shown(layout):
                before(layout)

        layout_class._ipython_display_ = show_layout

        def undo() -> None:
            layout_class._ipython_display_ = before

        return undo

    def _show_plots(self, jupyter: Any) -> Callable[[], None]:
        def show_plot(widget: Any) -> None:
            found = _STYLE.search(widget.value)
            style = html.unescape(found[1]) if found else ""
            if not self._has_shown(widget.viewer.layout, style):
                from IPython.display import display

                display(widget._repr_mimebundle_(), raw=True)

        widget_class = jupyter.Widget
        undo_launch = _launch_without_waiting(jupyter)
        # Widgets have none: IPython asks them for data.
        widget_class._ipython_display_ = show_plot

        def undo() -> None:
            del widget_class._ipython_display_
            undo_launch()

        return undo

    def _has_shown(self, layout: Any, style: str = "") -> bool:
        if steps_aside() and not layout.server.running:
            return False
        try:
            page = page_of(layout, self._serve, style)
        except RegistrationError:
            return False  # runs elsewhere, where somebody wants it to
        if page is not None:
            self._show(page)
        return page is not None


def _launch_without_waiting(jupyter: Any) -> Callable[[], None]:
    """Have ``plotter.show()`` start its server here, and asyncio left as it is.

    pyvista names a backend of its own, and patches asyncio to wait for the
    server in the middle of a cell (trame-pyvista 0.2.3, ``jupyter.py:525``).
    Ours is ready at once.
    """
    launch = jupyter.elegantly_launch

    def launch_here(*args: Any, **options: Any) -> Any:
        if steps_aside():
            return launch(*args, **options)
        server = jupyter.launch_server(*args, **{**options, "wslink_backend": BACKEND})
        root = server.root_server
        root._root_protocol.port_callback(root._server.get_port())
        return server

    jupyter.elegantly_launch = launch_here

    def undo() -> None:
        if jupyter.elegantly_launch is launch_here:
            jupyter.elegantly_launch = launch

    return undo


def _miss_no_proxy(notebook: Any) -> Callable[[], None]:
    """Have ``plotter.show()`` on a JupyterHub not warn that there is no jupyter-server-proxy."""
    check = notebook._check_server_proxy

    def check_elsewhere(*args: Any) -> None:
        if steps_aside():
            check(*args)

    notebook._check_server_proxy = check_elsewhere

    def undo() -> None:
        notebook._check_server_proxy = check

    return undo
