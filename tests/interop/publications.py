"""What two clients hear of what is published: the one that asked for it, and another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from interop.conversation import hear
from interop.targets import Target
from support.sockets import call, raw_socket


@dataclass(frozen=True)
class Asked:
    """A call whose procedure publishes."""

    name: str
    method: str
    args: tuple[Any, ...]
    #: How many messages to wait for, where they take their time.
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
    return {asked.name: await _hear(target, asked) for asked in PUBLICATIONS}


async def _hear(target: Target, asked: Asked) -> str:
    async with (
        raw_socket(target.url, token=target.token) as asking,
        raw_socket(target.url, token=target.token) as other,
    ):
        for socket in (asking, other):
            await socket.hello()
        envelope = call(1, asked.method, *asked.args)
        heard = {"asked": await hear(asking, [envelope], asked.heard)}
        heard["other"] = await hear(other, (), asked.heard_by_other)
    return " / ".join(f"{who}: {'; '.join(texts)}" for who, texts in heard.items())
