"""A stock wslink server as its own command line starts it: with a secret and a page."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from support.jupyter import free_port
from support.waiting import PATIENCE_S

_PROGRAM = Path(__file__).parent / "command_line_program.py"


@dataclass
class StockServer:
    """A server with port and secret, that serves a page, too.

    Attributes
    ----------
    port : int
    secret : str
    """

    directory: Path
    secret: str = "gk secret"

    def __post_init__(self) -> None:
        self.port = free_port()
        self._log_path = self.directory / "stock.log"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self.port}/ws"

    @property
    def log(self) -> str:
        """What the server has written."""
        return self._log_path.read_text(encoding="utf-8", errors="replace")

    def start(self) -> None:
        """Start, and wait until the server listens."""
        (self.directory / "index.html").write_text("<p>A page, no socket.</p>")
        command = [sys.executable, _PROGRAM, str(self.port), self.secret, self.directory]
        with self._log_path.open("wb") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log)
        deadline_s = time.monotonic() + PATIENCE_S
        while not self._listens():
            if self._process.poll() is not None or time.monotonic() > deadline_s:
                self._process.kill()
                raise AssertionError(f"the stock server did not start:\n{self.log}")
            time.sleep(0.05)

    def stop(self) -> None:
        """Stop it."""
        assert self._process is not None
        self._process.kill()
        self._process.wait(20)

    def _listens(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0
