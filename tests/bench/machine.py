"""Where and with what a run was made."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

_PACKAGES = (
    "wslink-jupyter",
    "aiohttp",
    "anywidget",
    "ipykernel",
    "jupyter_server",
    "jupyter-rfb",
    "jupyter-server-proxy",
    "msgpack",
    "numpy",
    "pyzmq",
    "tornado",
    "trame",
    "trame-vtk",
    "vtk",
    "wslink",
)
_CHECKOUT = Path(__file__).resolve().parents[2]


def facts() -> dict[str, Any]:
    """Return what figures depend on."""
    return {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": _commit(),
        "cores": os.cpu_count(),
        "processor": _processor(),
        "system": platform.platform(),
        "python": platform.python_version(),
        # Of the last minute: above 0 before anything runs, others work here, too.
        "load": round(os.getloadavg()[0], 2),
        "packages": {name: _version(name) for name in _PACKAGES},
    }


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "not installed"


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    for line in cpuinfo.read_text().splitlines() if cpuinfo.exists() else ():
        name, _, value = line.partition(":")
        if name.strip() == "model name":
            return value.strip()
    return platform.processor() or platform.machine()


def _commit() -> str:
    """Return the checkout's commit, with a + if its files differ from it."""
    command = ["git", "-C", str(_CHECKOUT), "describe", "--always", "--dirty=+"]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
