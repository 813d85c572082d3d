"""URLs of trame's pages, for code that puts them into frames of its own.

What a cell displays needs none: the browser knows where its server is. A kernel
knows it from the Jupyter server that started it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from wslink_jupyter.errors import RegistrationError
from wslink_jupyter.stock.after_import import AfterImport
from wslink_jupyter.stock.endpoint import StockEndpoint
from wslink_jupyter.stock.trame import steps_aside

#: Set by our server extension: the kernels that it starts inherit it.
_BASE_URL_VARIABLE = "WSLINK_JUPYTER_BASE_URL"
#: As Jupyter servers name the connection file of a kernel.
_CONNECTION_FILE = re.compile(r"kernel-(\w+-\w+-\w+-\w+-\w+)\.json")


class PageUrls:
    """Has trame and pyvista tell URLs of ours: ``layout.url``, frames in widgets, handlers.

    Parameters
    ----------
    connection_file : str
        Of the kernel; says its id.
    serve : callable
        Makes an endpoint of a trame server, and starts it unless it runs.
    """

    def __init__(self, connection_file: str, serve: Callable[[Any], StockEndpoint]) -> None:
        found = _CONNECTION_FILE.fullmatch(Path(connection_file).name)
        self._kernel_id = found[1] if found else ""
        self._serve = serve
        self._changes = AfterImport(
            {"trame_client.ui.core": self._build_frames, "trame_pyvista.jupyter": self._build_urls}
        )

    def install(self) -> None:
        """Tell them from now on."""
        self._changes.install()

    def remove(self) -> None:
        """Leave everything as it was found."""
        self._changes.remove()

    def url(self, server: Any, ui: str) -> str | None:
        """Return the absolute path of a page; None if we do not serve it, or do not know."""
        base_url = os.environ.get(_BASE_URL_VARIABLE)
        if base_url is None or not self._kernel_id or steps_aside() or not server.running:
            return None
        try:
            endpoint = self._serve(server).name
        except RegistrationError:
            return None
        path = f"{base_url}wslink-jupyter/kernels/{self._kernel_id}/{endpoint}/www/index.html"
        return f"{path}?{urlencode({'ui': ui})}&wsProxy&reconnect=auto"

    def _build_frames(self, core: Any) -> Callable[[], None]:
        """Replace what a layout is built into by default; what its author chose stays."""
        stock = [
            value for name, value in vars(core).items() if name.startswith("iframe_url_builder_")
        ]
        before = core.AbstractLayout.iframe_builder

        def builder_of(layout: Any) -> Any:
            builder = before.fget(layout)
            url = self.url(layout.server, layout.template_name) if builder in stock else None
            if url is None:
                return builder
            return lambda layout: {
                "id": f"{layout.server.name}_{layout._template_name}",
                "src": url,
                "style": layout.iframe_style,
                **layout.iframe_attrs,
            }

        core.AbstractLayout.iframe_builder = property(builder_of, before.fset, None, before.__doc__)

        def undo() -> None:
            core.AbstractLayout.iframe_builder = before

        return undo

    def _build_urls(self, jupyter: Any) -> Callable[[], None]:
        before = jupyter.build_url

        def build_url(server: Any, *, ui: str | None = None, **options: Any) -> Any:
            return self.url(server, ui or "main") or before(server, ui=ui, **options)

        jupyter.build_url = build_url

        def undo() -> None:
            jupyter.build_url = before

        return undo
