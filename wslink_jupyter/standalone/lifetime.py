"""How long a server lives: until a signal in a program, until `stop` in a notebook."""

from __future__ import annotations

import atexit
import contextlib
import signal
import sys
import threading
from collections.abc import Iterator
from types import FrameType
from typing import Any

from wslink_jupyter.standalone.server import StandaloneServer

_SHELL_ATTRIBUTE = "wslink_jupyter_servers"
_STOP_TIMEOUT_S = 3.0


def notebook_shell() -> Any | None:
    """Return IPython's shell if this is the main thread of a kernel, whose loop goes on."""
    ipython = sys.modules.get("IPython")
    if ipython is None or threading.current_thread() is not threading.main_thread():
        return None
    shell = ipython.get_ipython()
    return shell if getattr(shell, "kernel", None) is not None else None


def keep(shell: Any, server: StandaloneServer) -> None:
    """Keep a server of a notebook until it is stopped, or the kernel ends."""
    servers = _servers(shell)
    servers.append(server)

    def at_exit() -> None:
        with contextlib.suppress(TimeoutError):
            server.stop().wait(_STOP_TIMEOUT_S)

    def forget() -> None:
        servers.remove(server)
        atexit.unregister(at_exit)

    atexit.register(at_exit)
    server.on_stopped(forget)


async def stop_earlier(shell: Any, host: str, port: int) -> None:
    """Stop the server that an earlier run of a cell started at the same address, if any."""
    for server in list(_servers(shell)):
        if port != 0 and (server.host, server.asked_port) == (host, port):
            await server.stop()


def _servers(shell: Any) -> list[StandaloneServer]:
    servers: list[StandaloneServer] = vars(shell).setdefault(_SHELL_ATTRIBUTE, [])
    return servers


async def until_ended(server: StandaloneServer, announcement: str) -> None:
    """Say where, and serve until Ctrl+C, SIGTERM, a call of `stop`, or a cancellation."""
    try:
        with _signals_stop(server):
            print(announcement, flush=True)
            await server.stopped()
    finally:
        await server.stop()


@contextlib.contextmanager
def _signals_stop(server: StandaloneServer) -> Iterator[None]:
    """Have Ctrl+C and SIGTERM stop a server; the second Ctrl+C interrupts what runs."""
    if threading.current_thread() is not threading.main_thread():
        yield  # signals are another's business
        return
    is_told = False

    def tell(signum: int, frame: FrameType | None) -> None:
        nonlocal is_told
        if is_told and signum == signal.SIGINT:
            raise KeyboardInterrupt
        is_told = True
        server.stop()

    before = {each: signal.signal(each, tell) for each in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
