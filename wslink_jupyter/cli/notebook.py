"""``wslink-jupyter serve notebook.ipynb``: a Jupyter server and a kernel for its views."""

from __future__ import annotations

import asyncio
import os
import secrets
import signal
import sys
from pathlib import Path
from types import FrameType
from typing import Any, TextIO

from jupyter_server.serverapp import ServerApp
from jupyter_server.utils import url_path_join
from traitlets.config import Config

from wslink_jupyter.cli.cells import read_notebook, run_cells
from wslink_jupyter.errors import ServeError, WslinkJupyterError

_START_TIMEOUT_S = 60.0
_WATCH_INTERVAL_S = 0.5


def serve_notebook(
    path: Path, host: str, port: int, *, kernel: str | None, keep_going: bool, allow_root: bool
) -> int:
    """Run a notebook, and serve its views until a signal ends it; return the exit code.

    Raises
    ------
    ServeError
        If there is no such notebook.
    """
    notebook = read_notebook(path)
    kernel_name = kernel or notebook.metadata.get("kernelspec", {}).get("name")
    return _NotebookServer(path.resolve(), notebook, kernel_name, keep_going).run(
        host, port, allow_root
    )


class _NotebookServer:
    """A Jupyter server in this process, with our extension and no other, and one kernel."""

    def __init__(
        self, path: Path, notebook: Any, kernel_name: str | None, keep_going: bool
    ) -> None:
        self._path = path
        self._notebook = notebook
        self._kernel_name = kernel_name
        self._keep_going = keep_going
        self._is_ending = False
        #: Of a program that ends before it serves.
        self._exit_code = 1

    def run(self, host: str, port: int, allow_root: bool) -> int:
        config = Config()
        config.ServerApp.update(
            ip=host,
            port=port,
            port_retries=0,
            open_browser=False,
            allow_root=allow_root,
            root_dir=str(self._path.parent),
            jpserver_extensions={"wslink_jupyter": True},
            log_level="WARN",
        )
        # One that was restarted has run no cell: there would be nothing to serve.
        config.KernelManager.autorestart = False
        # Jupyter would log a URL with a token that it makes itself, before the views are there.
        config.IdentityProvider.token = os.environ.get("JUPYTER_TOKEN") or secrets.token_hex(24)
        self._app = app = ServerApp(config=config)
        app.initialize(argv=[], find_extensions=False)
        for each in (signal.SIGINT, signal.SIGTERM):
            signal.signal(each, self._end)
        app.io_loop.add_callback(self._run_notebook)
        app.start()
        return self._exit_code

    def _end(self, signum: int, frame: FrameType | None) -> None:
        if not self._is_ending:
            self._is_ending = True
            self._app.stop(from_signal=True)  # shuts the kernel down, too

    async def _run_notebook(self) -> None:
        """Start the kernel, run the cells, and say where the views are; or end the server."""
        try:
            kernel_id = await self._start_kernel()
            kernel = self._kernels.get_kernel(kernel_id)
            self._watch = asyncio.create_task(self._watch_kernel(kernel))
            client = kernel.client()
            client.start_channels()
            try:
                await client.wait_for_ready(timeout=_START_TIMEOUT_S)
                await run_cells(client, self._notebook, self._write, keep_going=self._keep_going)
            finally:
                client.stop_channels()
        except WslinkJupyterError as error:
            self._fail(str(error))
        except Exception as error:  # of Jupyter
            self._fail(f"cannot run {self._path.name}: {type(error).__name__}: {error}")
        else:
            self._exit_code = 0
            print(f"wslink-jupyter serves {self._url(kernel_id)}; Ctrl+C stops it", flush=True)

    @property
    def _kernels(self) -> Any:
        # The types are those of a synchronous one.
        return self._app.kernel_manager

    async def _start_kernel(self) -> str:
        specs: Any = self._app.kernel_spec_manager
        known = specs.find_kernel_specs()
        if self._kernel_name is not None and self._kernel_name not in known:
            raise ServeError(
                f"expected an installed kernel ({', '.join(sorted(known)) or 'there is none'}), "
                f"got {self._kernel_name!r}; --kernel chooses another"
            )
        kernel_id: str = await self._kernels.start_kernel(path="", kernel_name=self._kernel_name)
        return kernel_id

    async def _watch_kernel(self, kernel: Any) -> None:
        while await kernel.is_alive():  # noqa: ASYNC110 - Jupyter has no event for it
            await asyncio.sleep(_WATCH_INTERVAL_S)
        self._fail("the kernel died")

    def _write(self, stream: TextIO, text: str) -> None:
        if not self._is_ending:  # then it is only about the end
            stream.write(text)
            stream.flush()

    def _fail(self, sentence: str) -> None:
        if not self._is_ending:
            self._is_ending = True
            print(f"wslink-jupyter: {sentence}", file=sys.stderr, flush=True)
            self._exit_code = 1
            self._app.stop()

    def _url(self, kernel_id: str) -> str:
        page = url_path_join(
            self._app.connection_url, "wslink-jupyter", "kernels", kernel_id, "views/"
        )
        token = self._app.identity_provider.token
        return f"{page}?token={token}" if token else page
