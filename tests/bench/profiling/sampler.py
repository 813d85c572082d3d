"""Samples the stacks of processes with py-spy, which reads their memory and stops none."""

from __future__ import annotations

import asyncio
import re
import signal
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import psutil

from bench.processes import family, role
from bench.profiling.recording import Recording

_PROGRAM = Path(sys.executable).with_name("py-spy")
_RATE_HZ = 200
_BEGINS = b"Sampling process"
_ERRORS = re.compile(r"Errors: (\d+)")
_TIMEOUT_S = 20.0

#: Cores by group.
Division = dict[str, float]


class CannotSample(Exception):
    """The stacks of a process cannot be read; says why in a sentence."""


def check() -> None:
    """Say whether the profiler is missing.

    Raises
    ------
    CannotSample
    """
    if not _PROGRAM.exists():
        raise CannotSample(
            f"--profile: expected {_PROGRAM}, which is not there. "
            'Run: pip install ".[bench]" in the checkout, or leave --profile out'
        )


@asynccontextmanager
async def sampled(
    pids: Iterable[int], directory: Path, name: str
) -> AsyncIterator[dict[str, Division]]:
    """Sample processes and their descendants; what is yielded is filled in the end.

    Parameters
    ----------
    pids : iterable of int
    directory : Path
        Gets a file of folded stacks for each process.
    name : str
        Begins the names of the files.

    Raises
    ------
    CannotSample
    """
    divisions: dict[str, Division] = {}
    async with AsyncExitStack() as stack:
        samplers = []
        for pid in pids:
            for process in family(pid):
                sampler = _Sampler(process, directory / f"{name}-{role(process)}.folded")
                samplers.append(sampler)
                stack.push_async_callback(sampler.end)
                await sampler.start()
        yield divisions
        for sampler in samplers:
            divided = Counter(divisions.get(sampler.role, {}))
            divided.update((await sampler.stop()).divide())
            divisions[sampler.role] = dict(divided)


class _Sampler:
    """py-spy, at work on one process."""

    def __init__(self, process: psutil.Process, path: Path) -> None:
        self.role = role(process)
        self._process = process
        self._path = path
        self._spy: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """Return when it samples."""
        self._spy = await asyncio.create_subprocess_exec(
            *(str(_PROGRAM), "record", "--pid", str(self._process.pid)),
            *("--output", str(self._path), "--format", "raw", "--full-filenames", "--threads"),
            # Stopping a process at each sample halves what it does. What sleeps is
            # left out later: told from here, it is often told wrongly.
            *("--rate", str(_RATE_HZ), "--nonblocking", "--idle"),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        assert self._spy.stdout is not None
        said = b""
        async with asyncio.timeout(_TIMEOUT_S):
            while _BEGINS not in said:
                line = await self._spy.stdout.readline()
                if not line:
                    raise self._failure(said.decode())
                said += line
        self._begin_s = time.perf_counter()
        self._cpu_s = self._threads_cpu_s()

    async def stop(self) -> Recording:
        """Return what was sampled."""
        assert self._spy is not None
        seconds = time.perf_counter() - self._begin_s
        after_s = self._threads_cpu_s()
        if self._spy.returncode is None:
            self._spy.send_signal(signal.SIGINT)
        async with asyncio.timeout(_TIMEOUT_S):
            said = (await self._spy.communicate())[0].decode()
        errors = _ERRORS.search(said)
        if errors is None:
            raise self._failure(said)
        cpu_s = {thread: value - self._cpu_s.get(thread, 0.0) for thread, value in after_s.items()}
        return Recording(self._path.read_text(encoding="utf-8"), int(errors[1]), seconds, cpu_s)

    async def end(self) -> None:
        """Sample no more, whatever happened. Idempotent."""
        if self._spy is not None and self._spy.returncode is None:
            self._spy.kill()
            await self._spy.communicate()

    def _threads_cpu_s(self) -> dict[int, float]:
        threads = self._process.threads()
        return {thread.id: thread.user_time + thread.system_time for thread in threads}

    def _failure(self, said: str) -> CannotSample:
        why = " ".join(said.partition("Stack backtrace")[0].split())[:300] or "its end, no word"
        return CannotSample(
            f"--profile: expected py-spy to sample the {self.role} (process {self._process.pid}), "
            f"got: {why}. Run as root, or let it read other processes: "
            "sysctl kernel.yama.ptrace_scope=0, in a container --cap-add=SYS_PTRACE; "
            "or leave --profile out"
        )
