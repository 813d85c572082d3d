"""How much memory processes take."""

from __future__ import annotations

from collections.abc import Iterable

import psutil


def memory_bytes(processes: Iterable[psutil.Process]) -> int:
    """Return the memory that processes take together; what two of them share counts once."""
    infos = (process.memory_full_info() for process in processes)
    # Where the system does not tell what is shared, it counts twice.
    return sum(getattr(info, "pss", info.rss) for info in infos)
