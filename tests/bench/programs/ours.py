"""The benchmark's procedures in a kernel that loaded wslink_jupyter."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import wslink_jupyter as wl
from bench.programs.costs import cost_of_calls, plain_work
from bench.programs.payloads import PAYLOADS, random_bytes, random_frame
from bench.programs.stream import LATEST_TOPIC, SMALL_TOPIC, TOPIC, Stream


class Streaming:
    """Publishes within a window; run wherever it is exposed to."""

    def __init__(self) -> None:
        self._stream = Stream(lambda number: None, 0)

    def stream(self, name: str, window: int) -> bool:
        """Publish as fast as it goes."""
        self._stream = Stream(_publisher(TOPIC, name), window)
        self._stream.acknowledge(0)
        return True

    def ack(self, count: int) -> bool:
        self._stream.acknowledge(count)
        return True

    def stop(self) -> int:
        return self._stream.stop()


class Work:
    """What clients ask for, where it runs marked on each."""

    def __init__(self) -> None:
        self._stopped = threading.Event()

    @wl.procedure("bench.echo", run="loop")
    def echo(self, value: Any) -> Any:
        return value

    @wl.procedure("bench.echo_thread", run="thread")
    def echo_thread(self, value: Any) -> Any:
        return value

    @wl.procedure("bench.echo_main", run="main")
    def echo_main(self, value: Any) -> Any:
        return value

    @wl.procedure("bench.upload", run="loop")
    def upload(self, data: bytes) -> int:
        return len(data)

    @wl.procedure("bench.flood", run="loop")
    def flood(self, name: str, rate_hz: float, seconds: float) -> bool:
        """Publish at a rate, whoever reads."""
        publish, count = _publisher(TOPIC, name), round(rate_hz * seconds)

        def run() -> None:
            for number in range(count):
                publish(number)
                time.sleep(1 / rate_hz)

        threading.Thread(target=run, daemon=True).start()
        return True

    @wl.procedure("bench.stream_latest", run="loop")
    def stream_latest(self, name: str) -> bool:
        """Publish to a latest topic without a pause, until `stop_latest`."""
        wl.topic(LATEST_TOPIC, delivery="latest")
        publish = _publisher(LATEST_TOPIC, name)
        self._stopped.clear()

        def run() -> None:
            number = 0
            while not self._stopped.is_set():
                publish(number)
                number += 1

        threading.Thread(target=run, daemon=True).start()
        return True

    @wl.procedure("bench.stop_latest", run="loop")
    def stop_latest(self) -> bool:
        self._stopped.set()
        return True

    @wl.procedure("bench.publish_cost", run="thread")
    def publish_cost(self, threads: int, count: int, pause_s: float) -> dict[str, float]:
        """Time publish() of a small value, and work of that length that does not publish."""

        def publish() -> None:
            wl.publish(SMALL_TOPIC, 1.5)

        costs = cost_of_calls(publish, threads, count, pause_s)
        plain = cost_of_calls(plain_work(costs["p50_us"]), threads, count, pause_s)
        return {**costs, "plain_p99_us": plain["p99_us"]}


def _publisher(topic: str, name: str) -> Callable[[int], None]:
    payload = PAYLOADS[name]
    if not payload.shape:
        data = random_bytes(payload.size_bytes)
        return lambda number: wl.publish(topic, data)
    frame = random_frame(payload.shape)

    def publish(number: int) -> None:
        frame[0, 0, 0] = number % 256
        wl.publish(topic, frame)

    return publish


def start() -> None:
    """Expose everything."""
    wl.expose(Work(), "work")
    # On the link's loop, where stock wslink runs them, and in a thread.
    wl.expose(Streaming(), "bench", run="loop")
    wl.expose(Streaming(), "threaded", run="thread")
