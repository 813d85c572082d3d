"""The pictures that a kernel shows, and the procedures by which clients look at them."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from contextvars import Context
from functools import partial
from typing import Any

from wslink_jupyter.errors import InvalidParams, TooManyCalls
from wslink_jupyter.rpc.context import caller
from wslink_jupyter.rpc.endpoint import Endpoint
from wslink_jupyter.rpc.execution import Runners
from wslink_jupyter.rpc.procedure import RESERVED, Policy, Procedure
from wslink_jupyter.views.pictures.events import check_events, check_number
from wslink_jupyter.views.pictures.exhibit import Exhibit, Viewer
from wslink_jupyter.views.pictures.sources import Source
from wslink_jupyter.views.pictures.stream import Stream
from wslink_jupyter.views.pictures.viewport import Viewport

#: Frames, and errors: each is published to one client.
FRAME_TOPIC = f"{RESERVED}.pictures.frame"
_MAX_STREAMS = 64


class Gallery:
    """The exhibits of one endpoint by the name of their view.

    Parameters
    ----------
    endpoint : Endpoint
        Gets the procedures ``jupyter.pictures.*``, and VTK's ``viewport.*``.
    runners : dict
        Where sources are drawn.
    """

    def __init__(self, endpoint: Endpoint, runners: Runners) -> None:
        self._endpoint = endpoint
        self._runners = runners
        self._exhibits: dict[str, Exhibit] = {}
        self._open: dict[int, tuple[Exhibit, Viewer]] = {}
        self._numbers = itertools.count(1)
        self._viewport = Viewport(endpoint, self._numbers)
        endpoint.hub.on_gone(self._forget_session)
        prefix = f"{RESERVED}.pictures"
        functions: list[Callable[..., Any]] = [
            self.open,
            self.resize,
            self.visible,
            self.ack,
            self.event,
            self.close,
        ]
        context = Context()
        endpoint.registry.bind(
            prefix,
            [
                Procedure(f"{prefix}.{each.__name__}", partial(_itself, each), "loop", context)
                for each in functions
            ],
        )

    def exhibit(self, source: Source, policy: Policy) -> Exhibit:
        """Return an exhibit that is drawn under a policy; `hang` shows it."""
        return Exhibit(source, self._runners[policy], self._endpoint.hub.loop)

    def hang(self, name: str, exhibit: Exhibit | None) -> None:
        """Show an exhibit, or none, as the view `name`. From every thread."""
        old = self._exhibits.pop(name, None)
        if exhibit is not None:
            self._exhibits[name] = exhibit
        self._viewport.hang(name, exhibit)
        if old is not None and old is not exhibit:
            old.close()

    def open(
        self,
        name: str,
        width_px: float,
        height_px: float,
        pixel_ratio: float = 1.0,
        visible: bool = True,
    ) -> dict[str, Any]:
        """Send the caller pictures from now on; return {"stream": its number}.

        Sizes are CSS pixels. The frames come on the topic of the answer.
        """
        session_id = caller()
        exhibit = self._exhibits.get(str(name))
        if exhibit is None:
            known = ", ".join(map(repr, self._exhibits)) or "none is shown"
            raise InvalidParams(f"name: expected that of a picture ({known}), got {name!r:.100}")
        if (
            sum(viewer.session_id == session_id for _, viewer in self._open.values())
            >= _MAX_STREAMS
        ):
            raise TooManyCalls(f"pictures: expected at most {_MAX_STREAMS} open at once")
        number = next(self._numbers)
        stream = Stream(*_checked(width_px, height_px, pixel_ratio), exhibit.now_s)
        stream.visible = bool(visible)
        viewer = Viewer(session_id, stream, partial(self._tell, session_id, number))
        self._open[number] = (exhibit, viewer)
        exhibit.add(number, viewer)
        return {"stream": number, "topic": FRAME_TOPIC}

    def resize(
        self, stream: int, width_px: float, height_px: float, pixel_ratio: float = 1.0
    ) -> None:
        """Note the size of the panel."""
        size = _checked(width_px, height_px, pixel_ratio)
        if (found := self._find(stream)) is not None:
            exhibit, viewer = found
            viewer.stream.resize(*size, exhibit.now_s)
            exhibit.wake()

    def visible(self, stream: int, visible: bool) -> None:
        """Note whether anybody can see the panel; nothing is drawn otherwise."""
        if (found := self._find(stream)) is not None:
            exhibit, viewer = found
            viewer.stream.visible = bool(visible)
            exhibit.wake()

    def ack(self, stream: int, number: int) -> None:
        """Note that the frames up to `number` were drawn."""
        if (found := self._find(stream)) is not None:
            exhibit, viewer = found
            viewer.stream.acknowledged(int(check_number(number, "number")), exhibit.now_s)
            exhibit.wake()

    def event(self, stream: int, events: list[dict[str, Any]]) -> None:
        """Hand what the user did to the source."""
        checked = check_events(events)
        if (found := self._find(stream)) is not None:
            found[0].handle(checked)

    def close(self, stream: int) -> None:
        """Send no more. Idempotent."""
        if (found := self._find(stream)) is not None:
            found[0].remove(int(stream))
            del self._open[int(stream)]

    def _find(self, number: int) -> tuple[Exhibit, Viewer] | None:
        """Return what the caller has opened, if it has: what comes late is let go."""
        found = self._open.get(int(check_number(number, "stream")))
        return found if found is not None and found[1].session_id == caller() else None

    def _forget_session(self, session_id: str) -> None:
        for number, (exhibit, viewer) in list(self._open.items()):
            if viewer.session_id == session_id:
                exhibit.remove(number)
                del self._open[number]

    def _tell(self, session_id: str, number: int, value: dict[str, Any]) -> None:
        self._endpoint.hub.publish(FRAME_TOPIC, {"stream": number, **value}, session_id)


def _itself(function: Any) -> Any:
    return function


def _checked(width: float, height: float, pixel_ratio: float) -> tuple[float, float, float]:
    return (
        check_number(width, "width_px"),
        check_number(height, "height_px"),
        check_number(pixel_ratio, "pixel_ratio"),
    )
