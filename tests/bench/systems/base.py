"""What workloads ask of a system."""

from __future__ import annotations

import importlib.metadata
from pathlib import Path
from typing import Any

import aiohttp

from bench.clients.base import Client

#: Found by every process that is started: `bench` and `support`.
TESTS = Path(__file__).resolve().parents[2]


class CannotStart(Exception):
    """A system cannot be started; says why in a sentence."""


class System:
    """One way between a client and the benchmark's procedures.

    Attributes
    ----------
    name : str
        As given to ``--systems``.
    packages : tuple of str
        Distributions without which it cannot be started.
    """

    name = ""
    packages: tuple[str, ...] = ()

    def __init__(self, session: aiohttp.ClientSession, directory: Path) -> None:
        self._session = session
        self._directory = directory

    @classmethod
    def check(cls) -> None:
        """Say which package is missing, if one is.

        Raises
        ------
        CannotStart
        """
        for package in cls.packages:
            try:
                importlib.metadata.version(package)
            except importlib.metadata.PackageNotFoundError:
                raise CannotStart(
                    f"{cls.name}: expected the package {package}, which is not installed here. "
                    f'Run: pip install ".[bench]" in the checkout, or leave {cls.name} out '
                    "with --systems"
                ) from None

    async def start(self) -> None:
        """Start its processes and wait until they answer."""
        raise NotImplementedError

    async def stop(self) -> None:
        """End what `start` started. Idempotent."""
        raise NotImplementedError

    async def connect(self) -> Client:
        """Return a new client that may call and hears what is published."""
        raise NotImplementedError

    @property
    def pids(self) -> list[int]:
        """Processes whose memory is the system's; their children count, too."""
        raise NotImplementedError

    async def run_cell(self, code: str, expression: str = "None") -> Any:
        """Run a cell in its kernel and return the value of `expression` afterwards."""
        raise NotImplementedError
