"""Systems that reach a Jupyter kernel through a real Jupyter server."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from support.jupyter import JupyterServer

from bench.clients.base import Client
from bench.clients.comm import CommClient
from bench.clients.kernel_channels import KernelChannels
from bench.clients.wslink import Dialect, WslinkClient
from bench.programs.stream import LATEST_TOPIC, SMALL_TOPIC, TOPIC
from bench.systems.base import TESTS, System

#: Of the wslink extensions that our endpoint and its client speak.
_PROTOCOL = 1


class JupyterSystem(System):
    """A Jupyter server with one kernel in it.

    Attributes
    ----------
    extensions : mapping
        Server extensions to enable.
    options : tuple of str
        Further command-line options of the server.
    """

    extensions: Mapping[str, bool] = MappingProxyType({})
    options: tuple[str, ...] = ()

    _server: JupyterServer | None = None
    _kernel_id = ""
    _channels: KernelChannels | None = None
    _reader: asyncio.Task[str] | None = None

    async def start(self) -> None:
        server = JupyterServer(
            self._directory,
            options=self.options,
            environment={"PYTHONPATH": str(TESTS)},
        )
        server.enabling = (f"--ServerApp.jpserver_extensions={dict(self.extensions)}",)
        self._server = server
        await asyncio.to_thread(server.start)
        self._kernel_id = (await server.json("api/kernels", "POST", {}))["id"]
        self._channels = await KernelChannels.connect(
            self._session, self._channels_url, self._headers
        )
        may_read = asyncio.Event()
        may_read.set()
        self._reader = asyncio.create_task(self._channels.read(may_read))
        await self._prepare()

    async def _prepare(self) -> None:
        """Start the benchmark's program in the kernel."""
        raise NotImplementedError

    async def stop(self) -> None:
        if self._channels is not None:
            await self._channels.close()
        if self._reader is not None:
            self._reader.cancel()
            await asyncio.gather(self._reader, return_exceptions=True)
        server, self._server = self._server, None
        if server is not None:
            try:
                await asyncio.to_thread(server.stop)
            except AssertionError as error:
                # What peers log is their affair, what we log is a finding; neither ends a run.
                if isinstance(self, Ours):
                    print(f"{self.name}: {str(error)[:2000]}", file=sys.stderr)

    @property
    def pids(self) -> list[int]:
        assert self._server is not None
        return [self._server.pid]

    async def run_cell(self, code: str, expression: str = "None") -> Any:
        assert self._channels is not None
        return await self._channels.execute(code, expression)

    def _url(self, path: str) -> str:
        assert self._server is not None
        return self._server.url(path, "ws")

    @property
    def _channels_url(self) -> str:
        return self._url(f"api/kernels/{self._kernel_id}/channels")

    @property
    def _headers(self) -> dict[str, str]:
        assert self._server is not None
        return {"Authorization": f"token {self._server.token}"}


class Ours(JupyterSystem):
    """wslink_jupyter as it is shipped, all defaults."""

    name = "ours"
    packages = ("wslink-jupyter",)
    extensions = MappingProxyType({"wslink_jupyter": True})
    #: Frames as our clients cut them on a line of this speed.
    dialect = Dialect(2 * 1024 * 1024, _PROTOCOL, (TOPIC, LATEST_TOPIC, SMALL_TOPIC))

    async def _prepare(self) -> None:
        await self.run_cell("%load_ext wslink_jupyter\nfrom bench.programs import ours")
        await self.run_cell("ours.start()")

    async def connect(self) -> Client:
        assert self._server is not None
        url = self._server.socket_url(self._kernel_id)
        return await WslinkClient.connect(self._session, url, self.dialect, self._headers)


class OursForStockClients(Ours):
    """The same for a client that is not ours, such as npm wslink."""

    name = "ours-stock"
    dialect = Dialect()


class OursSwitching(Ours):
    """The same with the option for short calls beside busy pure Python."""

    name = "ours-switch"

    async def start(self) -> None:
        profile = self._directory / "ipython" / "profile_default"
        profile.mkdir(parents=True)
        config = profile / "ipython_kernel_config.py"
        config.write_text("c = get_config()\nc.WslinkKernel.switch_interval_s = 0.0005\n")
        await super().start()


class Proxied(JupyterSystem):
    """Stock wslink inside a kernel, reached through jupyter-server-proxy."""

    name = "jsp"
    packages = ("wslink", "jupyter-server-proxy")
    extensions = MappingProxyType({"jupyter_server_proxy": True})

    async def _prepare(self) -> None:
        await self.run_cell("import os; os.environ['WSLINK_WS_COMPRESS'] = '0'")
        code = "from bench.programs import stock\nport = await stock.start_in_kernel()"
        self._port = await self.run_cell(code, "port")

    async def connect(self) -> Client:
        url = self._url(f"proxy/{self._port}/ws")
        return await WslinkClient.connect(self._session, url, Dialect(), self._headers)


class Comm(JupyterSystem):
    """A Jupyter comm, under an anywidget."""

    name = "comm"
    packages = ("anywidget",)
    # Its rate limiter drops messages, and what is dropped cannot be measured.
    options = ("--ZMQChannelsWebsocketConnection.limit_rate=False",)

    _subshell_id: str | None = None

    async def _prepare(self) -> None:
        self._model_id = await self.run_cell(
            "from bench.programs import comm\nwidget = comm.start()", "widget.model_id"
        )

    async def connect(self) -> Client:
        return await CommClient.connect(
            self._session, self._channels_url, self._headers, self._model_id, self._subshell_id
        )


class CommInSubshell(Comm):
    """The same in a subshell of the kernel, a thread, as JupyterLab does since 4.4."""

    name = "comm-subshell"

    async def _prepare(self) -> None:
        await super()._prepare()
        assert self._channels is not None
        reply = await self._channels.request("control", "create_subshell_request", {})
        self._subshell_id = reply["subshell_id"]
