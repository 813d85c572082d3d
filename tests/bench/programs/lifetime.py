"""A server process that ends with the process that started it."""

from __future__ import annotations

import os
import sys
import threading


def announce_port(port: int) -> None:
    """Tell the starter where this process listens."""
    print(port, flush=True)


def end_with_starter() -> None:
    """End this process when its standard input does: also if the starter was killed."""

    def wait() -> None:
        sys.stdin.buffer.read()
        os._exit(0)

    threading.Thread(target=wait, daemon=True).start()
