"""The benchmark's procedures as an anywidget: commands, and custom messages with buffers."""

from __future__ import annotations

import asyncio
from typing import Any

import anywidget
from anywidget.experimental import command

from bench.programs.payloads import PAYLOADS, random_bytes, random_frame
from bench.programs.stream import TOPIC, Stream, repeat


class BenchWidget(anywidget.AnyWidget):
    """What pages ask for."""

    _esm = "export default { render() {} }"
    _stream = Stream(lambda number: None, 0)

    @command
    def echo(self, args: list[Any], buffers: list[bytes]) -> tuple[Any, list[bytes]]:
        return args[0], buffers

    @command
    def upload(self, args: list[Any], buffers: list[bytes]) -> tuple[int, list[bytes]]:
        return len(buffers[0]), []

    @command
    def stream(self, args: list[Any], buffers: list[bytes]) -> tuple[bool, list[bytes]]:
        """Publish as fast as it goes."""
        name, window = args
        self._stream = Stream(self._publisher(name), window)
        self._stream.acknowledge(0)
        return True, []

    @command
    def ack(self, args: list[Any], buffers: list[bytes]) -> tuple[bool, list[bytes]]:
        self._stream.acknowledge(args[0])
        return True, []

    @command
    def stop(self, args: list[Any], buffers: list[bytes]) -> tuple[int, list[bytes]]:
        return self._stream.stop(), []

    @command
    def flood(self, args: list[Any], buffers: list[bytes]) -> tuple[bool, list[bytes]]:
        """Publish at a rate, whoever reads."""
        name, rate_hz, seconds = args
        self._flood = asyncio.ensure_future(repeat(self._publisher(name), rate_hz, seconds))
        return True, []

    def _publisher(self, name: str) -> Any:
        payload = PAYLOADS[name]
        if not payload.shape:
            data = random_bytes(payload.size_bytes)
            return lambda number: self.send({"topic": TOPIC}, [data])
        frame = random_frame(payload.shape)

        def publish(number: int) -> None:
            frame[0, 0, 0] = number % 256
            content = {"topic": TOPIC, "dtype": "|u1", "shape": list(frame.shape)}
            self.send(content, [frame.data])

        return publish


def start() -> BenchWidget:
    """Make the widget, for a cell to keep."""
    return BenchWidget()
