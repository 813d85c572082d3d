"""A stock wslink application, which stock servers and ours run as it is.

Imports nothing of ours: ``stock_server.py`` serves it, a kernel imports it.
"""

from __future__ import annotations

import asyncio
import datetime
import decimal
import hashlib
import threading
from typing import Any

import msgpack
import numpy as np
from wslink import register, schedule_callback
from wslink.websocket import LinkProtocol, ServerProtocol

SECRET = "wslink-secret"


def nested(levels: int) -> Any:
    value: Any = 0
    for _ in range(levels):
        value = [value]
    return value


def numbers(count: int) -> Any:
    """Return a generator."""
    yield from range(count)


class Unprintable:
    def __repr__(self) -> str:
        raise RuntimeError("no repr")


#: Results: each is made anew, by its name.
VALUES = {
    "none": lambda: None,
    "true": lambda: True,
    "text": lambda: "Größe μ Слон 漢字 🥁 é \0 \u2028",
    "a long text": lambda: "ß" * 2_200_000,
    "a lone surrogate": lambda: "\ud800",
    "bytes": lambda: bytes(range(256)),
    "a bytearray": lambda: bytearray(b"\x00\x01\xff"),
    "a memoryview": lambda: memoryview(b"\x00\x01\xff"),
    "a strided memoryview": lambda: memoryview(bytes(range(8)))[::2],
    "a memoryview of floats": lambda: memoryview(np.arange(3, dtype="<f4")),
    "a tuple": lambda: (1, (2, ())),
    "a set": lambda: {1, 2},
    "a frozen set": lambda: frozenset({1}),
    "a range": lambda: range(3),
    "a generator": lambda: numbers(3),
    "an iterator": lambda: iter([1, 2]),
    "keys of a map": lambda: {"a": 1}.keys(),
    "a list of NaN": lambda: [float("nan"), float("inf"), float("-inf"), -0.0],
    "integers": lambda: [2**53, 2**63 - 1, 2**64 - 1, -(2**63)],
    "an integer of 65 bits": lambda: 2**64,
    "a negative integer of 65 bits": lambda: -(2**63) - 1,
    "a complex number": lambda: 1 + 2j,
    "a decimal": lambda: decimal.Decimal("1.5"),
    "an aware datetime": lambda: datetime.datetime(2024, 2, 29, 12, 30, tzinfo=datetime.UTC),
    "a naive datetime": lambda: datetime.datetime(2024, 2, 29, 12, 30),
    "a date": lambda: datetime.date(2024, 2, 29),
    "a timestamp": lambda: msgpack.Timestamp(1700000000, 123000000),
    "an extension type": lambda: msgpack.ExtType(5, b"five"),
    "a numpy number": lambda: np.float64(0.5),
    "a numpy float32": lambda: np.float32(0.5),
    "a numpy integer": lambda: np.int64(7),
    "a numpy bool": lambda: np.bool_(True),
    "a numpy array": lambda: np.arange(6, dtype="<f4").reshape(2, 3),
    "numeric keys": lambda: {1: "a", 0.5: "b"},
    "a key that is None": lambda: {None: 1},
    "a key of bytes": lambda: {b"k": 1},
    "a key that is a tuple": lambda: {(1, 2): 1},
    "a subclass of int": lambda: type("Level", (int,), {})(7),
    "a subclass of dict": lambda: type("Config", (dict,), {})(a=1),
    "an object": object,
    "an object deep inside": lambda: {"a": [1, {"b": object()}]},
    "an exception": lambda: ValueError("a value"),
    "an exception class": lambda: ValueError,
    "a function": lambda: nested,
    "60 levels": lambda: nested(60),
    "100 levels": lambda: nested(100),
    "500 levels": lambda: nested(500),
    "600 levels": lambda: nested(600),
}

ERRORS = {
    "ValueError": lambda: ValueError("no such luck"),
    "KeyError": lambda: KeyError("key"),
    "OSError": lambda: OSError(2, "No such file", "nothing.txt"),
    "Exception": Exception,
    "SyntaxError": lambda: SyntaxError("bad"),
    "StopIteration": lambda: StopIteration(3),
    "StopAsyncIteration": StopAsyncIteration,
    "AssertionError": AssertionError,
    "TimeoutError": lambda: TimeoutError("late"),
    "not text": lambda: ValueError({"a": 1}, 2),
    "unprintable": lambda: ValueError(Unprintable()),
    "a group": lambda: ExceptionGroup("several", [ValueError("one"), KeyError("two")]),
}


class Simple(LinkProtocol):
    """Has the shapes of wslink's own simple example."""

    def __init__(self) -> None:
        super().__init__()
        self.images = 0

    @register("simple.add")
    def add(self, summands: list[float]) -> float:
        return sum(summands)

    @register("simple.mult")
    def multiply(self, *factors: float) -> float:
        product = 1.0
        for factor in factors:
            product *= factor
        return product

    @register("simple.image")
    def image(self) -> Any:
        return self.addAttachment(b"\x89PNG" + bytes(range(256)))

    @register("simple.nested")
    def nested_images(self) -> Any:
        small = self.addAttachment(b"\xde\xad")
        return {"image": small, "list": [{"data": self.addAttachment(memoryview(b"\xbe"))}, b""]}

    @register("simple.digest")
    def digest(self, data: Any) -> Any:
        return [type(data).__name__, len(data), hashlib.sha256(data).hexdigest()[:16]]

    @register("simple.named")
    def named(self, first: Any, second: Any = "two", *, third: Any = "three") -> Any:
        return {"first": first, "second": second, "third": third}

    @register("simple.stream")
    def stream(self) -> str:
        """Publish two images: now and then."""
        self.images = 0
        schedule_callback(0.01, self._next_image)
        return "started"

    def _next_image(self) -> None:
        self.images += 1
        self.publish("simple.images", {"number": self.images, "image": bytes([self.images]) * 4})
        if self.images < 2:
            schedule_callback(0.01, self._next_image)

    @register("simple.streamed")
    def streamed(self) -> int:
        return self.images


class Values(LinkProtocol):
    """Values and errors of all kinds, both ways."""

    @register("values.same")
    def same(self, value: Any) -> Any:
        return value

    @register("values.echo")
    def echo(self, *args: Any, **kwargs: Any) -> Any:
        return [list(args), kwargs]

    @register("values.describe")
    def describe(self, value: Any) -> str:
        return f"{type(value).__name__} {value!r:.60}"

    @register("values.make")
    def make(self, name: str) -> Any:
        return VALUES[name]()

    @register("values.zeros")
    def zeros(self, size: int) -> bytes:
        return bytes(size)

    @register("values.fail")
    def fail(self, name: str) -> None:
        raise ERRORS[name]()

    @register("values.later")
    async def later(self, value: Any) -> Any:
        await asyncio.sleep(0)
        return value

    @register("values.fail_later")
    async def fail_later(self) -> None:
        await asyncio.sleep(0)
        raise ValueError("later")

    @register("values.awaitable")
    def awaitable(self, value: Any) -> Any:
        return self.later(value)

    @register("values.several")
    async def several(self) -> Any:
        yield 1

    @register("values.cancelled")
    async def cancelled(self) -> None:
        raise asyncio.CancelledError

    @register("values.slow")
    async def slow(self, delay_s: float) -> str:
        await asyncio.sleep(delay_s)
        return "slow"

    @classmethod
    @register("values.of_class")
    def of_class(cls) -> str:
        return cls.__name__

    @staticmethod
    @register("values.of_nobody")
    def of_nobody(*args: Any) -> int:
        return len(args)

    @register("values.outer")
    @register("values.inner")
    def two_names(self) -> str:
        return "two names"


class Chat(LinkProtocol):
    """Has the shapes of wslink's own chat example; made in a running loop."""

    def __init__(self) -> None:
        super().__init__()
        self.is_open = False
        self.talking: list[str] = []
        schedule_callback(0, self._open)

    def _open(self) -> None:
        self.is_open = True

    @register("chat.say")
    def say(self, who: str, text: str) -> bool:
        self.publish("chat.said", {"who": who, "text": text})
        return self.is_open

    @register("chat.talks")
    def talks(self, who: str, is_talking: bool) -> None:
        if is_talking:
            self.talking.append(who)
        else:
            self.talking.remove(who)
        self.publish("chat.talking", self.talking)


class News(LinkProtocol):
    """Publishes in all the ways there are."""

    def __init__(self) -> None:
        super().__init__()
        self.clients: list[str] = []
        self.request: Any = None
        self.tells_of_clients = False

    def onConnect(self, request: Any, client_id: str) -> None:  # noqa: N802
        self.clients.append(client_id)
        self.request = request
        if self.tells_of_clients:
            self.publish("news.clients", "one has come")

    def onClose(self, client_id: str) -> None:  # noqa: N802
        self.clients.remove(client_id)
        if self.tells_of_clients:
            self.publish("news.clients", "one has left")

    @register("news.count")
    def count_clients(self) -> int:
        return len(self.clients)

    @register("news.tell_of_clients")
    def tell_of_clients(self, tells: bool) -> None:
        self.tells_of_clients = tells

    @register("news.request")
    def describe_request(self) -> str:
        """Return whether one can read the headers of the connection that came last."""
        return "has headers" if hasattr(self.request, "headers") else "has none"

    @register("news.publish")
    def publish_now(self, topic: str, value: Any, count: int = 1) -> str:
        for _ in range(count):
            self.publish(topic, value)
        return "published"

    @register("news.publish_later")
    async def publish_later(self, topic: str) -> str:
        self.publish(topic, "before")
        await asyncio.sleep(0.01)
        self.publish(topic, "after")
        return "published"

    @register("news.fail")
    def publish_and_fail(self, topic: str) -> None:
        self.publish(topic, "before the error")
        raise ValueError("after the publication")

    @register("news.mutate")
    def mutate(self, topic: str) -> None:
        value = ["as published"]
        self.publish(topic, value)
        value.append("changed afterwards")

    @register("news.make")
    def publish_made(self, topic: str, name: str) -> None:
        self.publish(topic, VALUES[name]())

    @register("news.others")
    def publish_to_others(self, topic: str) -> None:
        self.publish(topic, "for the others", skip_last_active_client=True)

    @register("news.newest")
    def publish_to_newest(self, topic: str) -> None:
        self.publish(topic, "for the newest", client_id=self.clients[-1])

    @register("news.nobody")
    def publish_to_nobody(self, topic: str) -> None:
        self.publish(topic, "for nobody", client_id="nobody")

    @register("news.thread")
    def publish_in_thread(self, topic: str) -> None:
        thread = threading.Thread(target=self.publish, args=(topic, "from a thread"))
        thread.start()
        thread.join()

    @register("news.shared")
    def shared(self, key: str) -> Any:
        return self.getSharedObject(key)


def make_protocols() -> tuple[LinkProtocol, ...]:
    return Simple(), Values(), Chat(), News()


class Application(ServerProtocol):
    def initialize(self) -> None:
        self.setSharedObject("answer", 42)
        for protocol in make_protocols():
            self.registerLinkProtocol(protocol)
        self.updateSecret(SECRET)

    @register("application.hello")
    def hello(self) -> str:
        return "of the server protocol"
