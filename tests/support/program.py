"""A real program in a process of its own: its lines, its signals, its end."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from support.waiting import soon


class Program:
    """A program that runs.

    Attributes
    ----------
    output : list of str
        Lines that were read.
    """

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.output: list[str] = []

    async def line(self, timeout_s: float = 20.0) -> str:
        """Wait for the next line of its output, which must come."""
        assert self._process.stdout is not None
        line = (await soon(self._process.stdout.readline(), timeout_s)).decode()
        if not line:
            raise AssertionError(f"expected a line, got the end: {await self.end()}")
        self.output.append(line.rstrip("\n"))
        return self.output[-1]

    async def line_with(self, text: str, timeout_s: float = 20.0) -> str:
        """Wait for a line with `text`."""
        while text not in (line := await self.line(timeout_s)):
            pass
        return line

    def send_signal(self, number: int) -> None:
        self._process.send_signal(number)

    async def end(self, timeout_s: float = 20.0) -> tuple[int, str, str]:
        """Wait for the end; return its code, and what it wrote that was not read."""
        output, errors = await soon(self._process.communicate(), timeout_s)
        assert self._process.returncode is not None
        return self._process.returncode, output.decode(), errors.decode()

    async def interrupted(self) -> tuple[int, str, str]:
        """Press Ctrl+C; return as `end`."""
        self.send_signal(signal.SIGINT)
        return await self.end()


@asynccontextmanager
async def running(
    *arguments: str, directory: Path, environment: dict[str, str] | None = None
) -> AsyncIterator[Program]:
    """Run Python with arguments in a directory; kill it if it goes on at the end."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *arguments,
        cwd=directory,
        env={**os.environ, **(environment or {})},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        limit=2**24,
    )
    try:
        yield Program(process)
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()
