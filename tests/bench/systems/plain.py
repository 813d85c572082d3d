"""Systems without Jupyter: one server process each."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from collections.abc import Mapping
from types import MappingProxyType

from bench.clients.base import Client
from bench.clients.wslink import Dialect, WslinkClient
from bench.systems.base import TESTS, System

_START_TIMEOUT_S = 30.0
_STOP_TIMEOUT_S = 5.0


class PlainServer(System):
    """A module of `bench.programs` that prints the port it listens on."""

    module = ""
    environment: Mapping[str, str] = MappingProxyType({})

    _process: asyncio.subprocess.Process | None = None
    _url = ""

    async def start(self) -> None:
        log = (self._directory / "server.log").open("wb")
        with log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                *("-m", self.module),
                cwd=self._directory,
                env={**os.environ, "PYTHONPATH": str(TESTS), **self.environment},
                # It ends when this pipe does, so also when this process is killed.
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
            )
        assert self._process.stdout is not None
        async with asyncio.timeout(_START_TIMEOUT_S):
            line = await self._process.stdout.readline()
        if not line.strip().isdigit():
            raise RuntimeError(f"{self.name} did not start: see {self._directory}/server.log")
        self._url = f"ws://127.0.0.1:{int(line)}/ws"

    async def stop(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        assert process.stdin is not None
        process.stdin.close()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_STOP_TIMEOUT_S):
                await process.wait()
        if process.returncode is None:
            process.kill()
            await process.wait()

    async def connect(self) -> Client:
        return await WslinkClient.connect(self._session, self._url, Dialect())

    @property
    def pids(self) -> list[int]:
        assert self._process is not None
        return [self._process.pid]


class Limit(PlainServer):
    """Raw tornado: what the path could do at best."""

    name = "limit"
    module = "bench.programs.limit"


class StockWslink(PlainServer):
    """wslink as it comes: compression on."""

    name = "wslink"
    packages = ("wslink",)
    module = "bench.programs.stock"


class UncompressedWslink(StockWslink):
    """wslink at its best: without compression."""

    name = "wslink-off"
    environment = MappingProxyType({"WSLINK_WS_COMPRESS": "0"})
