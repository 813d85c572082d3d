"""A real kernel of a `JupyterServer`: cells in, outputs out."""

from __future__ import annotations

import asyncio
import os
import queue
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from jupyter_client import AsyncKernelClient
from support.jupyter import JupyterServer
from support.waiting import PATIENCE_S, soon, until

#: What the cells of these tests take for granted.
PRELUDE = """
%load_ext wslink_jupyter
import asyncio, os, signal, sys, threading, time
import numpy as np
import wslink_jupyter as wl
"""


class Cell:
    """One cell that was sent to a kernel, and what it has put out so far.

    Attributes
    ----------
    outputs : list of (str, dict)
        Message type and content, as they come: also long after the cell.
    """

    def __init__(self, msg_id: str, code: str) -> None:
        self.msg_id = msg_id
        self.code = code
        self.outputs: list[tuple[str, dict[str, Any]]] = []
        self.reply: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self.idle = asyncio.Event()

    async def done(self, timeout_s: float = PATIENCE_S) -> Cell:
        """Wait for the end of the cell, and of its outputs; it must not fail."""
        await self.ended(timeout_s)
        content = self.reply.result()
        text = "\n".join(content.get("traceback", ()))
        assert content["status"] == "ok", f"cell failed:\n{self.code}\n{text or content}"
        return self

    async def ended(self, timeout_s: float = PATIENCE_S) -> Cell:
        """Wait for the end of the cell, however it ends."""
        try:
            async with asyncio.timeout(timeout_s):
                await self.reply
                await self.idle.wait()
        except TimeoutError:
            texts = [content for kind, content in self.outputs if kind in ("stream", "error")]
            raise AssertionError(f"the cell goes on:\n{self.code}\nand wrote {texts}") from None
        return self

    async def printed(self, text: str, name: str = "stdout") -> None:
        """Wait until the cell's output has `text`."""
        await until(lambda: text in self.stream(name), f"{text!r} in {name} of the cell")

    def stream(self, name: str) -> str:
        """Return the text of ``stdout`` or ``stderr``."""
        return "".join(
            content["text"]
            for kind, content in self.outputs
            if kind == "stream" and content["name"] == name
        )

    @property
    def stdout(self) -> str:
        return self.stream("stdout")

    @property
    def stderr(self) -> str:
        return self.stream("stderr")

    @property
    def error(self) -> tuple[str, str]:
        """Name and text of the exception that ended the cell."""
        content = self.reply.result()
        return content.get("ename", ""), content.get("evalue", "")

    def data(self, mime_type: str) -> list[Any]:
        """Return what the cell displayed as `mime_type`."""
        kinds = ("display_data", "execute_result")
        return [
            content["data"][mime_type]
            for kind, content in self.outputs
            if kind in kinds and mime_type in content["data"]
        ]


class Console:
    """Runs cells in a kernel, as a notebook does: over its own ZMQ channels."""

    def __init__(self, client: AsyncKernelClient) -> None:
        self._client = client
        self._cells: dict[str, Cell] = {}
        self._heard = asyncio.Event()

    def start(self, code: str) -> Cell:
        """Send a cell and do not wait for it."""
        cell = Cell(self._client.execute(code, allow_stdin=False), code)
        self._cells[cell.msg_id] = cell
        return cell

    async def run(self, code: str) -> Cell:
        """Run a cell, which must not fail."""
        return await self.start(code).done()

    async def fails(self, code: str) -> tuple[str, str]:
        """Run a cell that must fail; return the exception's name and text."""
        cell = await self.start(code).ended()
        assert cell.reply.result()["status"] == "error", cell.outputs
        return cell.error

    async def value(self, expression: str) -> Any:
        """Return the value of an expression that `repr` can tell."""
        return eval((await self.run(f"print(repr({expression}))")).stdout)

    async def until_ready(self) -> None:
        """Wait until the kernel answers and its outputs arrive here."""
        self._heard.clear()

        async def answered() -> bool:
            self._client.kernel_info()
            try:
                async with asyncio.timeout(0.3):
                    await self._heard.wait()
            except TimeoutError:
                return False
            return True

        await until(answered, "an answer of the kernel")

    async def read_outputs(self) -> None:
        """Sort what the kernel publishes, for ever."""
        while True:
            message = await self._client.iopub_channel.get_msg()
            kind, content = message["msg_type"], message["content"]
            self._heard.set()
            cell = self._cells.get(message["parent_header"].get("msg_id", ""))
            if cell is None:
                continue
            if kind == "status" and content["execution_state"] == "idle":
                cell.idle.set()
            else:
                cell.outputs.append((kind, content))

    async def read_replies(self) -> None:
        """Sort the kernel's replies, for ever."""
        while True:
            try:
                # Not for ever: a request that is sent meanwhile may swallow the wake-up.
                message = await self._client.shell_channel.get_msg(timeout=0.05)
            except queue.Empty:
                continue
            cell = self._cells.get(message["parent_header"].get("msg_id", ""))
            if cell is not None and not cell.reply.done():
                cell.reply.set_result(message["content"])


class Kernel:
    """A kernel of a server."""

    def __init__(self, server: JupyterServer, kernel_id: str) -> None:
        self.server = server
        self.id = kernel_id

    @classmethod
    async def start(cls, server: JupyterServer) -> Kernel:
        """Start a kernel over REST."""
        model = await server.json("api/kernels", "POST", {})
        return cls(server, model["id"])

    @property
    def connection_file(self) -> Path:
        return self.server.runtime_directory / f"kernel-{self.id}.json"

    @property
    def socket_url(self) -> str:
        return self.server.socket_url(self.id)

    @asynccontextmanager
    async def console(self) -> AsyncIterator[Console]:
        """Open the kernel's channels."""
        await until(self.connection_file.exists, "a connection file")
        client = AsyncKernelClient()
        client.load_connection_file(str(self.connection_file))
        client.start_channels(shell=True, iopub=True, stdin=False, hb=False, control=False)
        console = Console(client)
        readers = [
            asyncio.create_task(console.read_outputs()),
            asyncio.create_task(console.read_replies()),
        ]
        try:
            await console.until_ready()
            yield console
        finally:
            for reader in readers:
                reader.cancel()
            await asyncio.gather(*readers, return_exceptions=True)
            client.stop_channels()

    async def load(self) -> None:
        """Load the extension, if it is not."""
        async with self.console() as console:
            await console.run(PRELUDE)

    async def model(self) -> dict[str, Any]:
        """Return what ``/api/kernels`` says of it."""
        model: dict[str, Any] = await self.server.json(f"api/kernels/{self.id}")
        return model

    async def runtime(self) -> dict[str, Any] | None:
        """Return what ``/wslink-jupyter/kernels`` says of it, if anything."""
        runtimes = await self.server.runtimes()
        return next((runtime for runtime in runtimes if runtime["id"] == self.id), None)

    async def sessions(self) -> list[dict[str, Any]]:
        """Return the sessions of its default endpoint."""
        runtime = await self.runtime()
        if runtime is None:
            return []
        sessions: list[dict[str, Any]] = runtime["endpoints"][0]["sessions"]
        return sessions

    async def restart(self) -> None:
        """Restart it as the Restart button does."""
        await soon(self.server.json(f"api/kernels/{self.id}/restart", "POST", {}))

    async def interrupt(self) -> None:
        """Interrupt it as the Stop button does."""
        await self.server.json(f"api/kernels/{self.id}/interrupt", "POST", {})

    async def shut_down(self) -> None:
        """Shut it down for good."""
        await soon(self.server.json(f"api/kernels/{self.id}", "DELETE"))


async def session_of(kernel: Kernel, client_id: str) -> dict[str, Any]:
    """Return what the REST route says of one session."""
    return next(entry for entry in await kernel.sessions() if entry["id"] == client_id)


def adds_up(session: dict[str, Any]) -> bool:
    """Return whether what was put is what became of it."""
    fates = ("sent", "queued", "coalesced", "dropped")
    return all(
        session[f"put_{unit}"] == sum(session[f"{fate}_{unit}"] for fate in fates)
        for unit in ("messages", "bytes")
    )


def kill(pid: int) -> None:
    """Kill a process that cannot say good-bye."""
    os.kill(pid, signal.SIGKILL)
