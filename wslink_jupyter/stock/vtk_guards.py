"""What stands before VTK's own protocols, so that they neither end a kernel nor draw for ever.

Their classes are not touched: calls are looked at before and after
(vtk 9.7.2, ``web/protocols.py``). VTK is not imported; who has such a protocol has imported it.
"""

from __future__ import annotations

import contextlib
import functools
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from typing import Any

from wslink_jupyter.errors import InvalidParams
from wslink_jupyter.views.pictures.windows import IMAGE_TOPIC

#: ``vtkWebApplication.ENCODING_NONE``.
_NO_ENCODING = 0

_Call = Callable[..., Any]
_BUTTONS = ("buttonLeft", "buttonMiddle", "buttonRight")


def view_of(topic: str, data: object) -> str | None:
    """Return the id of the view whose picture is published: only its newest one matters."""
    if topic != IMAGE_TOPIC or not isinstance(data, dict):
        return None
    return str(data.get("id"))


class VtkGuards:
    """The guards of one protocol. On the thread where it is called.

    Parameters
    ----------
    protocol : vtkWebProtocol
    caller : callable
        Returns the id of the client whose call is being answered.
    """

    def __init__(self, protocol: Any, caller: Callable[[], str]) -> None:
        self._protocol = protocol
        self._mouse = _Mouse(protocol, caller)
        self._observers = _Observers(protocol, caller)
        self._animations = _Animations(protocol, caller)
        self._before: dict[str, Callable[..., Any]] = {
            "viewport.mouse.interaction": self._mouse.interaction,
            "viewport.mouse.zoom.wheel": self._mouse.wheel,
            "viewport.image.push.observer.add": self._observers.add,
            "viewport.image.push.observer.remove": self._observers.remove,
            "viewport.geometry.view.observer.add": self._observers.add,
            "viewport.geometry.view.observer.remove": self._observers.remove,
            "viewport.image.animation.start": self._animations.start,
            "viewport.image.animation.stop": self._animations.stop,
            "viewport.image.render": self._render,
        }

    @classmethod
    def of(cls, protocol: Any, caller: Callable[[], str]) -> VtkGuards | None:
        """Return the guards of a protocol, if it is one of VTK."""
        kind = type(protocol)
        is_vtk = all(hasattr(kind, name) for name in ("getApplication", "getView", "getGlobalId"))
        return cls(protocol, caller) if is_vtk else None

    def prepare(self) -> None:
        """Give the protocols an application to share, as VTK's ``ServerProtocol`` does."""
        protocol = self._protocol
        web = sys.modules.get("vtkmodules.vtkWebCore")
        if web is None:
            return
        try:
            application = protocol.getApplication()
        except AttributeError:  # of a server of its own that shares nothing
            application = None
        if application is None:
            application = web.vtkWebApplication()
            protocol.coreServer.setSharedObject("app", application)
        if hasattr(protocol, "decode"):
            # The way by base64 brings the same bytes to the client, and VTK 9.7 has it broken
            # (``web/protocols.py``: `GetDataSize` of a str).
            protocol.decode = False
            application.SetImageEncoding(_NO_ENCODING)

    def guard(self, uri: str, find: Callable[[], _Call]) -> Callable[[], _Call]:
        """Return what finds the function that answers calls of `uri`."""
        before = self._before.get(uri)
        if before is None:
            return find

        @functools.wraps(find())
        def guarded(*args: Any, **kwargs: Any) -> Any:
            return before(find(), *args, **kwargs)

        return lambda: guarded

    def _render(self, call: _Call, *args: Any, **kwargs: Any) -> Any:
        if self._protocol.getApplication().GetImageEncoding() == _NO_ENCODING:
            raise InvalidParams(
                "viewport.image.render: expected an application that encodes pictures as base64, "
                "got one that does not, which vtkWebPublishImageDelivery needs: expose one of them"
            )
        return call(*args, **kwargs)

    def client_left(self, client_id: str) -> None:
        """Undo what a client began and did not end."""
        self._mouse.client_left(client_id)
        self._animations.client_left(client_id)
        self._observers.client_left(client_id)


class _Mouse:
    """What the mouse of every client does to every view.

    The application counts starts and ends of interactions; clients say "down" for every
    move while a button is pressed, and may leave before they say "up".
    """

    def __init__(self, protocol: Any, caller: Callable[[], str]) -> None:
        self._protocol = protocol
        self._caller = caller
        #: Client and view, and the last event.
        self._pressed: dict[tuple[str, str], Mapping[str, Any]] = {}
        self._turning: dict[tuple[str, str], None] = {}

    def interaction(self, call: _Call, event: Mapping[str, Any]) -> Any:
        self._check_interactor(event)
        key = self._caller(), str(event["view"])
        begins, ends = event["action"] == "down", event["action"] == "up"
        has_begun = key in self._pressed
        answer = call({**event, "action": "move"} if _is_odd(begins, ends, has_begun) else event)
        if begins:
            self._pressed[key] = event
        elif ends:
            self._pressed.pop(key, None)
        return answer

    def wheel(self, call: _Call, event: Mapping[str, Any]) -> Any:
        key = self._caller(), str(event["view"])
        begins, ends = "Start" in event["type"], "End" in event["type"]
        has_begun = key in self._turning
        answer = call(
            {**event, "type": "MouseWheel"} if _is_odd(begins, ends, has_begun) else event
        )
        if begins:
            self._turning[key] = None
        elif ends:
            self._turning.pop(key, None)
        return answer

    def _check_interactor(self, event: Mapping[str, Any]) -> None:
        view = self._protocol.getView(event["view"])
        # ParaView's views have none to ask for.
        if hasattr(view, "GetInteractor") and view.GetInteractor() is None:
            raise InvalidParams(
                "view: expected a render window with an interactor, got one without, where a "
                "mouse event would end the kernel: give it one, such as "
                "vtkGenericRenderWindowInteractor().SetRenderWindow(window)"
            )

    def client_left(self, client_id: str) -> None:
        # The window may be gone.
        for key in [key for key in self._pressed if key[0] == client_id]:
            event = {**self._pressed.pop(key), "action": "up", **dict.fromkeys(_BUTTONS, 0)}
            with contextlib.suppress(Exception):
                self._check_interactor(event)
                self._protocol.mouseInteraction(event)
        for key in [key for key in self._turning if key[0] == client_id]:
            del self._turning[key]
            with contextlib.suppress(Exception):
                self._protocol.updateZoomFromWheel({"type": "EndMouseWheel", "view": key[1]})


def _is_odd(begins: bool, ends: bool, has_begun: bool) -> bool:
    """Return whether an interaction would begin twice, or end that has not begun."""
    return (begins and has_begun) or (ends and not has_begun)


class _Observers:
    """How often every client observes every view."""

    def __init__(self, protocol: Any, caller: Callable[[], str]) -> None:
        self._protocol = protocol
        self._caller = caller
        self._counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
        #: With which a view is observed: the protocols may have another one later.
        self._applications: dict[str, Any] = {}
        #: Entries of views that are animated before the first client observes them.
        self._animated: dict[str, int] = {}

    def add(self, call: _Call, *args: Any, **kwargs: Any) -> Any:
        before = self._observed()
        try:
            return call(*args, **kwargs)
        finally:  # also of a call that adds and then raises
            added = self._observed() - before
            self._counts[self._caller()] += added
            for view_id in added:
                if not before[view_id]:
                    self._applications[view_id] = self._protocol.getApplication()
                    self._animated[view_id] = self._animations().count(view_id)

    def remove(self, call: _Call, viewId: Any) -> Any:  # noqa: N803 - VTK's name
        protocol = self._protocol
        view_id = str(protocol.getGlobalId(protocol.getView(viewId)))
        counts = self._counts[self._caller()]
        if not counts[view_id]:  # it would take away another client's
            return {"error": f"Unable to find subscription for view {view_id}"}
        counts[view_id] -= 1
        answer = call(viewId)
        self._end_interactions(view_id)
        return answer

    def client_left(self, client_id: str) -> None:
        for view_id, count in self._counts.pop(client_id, Counter[str]()).items():
            # Not by VTK's own method: of a window that is gone, it would take the active one.
            for key, info in list(self._protocol.trackingViews.items()):
                if str(key) == view_id:
                    info["observerCount"] -= count
                    if info["observerCount"] <= 0:
                        del self._protocol.trackingViews[key]
                        application = self._applications.get(view_id)
                        for tag in info["tags"]:
                            (application or self._protocol.getApplication()).RemoveObserver(tag)
            self._end_interactions(view_id)

    def _observed(self) -> Counter[str]:
        tracked = getattr(self._protocol, "trackingViews", {})
        return Counter({str(key): info["observerCount"] for key, info in tracked.items()})

    def _animations(self) -> list[str]:
        return getattr(self._protocol, "viewsInAnimations", [])

    def _end_interactions(self, view_id: str) -> None:
        """End those of a view that nobody observes, which is not told of their ends any more."""
        if view_id in self._animated and not self._observed()[view_id]:
            animations = self._animations()
            for _ in range(animations.count(view_id) - self._animated.pop(view_id)):
                animations.remove(view_id)
            del self._applications[view_id]


class _Animations:
    """How often every client has started the animation of every view."""

    def __init__(self, protocol: Any, caller: Callable[[], str]) -> None:
        self._protocol = protocol
        self._caller = caller
        self._started: defaultdict[str, Counter[str]] = defaultdict(Counter)

    def start(self, call: _Call, *args: Any, **kwargs: Any) -> Any:
        before = self._running()
        try:
            return call(*args, **kwargs)
        finally:
            self._started[self._caller()] += self._running() - before

    def stop(self, call: _Call, *args: Any, **kwargs: Any) -> Any:
        before = self._running()
        try:
            return call(*args, **kwargs)
        finally:
            self._started[self._caller()] -= before - self._running()

    def client_left(self, client_id: str) -> None:
        for view_id, count in self._started.pop(client_id, Counter[str]()).items():
            for _ in range(min(count, self._running()[view_id])):
                self._protocol.viewsInAnimations.remove(view_id)

    def _running(self) -> Counter[str]:
        return Counter(self._protocol.viewsInAnimations)
