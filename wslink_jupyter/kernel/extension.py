"""Loading and unloading: ``%load_ext wslink_jupyter``.

The runtime belongs to the shell it was loaded into; there is no global one.
"""

from __future__ import annotations

import atexit
import threading
from dataclasses import replace
from typing import Any

from IPython.core.getipython import get_ipython

from wslink_jupyter.errors import RuntimeNotLoaded, WslinkJupyterError
from wslink_jupyter.kernel.config import WslinkKernel
from wslink_jupyter.kernel.magics import WslinkMagics
from wslink_jupyter.kernel.runtime import Runtime
from wslink_jupyter.stock.displays import TrameDisplays
from wslink_jupyter.stock.endpoint import StockEndpoint
from wslink_jupyter.stock.page_urls import PageUrls
from wslink_jupyter.stock.trame import TrameHooks
from wslink_jupyter.views.app_page import AppPage
from wslink_jupyter.views.view import show_view

_ATTRIBUTE = "wslink_jupyter_extension"


class Extension:
    """What loading added to a shell, and how to take it away again.

    Parameters
    ----------
    shell : IPython.core.interactiveshell.InteractiveShell
        Of an ipykernel.
    """

    def __init__(self, shell: Any) -> None:
        kernel = getattr(shell, "kernel", None)
        if kernel is None or not hasattr(kernel, "session"):
            raise WslinkJupyterError(
                "wslink_jupyter: expected a Jupyter kernel (ipykernel), got a shell without one"
            )
        self._shell = shell
        self.config = WslinkKernel(parent=shell)
        self.runtime = Runtime(
            # It has none while it reads its configuration.
            lambda: getattr(getattr(kernel, "io_loop", None), "asyncio_loop", None),
            _connection_file(),
            kernel.session.key,
            self.config,
            main_busy=bool(kernel.get_parent("shell")),
        )
        self.config.observe(self._interval_changed, "switch_interval_s")
        shell.configurables.append(self.config)  # for %config WslinkKernel
        shell.events.register("pre_execute", self._cell_starts)
        shell.events.register("post_execute", self._cell_ends)
        shell.register_magics(WslinkMagics(shell, self.runtime))
        self._trame = TrameHooks(lambda: self.runtime.stock)
        self._trame.install()
        self._displays = TrameDisplays(self._serve, self._show_in_cell)
        self._displays.install()
        self._page_urls = PageUrls(_connection_file(), self._serve)
        self._page_urls.install()
        atexit.register(self.runtime.close)

    def _serve(self, server: Any) -> StockEndpoint:
        return self.runtime.stock.serve(server)

    def _show_in_cell(self, page: AppPage) -> None:
        runtime = self.runtime
        # Under another name than a panel's, which stays as it is.
        page = replace(page, default_name=f"{page.default_name} in cell")
        show_view(runtime.shelf, runtime.gallery, runtime.identity, page, None, "cell", None)

    def _cell_starts(self) -> None:
        self._set_main_busy(True)

    def _cell_ends(self) -> None:
        self._set_main_busy(False)

    def _interval_changed(self, change: Any) -> None:
        self.runtime.switch_interval.interval_s = change["new"]

    def _set_main_busy(self, busy: bool) -> None:
        # Subshells run cells in threads of their own.
        if threading.current_thread() is threading.main_thread():
            self.runtime.set_main_busy(busy)

    def unload(self) -> None:
        """Take everything away and close the link."""
        shell = self._shell
        self._page_urls.remove()
        self._displays.remove()
        self._trame.remove()
        shell.configurables.remove(self.config)
        shell.events.unregister("pre_execute", self._cell_starts)
        shell.events.unregister("post_execute", self._cell_ends)
        for kind in ("line", "cell"):
            for name in WslinkMagics.magics[kind]:
                shell.magics_manager.magics[kind].pop(name, None)
        atexit.unregister(self.runtime.close)
        self.runtime.close()


def load(shell: Any) -> None:
    """Load into `shell`. Idempotent."""
    if getattr(shell, _ATTRIBUTE, None) is None:
        setattr(shell, _ATTRIBUTE, Extension(shell))


def unload(shell: Any) -> None:
    """Unload from `shell`. Idempotent."""
    extension = getattr(shell, _ATTRIBUTE, None)
    if extension is not None:
        delattr(shell, _ATTRIBUTE)
        extension.unload()


def current_runtime() -> Runtime:
    """Return the runtime of this kernel.

    Raises
    ------
    RuntimeNotLoaded
        If the extension is not loaded.
    """
    extension = getattr(get_ipython(), _ATTRIBUTE, None)
    if extension is None:
        raise RuntimeNotLoaded(
            "expected the wslink_jupyter extension in this kernel, found none; "
            "run %load_ext wslink_jupyter"
        )
    runtime: Runtime = extension.runtime
    return runtime


def _connection_file() -> str:
    from ipykernel.connect import get_connection_file

    return get_connection_file()
