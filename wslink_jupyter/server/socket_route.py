"""The authenticated WebSocket route; carries out what the relay decides."""

from __future__ import annotations

import asyncio
import datetime
from typing import Any

from jupyter_core.utils import ensure_async
from jupyter_server.auth.decorator import ws_authenticated
from jupyter_server.base.handlers import JupyterHandler
from jupyter_server.base.websocket import WebSocketMixin
from tornado.web import HTTPError
from tornado.websocket import WebSocketHandler

from wslink_jupyter.codes import CloseCode
from wslink_jupyter.errors import ConnectionClosed
from wslink_jupyter.limits import FRAME_OVERHEAD_BYTES
from wslink_jupyter.server.notices import Notices
from wslink_jupyter.server.relay import Relay
from wslink_jupyter.server.state import ServerState
from wslink_jupyter.transport.socket_handler import FrameSocket


class WslinkSocket(FrameSocket, WebSocketMixin, WebSocketHandler, JupyterHandler):
    """One browser's socket to one endpoint of one kernel.

    Authorized as (execute, kernels), like the kernel's own WebSocket: a call
    runs code in the kernel. Origin and token are checked by the base classes,
    of which Jupyter's mixin has to come before tornado's handler.
    """

    auth_resource = "kernels"
    kernel_id = ""

    def initialize(self, state: ServerState) -> None:
        """Take what the routes share."""
        super().initialize()
        self._state = state
        self._task: asyncio.Task[None] | None = None
        self._is_over = False

    @property
    def max_message_size(self) -> int:
        """Largest WebSocket message, in bytes; tornado closes with 1009 above it."""
        return int(self._state.config.max_frame_bytes) + FRAME_OVERHEAD_BYTES

    @ws_authenticated
    async def get(self, kernel_id: str, endpoint: str) -> None:
        """Authorize and upgrade.

        Raises
        ------
        tornado.web.HTTPError
            403 without permission, 404 without such a kernel.
        """
        if not await self._is_allowed():
            raise HTTPError(403)
        if kernel_id not in self.kernel_manager:
            raise HTTPError(404, f"kernel does not exist: {kernel_id}")
        self.kernel_id = kernel_id
        await super().get(kernel_id=kernel_id, endpoint=endpoint)

    async def open(self, kernel_id: str, endpoint: str) -> None:
        """Start the relay; on_message is not called before this returns."""
        super().open()
        if self._is_over:
            return
        # Re-checking a login may want to renew its cookie: too late for one.
        self.set_cookie = lambda *args, **kwargs: None  # type: ignore[method-assign]
        config, state = self._state.config, self._state
        allocate = state.link(kernel_id).pool.take
        self.start_frames(config.ping_interval_s, config.ping_timeout_s, allocate)
        self._notices = Notices(self.write_text)
        if not state.open_socket(kernel_id):
            self.close(CloseCode.TOO_MANY_CONNECTIONS, "too many open sockets: close some tabs")
            return
        self.kernel_manager.notify_connect(kernel_id)
        relay = Relay(
            self.frames,
            self._notices,
            state,
            kernel_id,
            endpoint,
            str(self.current_user.username),
            self._note_use,
        )
        self._task = asyncio.create_task(self._serve(relay), name=f"wslink socket {kernel_id}")

    def on_close(self) -> None:
        """Leave nothing behind; also called for one that leaves before it is opened."""
        self._is_over = True
        if not hasattr(self, "frames"):
            return
        self.frames.lost(self.close_code, self.close_reason)
        if self._task is None:
            return
        self._task.cancel()
        self._state.close_socket(self.kernel_id)
        self.kernel_manager.notify_disconnect(self.kernel_id)

    async def _serve(self, relay: Relay) -> None:
        """Run the relay until it, the heartbeat or the login ends."""
        relaying = asyncio.create_task(relay.run())
        noticing = asyncio.create_task(self._notices.run())
        judges = [
            asyncio.create_task(self._until_silent()),
            asyncio.create_task(self._until_refused()),
        ]
        try:
            await asyncio.wait((relaying, *judges), return_when=asyncio.FIRST_COMPLETED)
            for judge in judges:
                if judge.done():
                    closed = judge.result()
                    await self.frames.close(closed.code, closed.reason)
                    if closed.code == CloseCode.HEARTBEAT_TIMEOUT:
                        self.frames.drop()  # nobody is there to answer
            if relaying.done() and relaying.exception() is not None:
                fault = relaying.exception()
                self.log.error("wslink socket of %s failed", self.kernel_id, exc_info=fault)
        finally:
            for task in (relaying, noticing, *judges):
                task.cancel()
            await asyncio.gather(relaying, noticing, *judges, return_exceptions=True)

    async def _until_silent(self) -> ConnectionClosed:
        silence_s = await self.heartbeat.until_silent()
        self.log.info(
            "wslink socket of kernel %s: the browser was silent for %.0f s",
            self.kernel_id,
            silence_s,
        )
        return ConnectionClosed(CloseCode.HEARTBEAT_TIMEOUT, "no sign of life from the browser")

    async def _until_refused(self) -> ConnectionClosed:
        """Check login and permission again, as nobody does for open sockets."""
        while True:
            await asyncio.sleep(self._state.config.recheck_interval_s)
            try:
                self._jupyter_current_user = None
                user = await ensure_async(self.identity_provider.get_user(self))
                if user is None:
                    return ConnectionClosed(CloseCode.NOT_ALLOWED, "login expired: log in again")
                self.current_user = user
                if not await self._is_allowed():
                    return ConnectionClosed(CloseCode.NOT_ALLOWED, "not allowed any more")
            except Exception as error:  # a Hub that does not answer is no refusal
                self.log.warning("wslink socket: cannot check the login again: %s", error)

    async def _is_allowed(self) -> bool:
        return bool(
            await ensure_async(
                self.authorizer.is_authorized(self, self.current_user, "execute", "kernels")
            )
        )

    def _note_use(self) -> None:
        """Keep culling honest: what users do counts, heartbeats do not."""
        now = datetime.datetime.now(datetime.UTC)
        kernels: Any = self.kernel_manager
        if self.kernel_id in kernels:
            kernels.get_kernel(self.kernel_id).last_activity = now
            kernels.last_kernel_activity = now
        self.settings["last_activity_times"]["wslink_jupyter"] = now
