"""``wl.progress``: a bar under the cell, which serves calls while the cell runs."""

from __future__ import annotations

import html
import threading
import time
import uuid
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, TypeVar

from IPython.display import DisplayHandle

from wslink_jupyter.rpc.context import current_call
from wslink_jupyter.rpc.procedure import RESERVED

if TYPE_CHECKING:
    from wslink_jupyter.kernel.runtime import Runtime

T = TypeVar("T")

PROGRESS_TOPIC = f"{RESERVED}.progress"
#: Pause between two publications and two redrawings of the bar.
_INTERVAL_S = 0.2
_BAR_CHARS = 30


class _Bar:
    """The state of one loop, as it is published and as it is shown."""

    def __init__(self, title: str, total: int | None) -> None:
        self._id = uuid.uuid4().hex
        self._title = title
        self._total = total
        self._began_s = time.monotonic()
        self.done = 0
        self.state = "running"

    def value(self) -> dict[str, Any]:
        """Return what is published."""
        return {
            "id": self._id,
            "title": self._title,
            "done": self.done,
            "total": self._total,
            "elapsed_s": round(time.monotonic() - self._began_s, 3),
            "state": self.state,
        }

    def _text(self) -> str:
        elapsed_s = time.monotonic() - self._began_s
        text = f"{self.done}" if self._total is None else f"{self.done}/{self._total}"
        text += f" in {elapsed_s:.1f} s"
        if self.state != "running":
            return f"{text}, {self.state}"
        if self._total is not None and self.done:
            text += f", {elapsed_s / self.done * max(self._total - self.done, 0):.0f} s left"
        return text

    def bundle(self) -> dict[str, str]:
        """Return the MIME bundle that a notebook shows."""
        total = self._total or 0
        filled = round(_BAR_CHARS * min(self.done / total, 1)) if total else 0
        line = f"{'█' * filled}{'░' * (_BAR_CHARS - filled)} " if total else ""
        maximum = f' value="{self.done}" max="{total}"' if total else ""
        if not total and self.state != "running":
            maximum = ' value="1"'
        title = html.escape(self._title)
        return {
            "text/plain": f"{self._title} {line}{self._text()}".strip(),
            "text/html": f"<label>{title} <progress{maximum}></progress> {self._text()}</label>",
        }


def serve_during(
    runtime: Runtime, iterable: Iterable[T], title: str, total: int | None
) -> Iterator[T]:
    """Yield the items of `iterable`; see `wslink_jupyter.progress`."""
    if total is None:
        try:
            total = len(iterable)  # type: ignore[arg-type]
        except TypeError:
            total = None
    bar = _Bar(title, total)
    # Not from within a call: calls would be nested in it, out of order.
    on_main_thread = threading.current_thread() is threading.main_thread()
    serves = on_main_thread and current_call.get() is None
    handle = DisplayHandle()
    handle.display(bar.bundle(), raw=True)
    runtime.default.hub.publish(PROGRESS_TOPIC, bar.value())
    shown_s = time.monotonic()
    try:
        for item in iterable:
            yield item
            bar.done += 1
            if serves:
                runtime.main_thread.serve()
            if time.monotonic() - shown_s >= _INTERVAL_S:
                handle.update(bar.bundle(), raw=True)
                runtime.default.hub.publish(PROGRESS_TOPIC, bar.value())
                shown_s = time.monotonic()
        bar.state = "done"
    finally:
        if bar.state != "done":
            bar.state = "stopped"
        handle.update(bar.bundle(), raw=True)
        runtime.default.hub.publish(PROGRESS_TOPIC, bar.value())
