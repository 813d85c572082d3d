"""The kernel-side owner of endpoints and link; one per kernel."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import threading
import uuid
import weakref
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wslink_jupyter._version import __version__
from wslink_jupyter.codes import CloseCode
from wslink_jupyter.errors import LinkError, WslinkJupyterError
from wslink_jupyter.kernel.config import WslinkKernel
from wslink_jupyter.kernel.listener import LinkListener
from wslink_jupyter.kernel.switch_interval import SwitchInterval
from wslink_jupyter.rpc.endpoint import Endpoint, Identity
from wslink_jupyter.rpc.execution import Runners, run_in_pool, run_on_this_loop
from wslink_jupyter.rpc.inspector import Inspector
from wslink_jupyter.rpc.interrupts import call_interruptible
from wslink_jupyter.rpc.loop_thread import LoopThread
from wslink_jupyter.rpc.main_thread import MainThread
from wslink_jupyter.rpc.worker_pool import WorkerPool
from wslink_jupyter.stock.protocols import StockProtocols
from wslink_jupyter.transport.endpoint_table import EndpointTable
from wslink_jupyter.transport.rendezvous import Rendezvous, remove, rendezvous_path, sweep
from wslink_jupyter.transport.served import SessionEndpoint
from wslink_jupyter.views.pictures.gallery import Gallery
from wslink_jupyter.views.shelf import ViewShelf

if TYPE_CHECKING:
    from wslink_jupyter.stock.servers import StockServers

_log = logging.getLogger("wslink_jupyter.kernel")

DEFAULT_ENDPOINT = "default"
_CLOSE_TIMEOUT_S = 5.0


class Runtime:
    """Endpoints, views and link of one kernel, from load to unload.

    Parameters
    ----------
    find_main_loop : callable
        Returns the loop of the kernel's main thread; None before it has one.
    connection_file : str
        Of the kernel; the rendezvous is written beside it.
    key : bytes
        Of the connection file.
    config : WslinkKernel
    main_busy : bool
        Whether a cell is running: usually the one that loads the extension.

    Attributes
    ----------
    default : Endpoint
    endpoints : EndpointTable
        All that clients can connect to, `default` among them.
    main_thread : MainThread
    switch_interval : SwitchInterval
    shelf : ViewShelf
    gallery : Gallery
    inspector : Inspector
    protocols : StockProtocols
    identity : Identity
    rendezvous_path : Path
    """

    def __init__(
        self,
        find_main_loop: Callable[[], asyncio.AbstractEventLoop | None],
        connection_file: str,
        key: bytes,
        config: WslinkKernel,
        main_busy: bool = False,
    ) -> None:
        self.identity = Identity(__version__, uuid.uuid4().hex)
        self.rendezvous_path = rendezvous_path(connection_file)
        self._limits = limits = config.limits()
        self._find_main_loop = find_main_loop
        self._pid = os.getpid()
        self._closed = threading.Event()
        self.main_thread = MainThread(find_main_loop)
        self.main_thread.runs_cell = main_busy
        self._thread = LoopThread("wslink-link")
        self._pool = WorkerPool(config.worker_threads, "wslink-worker")
        # Not the same: procedures that take long must not hold up a view's files.
        self._file_pool = WorkerPool(1, "wslink-files")
        self.switch_interval = SwitchInterval(config.switch_interval_s)
        runners: Runners = {
            "main": self.main_thread.run,
            "thread": run_in_pool(self._pool),
            "loop": run_on_this_loop,
        }
        self.default = Endpoint(DEFAULT_ENDPOINT, self._thread.loop, runners, self.identity, limits)
        self.default.dispatcher.send_tracebacks = config.send_tracebacks
        self.default.dispatcher.on_call = self.switch_interval.call_came
        self.shelf = ViewShelf(self.default)
        self.gallery = Gallery(self.default, runners)
        self.inspector = Inspector(self.default)
        self.endpoints = EndpointTable(SessionEndpoint(self.default), self._thread.loop)
        self.protocols = StockProtocols(self.default, self.main_thread.run)
        self._listener = LinkListener(
            key, self.identity, self.endpoints, self._file_pool, self.status
        )
        self.endpoints.changed = self._listener.controls.status_changed
        self._rendezvous = self._open_link(config.watch_interval_s)
        _close_in_child(self)

    def _open_link(self, watch_interval_s: float) -> Rendezvous:
        """Listen, and say where; leave nothing behind if that fails."""
        directory = self.rendezvous_path.parent
        rendezvous: Rendezvous | None = None
        try:
            rendezvous = self._thread.run(
                self._start(directory, watch_interval_s), _CLOSE_TIMEOUT_S
            )
            sweep(directory)
            with contextlib.suppress(LinkError):  # of an earlier start that was killed
                remove(self.rendezvous_path, Rendezvous.read(self.rendezvous_path))
            rendezvous.write(self.rendezvous_path)
        except (OSError, LinkError) as error:
            if rendezvous is not None:
                remove(self.rendezvous_path, rendezvous)
            self._thread.stop()
            raise LinkError(f"cannot listen in {directory}: {error}") from error
        return rendezvous

    async def _start(self, directory: Path, watch_interval_s: float) -> Rendezvous:
        self._watch = asyncio.create_task(self.shelf.watch(watch_interval_s))
        return self._listener.listen(directory)

    @cached_property
    def stock(self) -> StockServers:
        """Whole servers of stock wslink, each an endpoint; wslink is imported with the first."""
        from wslink_jupyter.stock.servers import StockServers

        return StockServers(self._main_loop, self._limits, self.endpoints, call_interruptible)

    def _main_loop(self) -> asyncio.AbstractEventLoop:
        loop = self._find_main_loop()
        if loop is None:
            raise WslinkJupyterError(
                "expected a kernel that has started, got one that reads its configuration: "
                "serve whole servers from a cell"
            )
        return loop

    def set_main_busy(self, busy: bool) -> None:
        """Note that a cell starts or ends on the main thread."""
        self.main_thread.runs_cell = busy
        if os.getpid() == self._pid and not self._closed.is_set():
            self._thread.loop.call_soon_threadsafe(self._listener.controls.status_changed)

    def measure_round_trips(self, timeout_s: float) -> None:
        """Measure how far the clients are. Not from the link's own loop."""
        measuring = self.default.hub.measure_round_trips(timeout_s)
        self._thread.run(measuring, timeout_s + _CLOSE_TIMEOUT_S)

    def status(self) -> dict[str, Any]:
        """Return what the Jupyter server and people are told."""
        return {
            "epoch": self.identity.epoch,
            "version": self.identity.version,
            "busy": self.main_thread.runs_cell,
            "waiting_calls": self.main_thread.waiting_calls,
            "endpoints": [endpoint.describe() for endpoint in self.endpoints],
        }

    def close(self) -> None:
        """Answer what is in flight, say good-bye and stop. Idempotent."""
        if self._closed.is_set() or os.getpid() != self._pid:
            return
        self._closed.set()
        remove(self.rendezvous_path, self._rendezvous)
        try:
            self.protocols.close()
            self._thread.run(self._close(), _CLOSE_TIMEOUT_S)
        except TimeoutError:
            _log.warning("a procedure did not end when it was cancelled")
        finally:
            self._thread.stop()
            self.switch_interval.restore()
            self._pool.close()
            self._file_pool.close()

    async def _close(self) -> None:
        self._watch.cancel()
        await self._listener.close(
            CloseCode.KERNEL_RESTARTED,
            "the kernel's wslink runtime was stopped: run the cells again",
        )

    def abandon(self) -> None:
        """Let go of the link in a forked child."""
        self._listener.abandon()


def _close_in_child(runtime: Runtime) -> None:
    """Have every forked child let go of the runtime's sockets."""
    reference = weakref.ref(runtime)

    def after_fork() -> None:
        alive = reference()
        if alive is not None:
            alive.abandon()

    # Cannot be undone, so it must not keep the runtime alive.
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=after_fork)
