"""Cells that keep a kernel busy; each returns its own rounds per second."""

from __future__ import annotations

import time
from collections.abc import Callable


def _rounds_per_s(one_round: Callable[[], object], seconds: float) -> float:
    rounds, begin_s = 0, time.perf_counter()
    while (elapsed_s := time.perf_counter() - begin_s) < seconds:
        one_round()
        rounds += 1
    return rounds / elapsed_s


def python(seconds: float) -> float:
    """Run pure Python, which lets go of the interpreter only when it is asked to."""

    def one_round() -> int:
        value = 0
        for index in range(1000):
            value = (value * 31 + index) % 1_000_003
        return value

    return _rounds_per_s(one_round, seconds)


def numpy(seconds: float) -> float:
    """Run numpy on large arrays, which lets go of the interpreter within each operation."""
    import numpy as np

    source = np.linspace(0.0, 1.0, 1_000_000)
    target = np.empty_like(source)
    return _rounds_per_s(lambda: np.sin(source, out=target), seconds)


def sleep(seconds: float) -> float:
    """Sleep."""
    return _rounds_per_s(lambda: time.sleep(0.1), seconds)
