"""The servers that run the stock application: stock wslink's, and ours."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

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


#: What a notebook says to serve the application at the default endpoint.
EXPOSE = f"""
import sys
sys.path.append({str(_HERE.parent)!r})
from interop.apps import PROTOCOLS
from wslink_jupyter.rpc.procedure import procedure as _p
for protocol in PROTOCOLS:
    made = protocol()
    made.publish = lambda topic, value, client_id=None, **_: wl.publish(topic, value, to=client_id)
    made.addAttachment = lambda each: each
    for name, function in vars(protocol).items():
        uris = getattr(function, "_wslinkuris", None)
        if uris:
            wl.expose(getattr(made, name), uris[0]["uri"])
"""


@contextmanager
def stock_server() -> Iterator[Target]:
    """Serve the application on aiohttp, as stock wslink does."""
    process = subprocess.Popen(
        [sys.executable, str(_HERE / "stock_server.py")],
        env={**os.environ, "WSLINK_READY_MSG": ""},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,  # a traceback for much of what it is sent
        text=True,
    )
    assert process.stdout is not None
    try:
        port = process.stdout.readline().strip()
        assert port, "the stock server did not start"
        yield Target(f"ws://127.0.0.1:{port}/ws")
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
