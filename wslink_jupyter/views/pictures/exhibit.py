"""One source of pictures, and the clients that look at it."""

from __future__ import annotations

import asyncio
import contextlib
import sys
import threading
import time
import traceback
from collections.abc import Callable
from contextvars import Context, copy_context
from dataclasses import dataclass
from functools import partial
from typing import Any

from wslink_jupyter.rpc.errand import run_errand
from wslink_jupyter.rpc.execution import ProgramExit, Runner
from wslink_jupyter.rpc.procedure import Turn
from wslink_jupyter.views.pictures.encoder import encode
from wslink_jupyter.views.pictures.events import Event, coalesced
from wslink_jupyter.views.pictures.image import Encoded
from wslink_jupyter.views.pictures.sources import Source
from wslink_jupyter.views.pictures.still import still_of
from wslink_jupyter.views.pictures.stream import Frame, Stream

#: More than that wait for a busy main thread, and nobody wants the oldest any more.
_MAX_WAITING_EVENTS = 2000


@dataclass(slots=True)
class Viewer:
    """One panel of one client.

    Attributes
    ----------
    session_id : str
    stream : Stream
    tell : callable
        Sends the client a value: a frame, or an error.
    """

    session_id: str
    stream: Stream
    tell: Callable[[dict[str, Any]], None]


@dataclass(frozen=True, slots=True)
class _Plan:
    """What the source's thread has to do in one go.

    Attributes
    ----------
    events : list
    frames, frames_if_changed : dict
        By viewer: what is wanted anyway, and if an event changes the picture.
    versions : dict
        What the viewers want when it begins.
    """

    events: list[Event]
    frames: dict[int, Frame]
    frames_if_changed: dict[int, Frame]
    versions: dict[int, int]


@dataclass(frozen=True, slots=True)
class _Made:
    """A frame that is ready, and whether there will be no better one of this picture."""

    file: Encoded
    is_best: bool


class Exhibit:
    """Draws for all viewers of one source, one picture after the other.

    Lives on the link's loop, but for `update`, `still` and `close`.

    Parameters
    ----------
    source : Source
    runner : callable
        Where it is drawn.
    loop : asyncio.AbstractEventLoop
    """

    def __init__(self, source: Source, runner: Runner, loop: asyncio.AbstractEventLoop) -> None:
        self._source = source
        self._runner = runner
        self._loop = loop
        self._context = copy_context()
        self._turn = Turn()
        self._lock = threading.RLock()
        self._viewers: dict[int, Viewer] = {}
        self._events: list[Event] = []
        self._task: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._told = False
        self._closed = False
        source.watch(self.update)

    @property
    def source(self) -> Source:
        """What is drawn."""
        return self._source

    @property
    def now_s(self) -> float:
        """The time by which streams are judged."""
        return time.monotonic()

    def still(self) -> Encoded:
        """Draw here and now; return a picture for the saved notebook."""
        with self._lock:
            return still_of(self._source)

    def update(self) -> None:
        """Draw again soon. From every thread."""
        if not self._told:
            self._told = True
            self._post(self._updated)

    def _updated(self) -> None:
        self._told = False
        self._changed()
        self.wake()

    def _post(self, action: Callable[[], None]) -> None:
        with contextlib.suppress(RuntimeError):  # the loop has ended
            self._loop.call_soon_threadsafe(action)

    def close(self) -> None:
        """Draw no more, on the source's own thread. Idempotent."""
        self._source.close()
        self._post(self._end)

    def _end(self) -> None:
        self._closed = True
        self._viewers.clear()
        if self._timer is not None:
            self._timer.cancel()
        if self._task is not None:
            self._task.cancel()

    def add(self, number: int, viewer: Viewer) -> None:
        """Draw for a viewer from now on."""
        self._viewers[number] = viewer
        self.wake()

    def remove(self, number: int) -> None:
        """Draw for a viewer no more. Idempotent."""
        self._viewers.pop(number, None)

    def handle(self, events: list[Event]) -> None:
        """Hand events to the source, when its thread has time."""
        self._events.extend(events)
        if len(self._events) > _MAX_WAITING_EVENTS:
            self._events = coalesced(self._events)[-_MAX_WAITING_EVENTS:]
        self.wake()

    def wake(self) -> None:
        """See whether there is anything to do."""
        if self._task is None and not self._closed:
            # Of no call's context: what it publishes waits for nobody's reply.
            self._task = self._loop.create_task(self._work(), context=Context())

    def _changed(self) -> None:
        now_s = time.monotonic()
        for viewer in self._viewers.values():
            viewer.stream.changed(now_s)

    async def _work(self) -> None:
        try:
            while (plan := self._next_plan()) is not None:
                await self._carry_out(plan)
        finally:
            self._task = None
        self._set_timer()

    def _next_plan(self) -> _Plan | None:
        now_s = time.monotonic()
        events, self._events = coalesced(self._events), []
        plan = _Plan(
            events,
            self._frames(now_s, will_change=False),
            self._frames(now_s, will_change=True) if events else {},
            {number: viewer.stream.version for number, viewer in self._viewers.items()},
        )
        return plan if plan.events or plan.frames else None

    def _frames(self, now_s: float, will_change: bool) -> dict[int, Frame]:
        return {
            number: frame
            for number, viewer in self._viewers.items()
            if (frame := viewer.stream.next_frame(now_s, will_change)) is not None
        }

    async def _carry_out(self, plan: _Plan) -> None:
        try:
            work = partial(self._on_source_thread, plan)
            changed, made = await run_errand(self._runner, work, self._context, self._turn)
        except (Exception, ProgramExit) as error:
            self._failed(plan, error.error if isinstance(error, ProgramExit) else error)
            return
        # One that was told meanwhile may not be in the picture.
        versions = {
            number: version
            for number, version in plan.versions.items()
            if number in self._viewers and self._viewers[number].stream.version == version
        }
        if changed:
            self._changed()
            versions = {number: self._viewers[number].stream.version for number in versions}
        frames = plan.frames_if_changed if changed else plan.frames
        for number, frame in frames.items():
            if (viewer := self._viewers.get(number)) is not None:
                version = versions.get(number, plan.versions[number])
                _send(viewer, version, made[frame])

    def _on_source_thread(self, plan: _Plan) -> tuple[bool, dict[Frame, _Made]]:
        with self._lock:
            changed = False
            for event in plan.events:
                changed = self._source.handle(event) or changed
            frames = plan.frames_if_changed if changed else plan.frames
            made: dict[Frame, _Made] = {}
            images: dict[tuple[int, int, bool], Any] = {}
            for frame in frames.values():
                key = (frame.width, frame.height, frame.still)
                if key not in images:
                    images[key] = self._source.draw(*key)
                if frame not in made:
                    encoded = encode(images[key], frame.quality, frame.lossless)
                    # One that its source has encoded does not get better later.
                    made[frame] = _Made(encoded, frame.still or encoded is images[key])
            return changed, made

    def _failed(self, plan: _Plan, error: BaseException) -> None:
        """Tell, in the cell that shows and in the panels; try again after the next change."""
        text = "".join(traceback.format_exception(error))
        with contextlib.suppress(Exception):  # a user's stream
            self._context.copy().run(sys.stderr.write, text)
        kind, message = type(error).__name__, str(error)
        for number, version in plan.versions.items():
            viewer = self._viewers.get(number)
            if viewer is not None:
                viewer.stream.failed(version)
                viewer.tell({"error": f"{kind}: {message}" if message else kind})

    def _set_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        now_s = time.monotonic()
        times = [viewer.stream.wake_s(now_s) for viewer in self._viewers.values()]
        due = [at_s for at_s in times if at_s is not None]
        if due and not self._closed:
            self._timer = self._loop.call_later(max(min(due) - now_s, 0.001), self.wake)


def _send(viewer: Viewer, version: int, made: _Made) -> None:
    file = made.file
    number = viewer.stream.sent(version, made.is_best, time.monotonic())
    viewer.tell(
        {
            "number": number,
            "width": file.width,
            "height": file.height,
            "format": file.format,
            "data": file.data,
            "lossless": file.format == "png",
        }
    )
