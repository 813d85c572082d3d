"""A stock wslink server with values worth capturing; prints its port, then serves.

`WSLINK_MAX_MSG_SIZE` in the environment sets the limit that it advertises and
keeps, as for any stock server.
"""

import asyncio
import sys

import msgpack
from wslink import register
from wslink.backends.aiohttp import create_webserver
from wslink.websocket import LinkProtocol, ServerProtocol

VALUES = {
    "null": None,
    "true": True,
    "false": False,
    "integer": 42,
    "negative_integer": -42,
    "float": 0.1,
    "integer_valued_float": 3.0,
    "string": "membrane",
    "empty_string": "",
    "unicode": "Größe μ Слон 漢字 🥁 e\u0301 \0 \u2028",
    "bytes": bytes(range(256)),
    "empty_bytes": b"",
    "bytearray": bytearray(b"\x00\x01\xff"),
    "memoryview": memoryview(b"\x00\x01\xff"),
    "list": [1, "two", 3.5, None, True],
    "tuple": (1, (2, ())),
    "map": {"x": 0.25, "y": [1, 2], "größe": {"n": 128}},
    "empty_containers": {"list": [], "map": {}, "nested": [[], {}, [[]]]},
    "nested_bytes": {"frames": [{"data": b"\xde\xad"}, {"data": b""}], "head": b"\x89PNG"},
    "integer_widths": [
        *(0, 127, 128, 255, 256, 65535, 65536, 2**31, 2**32 - 1, 2**32),
        *(2**53 - 1, 2**53, 2**63 - 1, 2**63, 2**64 - 1),
        *(-1, -32, -33, -128, -129, -32768, -32769, -(2**31), -(2**31) - 1),
        *(-(2**53) + 1, -(2**53), -(2**63)),
    ],
    "floats": [0.0, -0.0, 1.0, -1.5, 1e300, 5e-324, 2.0**53, 3.4028234663852886e38],
    "non_finite_floats": [float("nan"), float("inf"), float("-inf")],
    "string_widths": ["a" * 31, "b" * 32, "c" * 255, "d" * 256],
    "bytes_widths": [b"a" * 31, b"b" * 32, b"c" * 255, b"d" * 256],
    "container_widths": [[0] * 15, [0] * 16, *({str(k): k for k in range(n)} for n in (15, 16))],
    "timestamps": [
        msgpack.Timestamp(0),
        msgpack.Timestamp(1700000000, 123000000),
        msgpack.Timestamp(-1, 999999999),
        msgpack.Timestamp(2**34, 1),
    ],
    "set": {1, 2},
    "long_text": " ".join(f"node {n}: {n * n}" for n in range(36)),
    "long_bytes": bytes(range(250)) * 2,
}


class Vectors(LinkProtocol):
    @register("vectors.take")
    def take(self, *args, **kwargs):
        return None

    @register("vectors.value")
    def value(self, name):
        return VALUES[name]

    @register("vectors.echo")
    def echo(self, value):
        return value

    @register("vectors.fail")
    def fail(self):
        raise ValueError("expected 3 numbers, got 2")

    @register("vectors.publish")
    def publish_value(self, topic, name):
        self.publish(topic, VALUES[name])

    @register("scene_2.camera9.set_view_up_v2")
    def set_view_up(self, x, y, z):
        return [x, y, z]


class Protocol(ServerProtocol):
    def initialize(self):
        self.registerLinkProtocol(Vectors())
        self.updateSecret("wslink-secret")


def announce(port):
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()


async def serve():
    config = {"host": "127.0.0.1", "port": 0, "ws": {"/ws": Protocol()}}
    await create_webserver(config).start(announce)


if __name__ == "__main__":
    asyncio.run(serve())
