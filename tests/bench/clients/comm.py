"""An anywidget front end without a browser: commands and custom messages over a comm."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import aiohttp

from bench.clients.base import Client
from bench.clients.kernel_channels import KernelChannels


class CommClient(Client):
    """One page with the widget `model_id` in it.

    Parameters
    ----------
    channels : KernelChannels
    model_id : str
    subshell_id : str, optional
        Of the kernel's thread that is to answer; the main one by default.
    """

    def __init__(
        self, channels: KernelChannels, model_id: str, subshell_id: str | None = None
    ) -> None:
        super().__init__(channels.socket)
        self._channels = channels
        self._model_id = model_id
        self._subshell_id = subshell_id
        channels.listener = self._hear
        self._start_reading()

    @classmethod
    async def connect(
        cls,
        session: aiohttp.ClientSession,
        url: str,
        headers: dict[str, str],
        model_id: str,
        subshell_id: str | None = None,
    ) -> CommClient:
        """Connect a page of its own."""
        channels = await KernelChannels.connect(session, url, headers)
        return cls(channels, model_id, subshell_id)

    async def _send_call(self, number: int, method: str, args: tuple[Any, ...]) -> None:
        # Bytes travel as buffers: JSON cannot hold them.
        buffers = [arg for arg in args if isinstance(arg, bytes)]
        command = {
            "id": number,
            "kind": "anywidget-command",
            "name": method.rpartition(".")[2],
            "msg": [arg for arg in args if not isinstance(arg, bytes)],
        }
        data = {"method": "custom", "content": command}
        content = {"comm_id": self._model_id, "data": data}
        await self._channels.send("shell", "comm_msg", content, buffers, self._subshell_id)

    def _hear(self, kind: str, content: bytes, buffers: Sequence[memoryview]) -> None:
        if kind != "comm_msg":
            return
        message = json.loads(content)
        data = message["data"]
        if message["comm_id"] != self._model_id or data.get("method") != "custom":
            return
        custom = data["content"]
        if custom.get("kind") == "anywidget-command-response":
            self._answer(custom["id"], custom["response"])
        else:
            self.publications += 1
            size_bytes = len(content) + sum(len(buffer) for buffer in buffers)
            self.on_publication(custom["topic"], size_bytes)

    async def _read(self) -> str:
        return await self._channels.read(self._reading)

    async def _disconnect(self) -> None:
        await self._channels.close()
