"""A wslink server of its own: tornado, our endpoint, no Jupyter."""

from __future__ import annotations

import asyncio
import concurrent.futures
import socket
import threading
import uuid
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any, Self

from tornado.httpserver import HTTPServer

from wslink_jupyter._version import __version__
from wslink_jupyter.codes import CloseCode
from wslink_jupyter.errors import ServeError
from wslink_jupyter.limits import KERNEL_LIMITS, KIB, Limits
from wslink_jupyter.rpc.endpoint import Endpoint
from wslink_jupyter.rpc.execution import Runners, run_in_pool, run_on_this_loop
from wslink_jupyter.rpc.loop_thread import LoopThread
from wslink_jupyter.rpc.main_thread import MainThread
from wslink_jupyter.rpc.worker_pool import WorkerPool
from wslink_jupyter.standalone.address import is_loopback, listen
from wslink_jupyter.standalone.binding import bind_protocol
from wslink_jupyter.standalone.conversations import Conversations, HeartbeatTimes
from wslink_jupyter.standalone.pages import make_application
from wslink_jupyter.standalone.secret import SecretIdentity, random_secret

_START_TIMEOUT_S = 10.0
_WORKER_THREADS = 8
_MAX_SOCKETS = 64


class StandaloneServer:
    """Serves one protocol, from its construction to `stop`. Needs a running loop.

    Procedures of ``run="main"`` run on the thread of that loop, in order. The sockets
    are on a loop and a thread of their own, so that a long procedure keeps nobody
    waiting but those who called what runs beside it.

    Parameters
    ----------
    protocol : object
        With methods named by `Server.expose`.
    port : int
        0 is any free one.
    host : str
        What to listen at.
    secret : str, optional
        What clients must know; by default the protocol's own, or a random one.
    folder : Path, optional
        Of web files to serve as well.
    modules_of : tuple of type
        Whose modules' named functions are served, too.
    may_move : bool
        Whether to take the next free port instead of one that is taken.
    limits : Limits
    heartbeat : HeartbeatTimes

    Attributes
    ----------
    host : str
    port : int
    asked_port : int
    secret : str
    has_random_secret : bool

    Raises
    ------
    ServeError
        If there is nothing to serve, the port is taken, or an argument makes no sense.
    RegistrationError
        If the name of a procedure is not valid.
    """

    def __init__(
        self,
        protocol: Any,
        *,
        port: int = 0,
        host: str = "127.0.0.1",
        secret: str | None = None,
        folder: Path | None = None,
        modules_of: tuple[type, ...] = (),
        may_move: bool = False,
        limits: Limits = KERNEL_LIMITS,
        heartbeat: HeartbeatTimes | None = None,
    ) -> None:
        main_loop = asyncio.get_running_loop()
        if folder is not None and not folder.is_dir():
            raise ServeError(f"www: expected a folder of web files, got {str(folder)!r}")
        given = secret if secret is not None else getattr(protocol, "secret", None)
        if given is not None and not (isinstance(given, str) and given):
            raise ServeError("secret: expected a text that is not empty, or None for a random one")
        self.host, self.asked_port = host, port
        self.has_random_secret = given is None
        self.secret = random_secret() if given is None else given
        self._stopped: concurrent.futures.Future[None] = concurrent.futures.Future()
        self._thread = LoopThread("wslink-server", self._ended)
        self._pool = WorkerPool(_WORKER_THREADS, "wslink-worker")
        self._is_stopping = threading.Lock()
        main_thread = MainThread(lambda: main_loop)
        runners: Runners = {
            "main": main_thread.run,
            "thread": run_in_pool(self._pool),
            "loop": run_on_this_loop,
        }
        identity = SecretIdentity(__version__, uuid.uuid4().hex, self.secret)
        endpoint = Endpoint("default", self._thread.loop, runners, identity, limits)
        endpoint.registry.remedy = "give a method of the server that name"
        self._conversations = Conversations(
            endpoint, limits, heartbeat or HeartbeatTimes(), _MAX_SOCKETS
        )
        try:
            bind_protocol(endpoint, main_thread.run, protocol, modules_of, self.stop)
            sockets = listen(host, port, may_move=may_move)
            self.port: int = sockets[0].getsockname()[1]
            self._http = self._thread.run(self._serve(sockets, folder), _START_TIMEOUT_S)
        except BaseException:
            self._thread.stop()
            self._pool.close()
            raise

    async def _serve(self, sockets: list[socket.socket], folder: Path | None) -> HTTPServer:
        application = make_application(self._conversations, is_loopback(self.host), folder)
        server = HTTPServer(application, max_body_size=64 * KIB, max_header_size=64 * KIB)
        server.add_sockets(sockets)
        return server

    @property
    def url(self) -> str:
        """The WebSocket's, for clients."""
        return f"ws://{self._authority}/ws"

    @property
    def page_url(self) -> str:
        """Of the web files."""
        return f"http://{self._authority}/"

    @property
    def _authority(self) -> str:
        host = {"": "localhost", "0.0.0.0": "localhost", "::": "localhost"}.get(
            self.host, self.host
        )
        return f"[{host}]:{self.port}" if ":" in host else f"{host}:{self.port}"

    def stop(self) -> Stopping:
        """Answer what is in flight, close every socket (1001) and listen no more.

        Begins at once, from every thread; may be awaited, and need not be. Idempotent.
        """
        if self._is_stopping.acquire(blocking=False):
            asyncio.run_coroutine_threadsafe(self._stop(), self._thread.loop)
        return Stopping(self._stopped)

    async def _stop(self) -> None:
        try:
            self._http.stop()
            await self._conversations.end(CloseCode.GOING_AWAY, "the server stops")
            await self._http.close_all_connections()
        finally:
            self._pool.close()
            self._thread.loop.stop()

    def _ended(self) -> None:
        self._stopped.set_result(None)

    def on_stopped(self, callback: Callable[[], object]) -> None:
        """Have `callback` called, on whatever thread, when the server has stopped."""
        self._stopped.add_done_callback(lambda stopped: callback())

    async def stopped(self) -> None:
        """Wait until the server has stopped."""
        await Stopping(self._stopped)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.stop()

    def __repr__(self) -> str:
        state = "stopped" if self._stopped.done() else "serving"
        return f"<StandaloneServer {self.url} {state}>"


class Stopping:
    """The end of a server, which may be awaited or waited for."""

    def __init__(self, stopped: concurrent.futures.Future[None]) -> None:
        self._stopped = stopped

    def __await__(self) -> Generator[Any, None, None]:
        # Who gives up waiting does not undo it.
        return asyncio.shield(asyncio.wrap_future(self._stopped)).__await__()

    def wait(self, timeout_s: float) -> None:
        """Wait on another thread than that of the main procedures, or at the end.

        Raises
        ------
        TimeoutError
            If it takes longer.
        """
        self._stopped.result(timeout_s)
