"""Stock wslink on aiohttp: in a process of its own, or inside a kernel."""

from __future__ import annotations

import asyncio
from typing import Any

from support.waiting import until
from wslink import register, server, websocket

from bench.programs.costs import cost_of_calls
from bench.programs.lifetime import announce_port, end_with_starter
from bench.programs.payloads import PAYLOADS, random_bytes, random_frame
from bench.programs.stream import SMALL_TOPIC, TOPIC, Stream, repeat


class BenchProtocol(websocket.LinkProtocol):
    """The benchmark's procedures, as a wslink application has them."""

    def __init__(self) -> None:
        super().__init__()
        self._stream = Stream(lambda number: None, 0)

    @register("bench.echo")
    def echo(self, value: Any) -> Any:
        return value

    @register("bench.upload")
    def upload(self, data: bytes) -> int:
        return len(data)

    @register("bench.stream")
    def stream(self, name: str, window: int) -> bool:
        """Publish as fast as it goes."""
        self._stream = Stream(self._publisher(name), window)
        self._stream.acknowledge(0)
        return True

    @register("bench.ack")
    def ack(self, count: int) -> bool:
        self._stream.acknowledge(count)
        return True

    @register("bench.stop")
    def stop(self) -> int:
        return self._stream.stop()

    @register("bench.flood")
    def flood(self, name: str, rate_hz: float, seconds: float) -> bool:
        """Publish at a rate, whoever reads."""
        self._flood = asyncio.ensure_future(repeat(self._publisher(name), rate_hz, seconds))
        return True

    @register("bench.publish_cost")
    def publish_cost(self, threads: int, count: int, pause_s: float) -> dict[str, float]:
        """Time publish(), from the loop whatever `threads` says: it may be called nowhere else."""
        return cost_of_calls(lambda: self.publish(SMALL_TOPIC, 1.5), 1, threads * count)

    def _publisher(self, name: str) -> Any:
        payload = PAYLOADS[name]
        if not payload.shape:
            data = random_bytes(payload.size_bytes)
            return lambda number: self.publish(TOPIC, data)
        frame = random_frame(payload.shape)

        def publish(number: int) -> None:
            frame[0, 0, 0] = number % 256
            # The memoryview spares wslink the copy that `tobytes` would be.
            value = {"dtype": "|u1", "shape": list(frame.shape), "data": frame.data}
            self.publish(TOPIC, value)

        return publish


class BenchServer(websocket.ServerProtocol):
    """A wslink application with a secret and the benchmark's procedures."""

    port = 0

    def initialize(self) -> None:
        self.registerLinkProtocol(BenchProtocol())
        self.updateSecret("wslink-secret")

    def port_callback(self, port: int) -> None:
        BenchServer.port = port


def options() -> Any:
    """Return wslink's own defaults, on any free port, for ever."""
    import argparse

    parser = server.add_arguments(argparse.ArgumentParser())
    return parser.parse_args(["--port", "0", "--timeout", "0", "--host", "127.0.0.1"])


async def start_in_kernel() -> int:
    """Serve on the kernel's own loop, as trame does; return the port."""
    chosen = options()
    chosen.nosignalhandlers = True
    server.start_webserver(chosen, BenchServer, disableLogging=True, exec_mode="task")
    await until(lambda: BenchServer.port, "a port")
    return BenchServer.port


class AnnouncedServer(BenchServer):
    """One that tells its starter the port."""

    def port_callback(self, port: int) -> None:
        announce_port(port)


if __name__ == "__main__":
    end_with_starter()
    server.start_webserver(options(), AnnouncedServer, disableLogging=True)
