"""What a call costs its caller, from several threads at once.

Where all threads compute, most of the longest costs is waiting for their turn of the
interpreter, whatever they compute: `plain_work` is there to tell how much.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable


def cost_of_calls(
    call: Callable[[], object], threads: int, count: int, pause_s: float = 0.0
) -> dict[str, float]:
    """Return p50, p99 and the longest of ``threads * count`` calls, in microseconds.

    With a pause after each; without one, they also wait for each other's turn
    of the interpreter.
    """
    costs_ns: list[int] = []
    ready = threading.Barrier(threads)

    def run() -> None:
        own_ns = [0] * count
        ready.wait()
        for index in range(count):
            begin_ns = time.perf_counter_ns()
            call()
            own_ns[index] = time.perf_counter_ns() - begin_ns
            if pause_s:
                time.sleep(pause_s)
        costs_ns.extend(own_ns)

    workers = [threading.Thread(target=run) for _ in range(threads)]
    for worker in workers[1:]:
        worker.start()
    # The first one is this thread: with one, the caller's own costs are told.
    workers[0].run()
    for worker in workers[1:]:
        worker.join()
    costs_ns.sort()
    return {
        "p50_us": costs_ns[len(costs_ns) // 2] / 1e3,
        "p99_us": costs_ns[len(costs_ns) * 99 // 100] / 1e3,
        "max_us": costs_ns[-1] / 1e3,
    }


def plain_work(duration_us: float) -> Callable[[], object]:
    """Return a function that only computes, for so long when it is alone."""

    def compute(rounds: int) -> int:
        total = 0
        for number in range(rounds):
            total += number
        return total

    rounds = 20_000
    alone_us = cost_of_calls(lambda: compute(rounds), 1, 50)["p50_us"]
    needed = round(rounds * duration_us / alone_us)
    return lambda: compute(needed)
