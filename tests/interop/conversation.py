"""Conversations by hand: what is said, and what is heard until the connection ends or idles."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgpack
from interop.targets import Target
from interop.transcript import tell_envelope
from support.sockets import RawSocket, call, raw_socket
from tornado.websocket import WebSocketClosedError

Said = bytes | str | dict[str, Any]
#: Fewer than the sockets that a kernel may have.
_AT_ONCE = 8
_IDS = ("rpc:c0:1", "rpc:c0:2", "system:c0:0")


@dataclass(frozen=True)
class Case:
    """A conversation: what it is called, and what is said in it.

    Attributes
    ----------
    name : str
    said : sequence
    greeted : bool
        Whether a hello goes before.
    replies : int
        How many to wait for, where they take their time.
    """

    name: str
    said: Sequence[Said]
    greeted: bool = True
    replies: int = 0


async def converse(target: Target, cases: Sequence[Case]) -> dict[str, str]:
    """Return what is heard in each case, by its name; each has a connection of its own."""
    places = asyncio.Semaphore(_AT_ONCE)

    async def one(case: Case) -> str:
        async with places, raw_socket(target.url, token=target.token) as socket:
            if case.greeted:
                await socket.hello()
            try:
                return "; ".join(await hear(socket, case.said, case.replies))
            except TimeoutError:
                return "silence"

    async with asyncio.TaskGroup() as group:
        tasks = {case.name: group.create_task(one(case)) for case in cases}
    assert len(tasks) == len(cases), "a name comes twice"
    return {name: task.result() for name, task in tasks.items()}


async def hear(socket: RawSocket, said: Sequence[Said] = (), replies: int = 0) -> list[str]:
    """Say something; return what comes until it is dealt with, or the connection ends.

    It is when three calls have been answered one after the other: stock servers publish
    two turns of their loop after the result.
    """
    asked = {*_IDS, *(str(each.get("id")) for each in said if isinstance(each, dict))}
    heard = _Heard(socket, asked)
    await _say(socket, said)
    while len(heard.texts) < replies and not heard.has_ended:
        await heard.next()
    for number in range(3):
        probe = call(number, "values.same", "a probe", client_id="probe")
        await _say(socket, [probe])
        while probe["id"] not in heard.probes and not heard.has_ended:
            await heard.next()
    return [*heard.texts, heard.end]


class _Heard:
    """What has come on a socket: of probes, only how the last was answered."""

    def __init__(self, socket: RawSocket, asked: set[str]) -> None:
        self._socket, self._asked = socket, asked
        self.texts: list[str] = []
        self.probes: set[str] = set()
        self.end = ""
        self.has_ended = False

    async def next(self) -> None:
        message = await self._socket.receive_message()
        if message is None:
            code, reason = self._socket.close_code or 1006, self._socket.close_reason or ""
            self.end = f"closed {code} {reason}".rstrip()
            self.has_ended = True
            return
        # Tuples: lists may be keys, too.
        envelope = msgpack.unpackb(message, use_list=False, strict_map_key=False)
        message_id = envelope["id"]
        if message_id.startswith("rpc:probe:"):
            self.probes.add(message_id)
            text = tell_envelope(envelope, {message_id})
            self.end = "lives" if text == '"a probe"' else f"then {text}"
        else:
            self.texts.append(tell_envelope(envelope, self._asked))


async def _say(socket: RawSocket, said: Sequence[Said]) -> None:
    """Send messages; a server that has closed takes no more."""
    with contextlib.suppress(WebSocketClosedError):
        for each in said:
            await socket.send(each)
