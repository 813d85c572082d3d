"""trame servers start in a kernel as they are: ours is what wslink calls its "jupyter" backend.

trame asks wslink for a backend by name; wslink imports the module of that
name at every start (wslink 2.6.0, ``backends/__init__.py``). Nothing here
imports either of them.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable
from contextvars import ContextVar
from functools import wraps
from types import ModuleType
from typing import TYPE_CHECKING, Any

from wslink_jupyter.stock.after_import import AfterImport

if TYPE_CHECKING:
    from wslink_jupyter.stock.servers import StockServers

#: The name that trame, pyvista and trame-jupyter-extension know.
BACKEND = "jupyter"
_MODULE = f"wslink.backends.{BACKEND}"

#: Whether a server is to be ours, whoever else is there.
_asked_for_us: ContextVar[bool] = ContextVar("wslink_jupyter_trame", default=False)


def others_own_kernel() -> bool:
    """Return whether trame-jupyter-extension serves the trame servers of this kernel."""
    endpoint = os.environ.get("TRAME_JUPYTER_ENDPOINT", "")
    return bool(endpoint) and "wslink-jupyter" not in endpoint


def steps_aside() -> bool:
    """Return whether trame servers start elsewhere, unless they are shown or exposed here."""
    return others_own_kernel() or "TRAME_BACKEND" in os.environ


class TrameHooks:
    """What lets trame servers start in a kernel without a word about us.

    Parameters
    ----------
    find_servers : callable
        Returns the kernel's `StockServers`; called when a server starts.
    """

    def __init__(self, find_servers: Callable[[], StockServers]) -> None:
        self._find_servers = find_servers
        self._backend = ModuleType(_MODULE, "Serves through the kernel's link.")
        self._backend.create_webserver = self._create_webserver  # type: ignore[attr-defined]
        self._replaced: ModuleType | None = None
        self._changes = AfterImport({"trame_server.core": _start_in_loop})

    def install(self) -> None:
        """Take the backend's name, and every start from now on."""
        self._replaced = sys.modules.get(_MODULE)
        sys.modules[_MODULE] = self._backend
        self._changes.install()

    def remove(self) -> None:
        """Leave everything as it was found."""
        self._changes.remove()
        if sys.modules.get(_MODULE) is self._backend:
            self._give_back()

    def _give_back(self) -> None:
        if self._replaced is not None:
            sys.modules[_MODULE] = self._replaced
        else:
            del sys.modules[_MODULE]

    def _create_webserver(self, config: dict[str, Any]) -> Any:
        """Return a web server for a configuration of wslink."""
        if others_own_kernel() and not _asked_for_us.get():
            self._give_back()
            try:
                from wslink.backends.jupyter import create_webserver

                return create_webserver(config)
            finally:
                self._replaced = sys.modules.get(_MODULE)
                sys.modules[_MODULE] = self._backend
        return self._find_servers().open(config)


def start_here(server: Any) -> None:
    """Start a trame server as an endpoint of this kernel, unless it runs."""
    if server.running:
        return
    token = _asked_for_us.set(True)
    try:
        server.start(
            exec_mode="task",
            backend=BACKEND,
            port=0,
            timeout=0,
            open_browser=False,
            show_connection_info=False,
            disable_logging=True,
        )
    finally:
        _asked_for_us.reset(token)


def _start_in_loop(core: ModuleType) -> Callable[[], None]:
    """Have ``server.start()``, the last line of every example, work in a cell.

    In a script it blocks, running the loop; in a kernel the loop runs
    already, and trame gives up (trame-server 4.1.0, ``core.py:747``).
    """
    start = core.Server.start

    @wraps(start)
    def start_in_loop(self: Any, *args: Any, **options: Any) -> Any:
        if not steps_aside():
            options["backend"] = options.get("backend") or BACKEND
        is_script = options.get("exec_mode", "main") == "main" and _loop_runs()
        if is_script:
            options["exec_mode"] = "task"
        was_running = self.running
        try:
            task = start(self, *args, **options)
        except BaseException:
            if not was_running:
                self.root_server._running_stage = 0  # or the corrected cell would do nothing
            raise
        return None if is_script else task  # as in a script, so that a cell shows nothing

    core.Server.start = start_in_loop

    def undo() -> None:
        if core.Server.start is start_in_loop:
            core.Server.start = start

    return undo


def _loop_runs() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
