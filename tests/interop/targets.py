"""The servers that run the stock application: stock wslink's, and ours."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from support.kernel import Kernel

_HERE = Path(__file__).parent


@dataclass(frozen=True)
class Target:
    """Where to connect, and as whom."""

    url: str
    token: str | None = None

    @property
    def address(self) -> str:
        """The URL for who cannot send headers."""
        return self.url if self.token is None else f"{self.url}?token={self.token}"


#: What a notebook says to serve the application: its protocols, and all of it.
CELL = f"""
import sys
sys.path.append({str(_HERE.parent)!r})
from interop.apps import Application, PROTOCOLS
protocols = [wl.expose(protocol()) for protocol in PROTOCOLS]
protocols[0].coreServer.setSharedObject("answer", 42)
for name in ("application", "leaving_0", "leaving_1"):
    wl.expose(Application(), name)
"""


def at(kernel: Kernel, *endpoints: str) -> tuple[Target, ...]:
    """Return endpoints of a kernel that has run the cell."""
    server = kernel.server
    return tuple(Target(server.socket_url(kernel.id, name), server.token) for name in endpoints)


@contextmanager
def running(script: str) -> Iterator[Target]:
    """Run one of the servers beside this module, which prints its URL."""
    process = subprocess.Popen(
        [sys.executable, str(_HERE / script)],
        env={**os.environ, "WSLINK_READY_MSG": ""},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,  # a traceback for much of what it is sent
        text=True,
    )
    assert process.stdout is not None
    try:
        line = process.stdout.readline()
        assert "ws://" in line, f"{script} did not start"
        yield Target(next(word for word in line.split() if word.startswith("ws://")).rstrip(",;"))
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
