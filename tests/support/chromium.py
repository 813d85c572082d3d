"""Debian's Chromium, and how it is started: quiet, and without a GPU."""

from __future__ import annotations

import shutil

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def executable() -> str:
    """Return where it is."""
    found = shutil.which("chromium")
    assert found, "expected Debian's chromium; run make chromium"
    return found
