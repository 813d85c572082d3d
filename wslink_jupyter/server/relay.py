"""Carries frames between one browser and one kernel; decodes no payload.

A browser that does not read stops the kernel's connection of this session, and
of no other. Up to the kernel, one frame is held here; down to the browser little
more: what is urgent passes the others (`wslink_jupyter.transport.passing`).
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Sequence
from functools import partial

from wslink_jupyter.codes import CloseCode
from wslink_jupyter.errors import (
    ConnectionClosed,
    EndpointMissing,
    LinkError,
    LinkVersionMismatch,
    RemoteProtocolError,
    RuntimeNotLoaded,
)
from wslink_jupyter.server.kernel_link import KernelLink, Status
from wslink_jupyter.server.notices import Notices
from wslink_jupyter.server.state import ServerState
from wslink_jupyter.transport.base import FrameTransport
from wslink_jupyter.wire.envelopes import begins_call
from wslink_jupyter.wire.header import Buffer, ChunkHeader

_LOAD_HINT = "run %load_ext wslink_jupyter in the notebook"
_RETRY_S = 0.1
#: How exactly it is known when a kernel was used.
_USE_INTERVAL_S = 1.0
#: How long to find out whether a kernel that went away is gone for good: as it is, and
#: while Jupyter is shutting it down, which may be for a restart.
_FATE_TIMEOUT_S = 1.0
_SHUTDOWN_TIMEOUT_S = 15.0


class Relay:
    """One browser's way to one endpoint of one kernel.

    Parameters
    ----------
    browser : FrameTransport
    notices : Notices
        Told how the kernel is; written by the caller.
    state : ServerState
    kernel_id, endpoint, user : str
    on_use : callable
        Called for calls, once a second at most: what users cause, unlike acknowledgements.

    Attributes
    ----------
    connection : str
        Names the session on the link's control connection.
    """

    def __init__(
        self,
        browser: FrameTransport,
        notices: Notices,
        state: ServerState,
        kernel_id: str,
        endpoint: str,
        user: str,
        on_use: Callable[[], None],
    ) -> None:
        self._browser = browser
        self._notices = notices
        self._state = state
        self._kernel_id = kernel_id
        self._endpoint = endpoint
        self._user = user
        self._on_use = on_use
        self._epoch: str | None = None
        self.connection = secrets.token_hex(8)
        self._loop = asyncio.get_running_loop()
        self._next_use_s = self._loop.time()
        self._ended: asyncio.Future[None] = self._loop.create_future()

    async def run(self) -> ConnectionClosed:
        """Carry frames until either side ends; return how it ended.

        Notes
        -----
        Both transports are closed when this returns or is cancelled.
        """
        closed = ConnectionClosed(CloseCode.GOING_AWAY, "the server stops")
        try:
            kernel, link = await self._open_link()
            kernel.watch(self)
            try:
                closed = await self._carry(link)
            finally:
                kernel.unwatch(self)
                await link.close(closed.code, closed.reason)
        except ConnectionClosed as error:
            closed = error
        except Exception:
            closed = ConnectionClosed(CloseCode.INTERNAL_ERROR, "the server failed; see its log")
            raise
        finally:
            await self._browser.close(closed.code, closed.reason)
        return closed

    async def _open_link(self) -> tuple[KernelLink, FrameTransport]:
        """Wait until the kernel has a runtime with the endpoint; the browser's hello waits, too."""
        config = self._state.config
        deadline_s = self._loop.time() + config.runtime_timeout_s
        while self._kernel_id in self._state.kernels:
            kernel = self._state.link(self._kernel_id)
            try:
                link, self._epoch = await kernel.open_session(
                    self._endpoint, self._user, config.max_frame_bytes, self.connection
                )
                return kernel, link
            except RuntimeNotLoaded:
                reason = f"this kernel has no wslink runtime: {_LOAD_HINT}"
            except EndpointMissing as error:
                reason = str(error)  # after a restart its cell has yet to run
            except LinkVersionMismatch as error:
                # The whole sentence; a close frame holds 123 bytes of it.
                self._notices.tell("absent", None, str(error))
                await self._notices.flush()
                raise ConnectionClosed(CloseCode.NO_RUNTIME, str(error)) from error
            except LinkError as error:
                reason = f"the kernel's wslink runtime: {error}"
            self._notices.tell("absent", None, reason)
            if self._loop.time() >= deadline_s:
                raise ConnectionClosed(CloseCode.NO_RUNTIME, reason)
            await asyncio.sleep(_RETRY_S)
        raise await self._dead()

    async def _carry(self, link: FrameTransport) -> ConnectionClosed:
        up = asyncio.create_task(self._browser.deliver(partial(self._carry_up, link)))
        down = asyncio.create_task(self._carry_down(link))
        ends = (self._ended, down, up)
        try:
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
            error = next(end for end in ends if end.done()).exception()
            if isinstance(error, _LinkClosed):
                return await self._fate(error)
            if isinstance(error, RemoteProtocolError):
                return ConnectionClosed(error.close_code, str(error))
            if isinstance(error, ConnectionClosed):
                return error
            raise error or AssertionError("a carrier ended without an error")
        finally:
            for end in ends:
                end.cancel()
            await asyncio.gather(*ends, return_exceptions=True)

    def _carry_up(self, link: FrameTransport, frame: Buffer) -> Awaitable[None] | None:
        header = ChunkHeader.decode(frame)
        limit = self._state.config.max_message_bytes
        if header.total > limit:
            text = f"message: expected at most {limit} bytes, got {header.total}"
            raise ConnectionClosed(CloseCode.TOO_BIG, text)
        now_s = self._loop.time()
        if now_s >= self._next_use_s and begins_call(frame):
            self._next_use_s = now_s + _USE_INTERVAL_S
            self._on_use()
        try:
            pending = link.send((frame,))
        except ConnectionClosed as error:
            raise _LinkClosed(error.code, error.reason) from error
        return None if pending is None else _or_link_closed(pending)

    async def _carry_down(self, link: FrameTransport) -> None:
        def take_parts(parts: Sequence[Buffer]) -> Awaitable[None] | None:
            try:
                pending = self._browser.send(parts)
            except ConnectionClosed as error:
                raise _BrowserClosed(error.code, error.reason) from error
            return None if pending is None else _or_browser_closed(pending)

        link.hand_over_parts(take_parts, self._browser.flush)
        try:
            await link.deliver(lambda frame: take_parts((frame,)))
        except _BrowserClosed:
            raise
        except ConnectionClosed as error:
            raise _LinkClosed(error.code, error.reason) from error

    async def _fate(self, closed: ConnectionClosed) -> ConnectionClosed:
        """Return what the end of a link means for the browser."""
        if closed.code not in (CloseCode.ABNORMAL, CloseCode.KERNEL_RESTARTED):
            return closed  # the kernel said why
        reason = "the kernel restarted: run the cells again"
        if closed.code == CloseCode.KERNEL_RESTARTED:
            reason = closed.reason  # unloaded, say
        self._notices.tell("restarted", self._epoch, reason)
        began_s = self._loop.time()
        while self._kernel_id in self._state.kernels:
            shuts_down = self._state.is_shutting_down(self._kernel_id)
            limit_s = _SHUTDOWN_TIMEOUT_S if shuts_down else _FATE_TIMEOUT_S
            if self._loop.time() - began_s >= limit_s:
                break
            await asyncio.sleep(_RETRY_S)
        else:
            return await self._dead()
        return ConnectionClosed(CloseCode.KERNEL_RESTARTED, reason)

    async def _dead(self) -> ConnectionClosed:
        reason = "the kernel was shut down"
        self._notices.tell("dead", None, reason)
        await self._notices.flush()
        return ConnectionClosed(CloseCode.KERNEL_DEAD, reason)

    def ended(self, closed: ConnectionClosed) -> None:
        """Take the end of the session: the browser does not read, so its link is full."""
        if not self._ended.done():
            self._ended.set_exception(closed)

    def status_changed(self, status: Status) -> None:
        """Tell the browser how the kernel is."""
        if status.get("epoch") == self._epoch:
            self._notices.tell("busy" if status.get("busy") else "ready", self._epoch)


class _LinkClosed(ConnectionClosed):
    """The kernel's side ended, not the browser's."""


class _BrowserClosed(ConnectionClosed):
    """The browser's side ended, not the kernel's."""


async def _or_link_closed(pending: Awaitable[None]) -> None:
    try:
        await pending
    except ConnectionClosed as error:
        raise _LinkClosed(error.code, error.reason) from error


async def _or_browser_closed(pending: Awaitable[None]) -> None:
    try:
        await pending
    except ConnectionClosed as error:
        raise _BrowserClosed(error.code, error.reason) from error
