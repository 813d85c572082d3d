"""The processes of a run: what they take, and that none survives it.

Every system ends its own. What is here is for the rest: whoever is left when a
run ends, and all of them when the run itself is killed, by a process that only
waits for that. Run as a module, this is that process.
"""

from __future__ import annotations

import contextlib
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import psutil
from support.memory import memory_bytes

_END_TIMEOUT_S = 3.0
_TESTS = Path(__file__).resolve().parents[1]


def family(pid: int) -> list[psutil.Process]:
    """Return a process and all its descendants; an empty list if it is gone."""
    try:
        process = psutil.Process(pid)
        return [process, *process.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def role(process: psutil.Process) -> str:
    """Return what a process of a system is: a kernel is told by its command."""
    return "kernel" if any("ipykernel" in word for word in process.cmdline()) else "server"


def memory_mb(pids: Iterable[int]) -> float:
    """Return the memory that processes and their descendants take."""
    total_bytes = 0
    for pid in pids:
        for member in family(pid):
            with contextlib.suppress(psutil.NoSuchProcess):
                total_bytes += memory_bytes([member])
    return total_bytes / 1e6


def cpu_s(pids: Iterable[int]) -> dict[str, float]:
    """Return the CPU time of processes and their descendants so far, by what they are.

    Returns
    -------
    dict of str to float
        Seconds of the user's and the system's time.
    """
    taken_s: dict[str, float] = {}
    for pid in pids:
        for member in family(pid):
            with contextlib.suppress(psutil.NoSuchProcess):
                name, times = role(member), member.cpu_times()
                taken_s[name] = taken_s.get(name, 0.0) + times.user + times.system
    return taken_s


class Brood:
    """Processes that must not outlive this one, however it ends."""

    def __init__(self) -> None:
        self._members: dict[int, psutil.Process] = {}
        self._guard = subprocess.Popen(
            [sys.executable, "-m", "bench.processes"],
            cwd=_TESTS,
            stdin=subprocess.PIPE,
            # Interrupting the run must not end who looks after its processes.
            start_new_session=True,
        )

    def adopt(self, pids: Iterable[int]) -> None:
        """Look after processes and the descendants that they have now."""
        assert self._guard.stdin is not None
        for pid in pids:
            for member in family(pid):
                self._members[member.pid] = member
                # With its age: a number may be another process's by then.
                line = f"{member.pid} {member.create_time()}\n"
                self._guard.stdin.write(line.encode())
        self._guard.stdin.flush()

    def end(self) -> None:
        """End whoever is left."""
        _end(self._members.values())
        assert self._guard.stdin is not None
        self._guard.stdin.close()
        self._guard.wait()


def _end(members: Iterable[psutil.Process]) -> None:
    alive = [member for member in members if member.is_running()]
    for member in alive:
        with contextlib.suppress(psutil.NoSuchProcess):
            member.terminate()
    _, alive = psutil.wait_procs(alive, _END_TIMEOUT_S)
    for member in alive:
        with contextlib.suppress(psutil.NoSuchProcess):
            member.kill()
    psutil.wait_procs(alive, _END_TIMEOUT_S)


def _guard() -> None:
    """Wait for the end of the standard input, then end what it named."""
    named = [line.split() for line in sys.stdin]
    left = []
    for pid, create_time_s in named:
        with contextlib.suppress(psutil.NoSuchProcess):
            process = psutil.Process(int(pid))
            if process.create_time() == float(create_time_s):
                left.append(process)
    _end(left)


if __name__ == "__main__":
    _guard()
