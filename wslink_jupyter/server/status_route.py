"""``GET wslink-jupyter/kernels``: which kernels have a runtime, and who uses it."""

from __future__ import annotations

import asyncio
from typing import Any

from jupyter_server.auth.decorator import authorized
from jupyter_server.base.handlers import APIHandler
from tornado import web

from wslink_jupyter.errors import LinkError
from wslink_jupyter.server.state import ServerState


class StatusRoute(APIHandler):
    """Lists kernels with a runtime; asks each over its link."""

    auth_resource = "kernels"

    def initialize(self, state: ServerState) -> None:
        """Take what the routes share."""
        super().initialize()
        self._state = state

    @web.authenticated
    @authorized("read", "kernels")
    async def get(self) -> None:
        """Answer ``{"kernels": [{"id", "epoch", "version", "busy", "endpoints"}]}``."""
        self._state.forget_ended_kernels()
        kernel_ids = list(self._state.kernels.list_kernel_ids())
        found = await asyncio.gather(*map(self._status, kernel_ids))
        self.finish({"kernels": [status for status in found if status is not None]})

    async def _status(self, kernel_id: str) -> dict[str, Any] | None:
        try:
            return {"id": kernel_id, **await self._state.link(kernel_id).status()}
        except LinkError:
            return None
        except KeyError:
            return None  # shut down meanwhile
