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


#: What is served: one is talked to, two are asked to exit, one has a window.
APPLICATIONS = ("apps", "apps", "apps", "vtk_app")
ENDPOINTS = ("application", "leaving", "leaving_later", "vtk_application")
#: What a notebook says to serve it all: protocols by themselves, and whole servers.
CELL = f"""
import sys
sys.path.append({str(_HERE.parent)!r})
from interop import apps, vtk_app
protocols = [wl.expose(protocol) for protocol in apps.make_protocols() + vtk_app.make_protocols()]
protocols[0].coreServer.setSharedObject("answer", 42)
for protocol in protocols:
    if hasattr(protocol, "show_in"):
        protocol.show_in(protocol.getApplication())
for name in {ENDPOINTS[:3]}:
    wl.expose(apps.Application(), name)
_ = wl.expose(vtk_app.Application(), {ENDPOINTS[3]!r})
"""


def at(kernel: Kernel, *endpoints: str) -> tuple[Target, ...]:
    """Return endpoints of a kernel that has run the cell."""
    server = kernel.server
    return tuple(Target(server.socket_url(kernel.id, name), server.token) for name in endpoints)


@contextmanager
def running(script: str, *applications: str) -> Iterator[tuple[Target, ...]]:
    """Run a server beside this module, which prints its URL, for each of some applications."""
    processes = [
        subprocess.Popen(
            [sys.executable, str(_HERE / script), application],
            env={**os.environ, "WSLINK_READY_MSG": ""},
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # a traceback for much of what they are sent
            text=True,
        )
        for application in applications
    ]
    try:
        yield tuple(Target(_url_of(process)) for process in processes)
    finally:
        for process in processes:
            process.kill()
        for process in processes:
            process.communicate()


def _url_of(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    words = process.stdout.readline().split()
    urls = [word.rstrip(",;") for word in words if word.startswith("ws://")]
    assert urls, f"expected a URL of {process.args}, got {words}"
    return urls[0]
