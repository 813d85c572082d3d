"""What vtk.js's ``RemoteView`` does: it opens, is dragged, and leaves (vtk.js 37.4, observed)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import groupby
from typing import Any

from interop.targets import Target
from interop.transcript import tell
from support.sockets import RawSocket, call, raw_socket

_TOPIC = "viewport.image.push.subscription"
#: Starts up in one go: nothing is awaited.
_START: tuple[tuple[Any, ...], ...] = (
    ("image.push.observer.add", "-1"),
    ("image.push.original.size", "-1", 400, 400),
    ("image.push.original.size", "-1", 300, 300),
    ("image.push.invalidate.cache", "-1"),
    ("image.push", {"view": "-1", "size": [300, 200]}),
    ("image.push.original.size", "-1", 300, 200),
    ("image.push", {"view": "-1"}),
)
_KEYS = ("buttonMiddle", "buttonRight", "shiftKey", "altKey", "ctrlKey", "metaKey")
#: To see that nothing is drawn any more, and that nobody observes.
_WATCH_S, _STEPS = 0.3, 20


class _View:
    """The client: what it was answered, and the pictures that it was sent."""

    def __init__(self, socket: RawSocket) -> None:
        self._socket = socket
        self._calls = 0
        self.id = ""
        self.first = ""
        self.pictures: list[dict[str, Any]] = []

    async def send(self, method: str, *args: Any) -> str:
        self._calls += 1
        await self._socket.send(call(self._calls, method, *args))
        return f"rpc:c0:{self._calls}"

    async def reply(self, message_id: str) -> Any:
        """Wait for a reply; keep the pictures that come before."""
        while True:
            envelope = await self._socket.receive()
            if envelope["id"].startswith(f"publish:{_TOPIC}:"):
                self.first = self.first or "a picture"
                self.pictures.append(envelope["result"])
            elif envelope["id"] == message_id:
                self.first = self.first or "a reply"
                return envelope.get("result", envelope.get("error"))

    async def ask(self, method: str, *args: Any) -> Any:
        return await self.reply(await self.send(method, *args))

    async def picture(self, *size: int) -> None:
        """Wait for a picture of a size."""
        while not (self.pictures and self.pictures[-1]["size"] == list(size)):
            await self.ask("scene.renders")

    async def start(self) -> str:
        ids = [await self.send(f"viewport.{what}", *args) for what, *args in _START]
        added, *others = [await self.reply(each) for each in ids]
        self.id = added.pop("viewId")
        await self.picture(300, 200)
        for _ in range(3):  # time for more of them
            await self.ask("scene.renders")
        return tell([added, *others])

    async def mouse(self, action: str, x: float) -> Any:
        event = {"action": action, "x": x, "y": 0.5, "buttonLeft": int(action == "down")}
        event |= {"view": self.id, **dict.fromkeys(_KEYS, 0)}
        return await self.ask("viewport.mouse.interaction", event)


@asynccontextmanager
async def _viewing(target: Target) -> AsyncIterator[_View]:
    async with raw_socket(target.url, token=target.token) as socket:
        await socket.hello()
        yield _View(socket)


async def hear_remote_view(target: Target) -> dict[str, str]:
    """Return what is heard of a window, by what was done."""
    heard = {}
    async with _viewing(target) as view:
        heard["RemoteView: replies at the start"] = await view.start()
        heard["RemoteView: the first message"] = view.first
        # How many there are, and whether one has the size of the first push, is up to the
        # threads in which VTK encodes them, and to which is the newest when it can be sent.
        sizes = [size for size, _ in groupby(picture["size"] for picture in view.pictures)]
        passing = sizes[:-1] in ([], [[300, 300]])
        heard["RemoteView: sizes at the start"] = tell(sizes[-1:] if passing else sizes)
        heard["RemoteView: ids in them"] = _ids(view)
        still = view.pictures[-1]["image"]

        quality = await view.ask("viewport.image.push.quality", view.id, 60, 0.5)
        view.pictures.clear()
        answers = [await view.mouse("down", 0.4 + step / 40) for step in range(12)]
        await view.picture(150, 100)
        # One of before may come late.
        smaller = {tuple(picture["size"]) for picture in view.pictures} - {(300, 200)}
        heard["RemoteView: sizes in a drag"] = tell(sorted(smaller))
        answers += [quality, await view.mouse("up", 0.7)]
        answers += [await view.ask("viewport.image.push.quality", view.id, 100, 1)]
        answers += [await view.ask("viewport.image.push", {"view": view.id})]
        heard["RemoteView: replies in a drag"] = tell(answers)
        await view.picture(300, 200)
        turned = view.pictures[-1]["image"] != still
        heard["RemoteView: the picture after it"] = "another" if turned else "the same"

        before = await view.ask("scene.renders")
        await asyncio.sleep(_WATCH_S)
        is_idle = await view.ask("scene.renders") == before
        heard["RemoteView: the server after it"] = "is idle" if is_idle else "goes on drawing"
        heard["RemoteView: observers"] = tell(await view.ask("scene.observers"))
    heard["RemoteView: observers when it has left"] = await _observers(target)
    return heard


async def _observers(target: Target) -> str:
    async with _viewing(target) as view:
        for _ in range(_STEPS):
            if not await view.ask("scene.observers"):
                break
            await asyncio.sleep(_WATCH_S / _STEPS)
        return tell(await view.ask("scene.observers"))


def _ids(view: _View) -> str:
    are_right = {picture["id"] for picture in view.pictures} == {view.id}
    return "as answered" if are_right else "others"
