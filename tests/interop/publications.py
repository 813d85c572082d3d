"""What two clients hear of each other, and of what is published."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from interop.conversation import hear
from interop.targets import Target
from support.sockets import RawSocket, call, raw_socket


@dataclass(frozen=True)
class Asked:
    """A call whose procedure publishes.

    Attributes
    ----------
    name, method, args
    heard, heard_by_other : int
        How many messages to wait for, where they take their time.
    """

    name: str
    method: str
    args: tuple[Any, ...]
    heard: int = 0
    heard_by_other: int = 0


_TOPIC = "news.topic"
PUBLICATIONS = (
    Asked("publish", "news.publish", (_TOPIC, {"a": [1, "größe", b"\xff", None]})),
    Asked("publish three times", "news.publish", (_TOPIC, 1, 3)),
    Asked("publish 4.4 MB", "news.make", (_TOPIC, "a long text"), 2, 1),
    Asked("publish before and after an await", "news.publish_later", (_TOPIC,), 3, 2),
    Asked("publish, then raise", "news.fail", (_TOPIC,)),
    Asked("publish what changes afterwards", "news.mutate", (_TOPIC,)),
    Asked("publish what cannot be sent", "news.make", (_TOPIC, "an object")),
    Asked("publish an array", "news.make", (_TOPIC, "a numpy array")),
    Asked("publish to the others", "news.others", (_TOPIC,)),
    Asked("publish to the newest client", "news.newest", (_TOPIC,)),
    Asked("publish to nobody", "news.nobody", (_TOPIC,)),
    Asked("publish in a thread", "news.thread", (_TOPIC,)),
    Asked("publish on a topic with a dash", "news.publish", ("a-b", 1)),
    Asked("publish on a topic that is not ASCII", "news.publish", ("größe", 1)),
    Asked("publish on a topic that is empty", "news.publish", ("", 1)),
)


async def hear_publications(target: Target) -> dict[str, str]:
    """Return what both hear, by the name of each."""
    heard = {asked.name: await _hear(target, asked) for asked in PUBLICATIONS}
    heard["a slow call of one, a quick one of the other"] = await _hear_turns(target)
    heard["one comes and leaves"] = await _hear_coming(target)
    return heard


@asynccontextmanager
async def _client(target: Target) -> AsyncIterator[RawSocket]:
    async with raw_socket(target.url, token=target.token) as socket:
        await socket.hello()
        yield socket


async def _hear(target: Target, asked: Asked) -> str:
    async with _client(target) as asking, _client(target) as other:
        said = call(1, asked.method, *asked.args)
        heard = {"asked": await hear(asking, [said], asked.heard)}
        heard["other"] = await hear(other, (), asked.heard_by_other)
    return " / ".join(f"{who}: {'; '.join(texts)}" for who, texts in heard.items())


async def _hear_turns(target: Target) -> str:
    async with _client(target) as slow, _client(target) as quick:
        await slow.send(call(1, "values.slow", 0.2))
        ends = {
            asyncio.create_task(slow.receive()): "slow",
            asyncio.create_task(quick.ask(call(1, "values.echo"))): "quick",
        }
        first, others = await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        await asyncio.wait(others)
        return f"{ends[first.pop()]} first"


async def _hear_coming(target: Target) -> str:
    async with _client(target) as there:
        await there.ask(call(1, "news.tell_of_clients", True))
        async with _client(target) as coming:
            heard = {"there": await hear(there, (), 1), "coming": await hear(coming)}
        heard["there, later"] = await hear(there, (), 1)
        await there.ask(call(1, "news.tell_of_clients", False))
    return " / ".join(f"{who}: {'; '.join(texts)}" for who, texts in heard.items())
