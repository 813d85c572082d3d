"""A hand on the mouse, and the cell that it does not wait for."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from playwright.sync_api import Frame, Locator, Page, TimeoutError
from support.lab import Notebook

from bench.browser.grid import GRID
from bench.browser.systems import System
from bench.browser.trace import Seen

_WATCH = (Path(__file__).with_name("watch.js")).read_text(encoding="utf-8")

#: Seconds until a picture has to be there.
_TRIES = 30

_RUN = """async ([path, code]) => {
  const { kernels, sessions } = window.jupyterapp.serviceManager;
  const model = [...sessions.running()].find(each => each.path === path);
  window.benchKernel ??= kernels.connectTo({ model: model.kernel });
  const future = window.benchKernel.requestExecute({ code });
  const started = new Promise(resolve => {
    future.onIOPub = ({ header }) => header.msg_type === 'execute_input' && resolve();
  });
  window.benchRan = future.done.then(reply => reply.content.status);
  await started;
}"""


class Picture:
    """The scene as it is on the page.

    Parameters
    ----------
    notebook : Notebook
        That has run the cell of the system.
    system : System
    size : (int, int)
        How large the picture has to be.
    """

    def __init__(self, notebook: Notebook, system: System, size: tuple[int, int]) -> None:
        self._page: Page = notebook.page
        self._notebook = notebook
        self._place: Frame | Page = self._page
        if system.frame:
            frame = self._page.wait_for_selector(system.frame, timeout=60_000)
            content = frame.content_frame() if frame else None
            assert content is not None, f"expected {system.frame} to be a frame"
            self._place = content
        self._locator = self._wait_for(system.picture, size)
        if system.fills_panel:
            self._make_panel_fit(size)
        self._locator.evaluate(_WATCH)

    def _wait_for(self, selector: str, size: tuple[int, int]) -> Locator:
        """Return the first element that is as large as a picture."""
        self._place.wait_for_function(
            """([selector, width]) => [...document.querySelectorAll(selector)].some(
              each => each.getBoundingClientRect().width > width / 2)""",
            arg=[selector, size[0]],
            timeout=60_000,
        )
        for candidate in self._place.locator(selector).all():
            box = candidate.bounding_box()
            if box and box["width"] > size[0] / 2:
                return candidate
        raise AssertionError(f"expected a picture, found none that is {selector}")

    def _make_panel_fit(self, size: tuple[int, int]) -> None:
        box, now = self._locator.bounding_box(), self._page.viewport_size
        assert box
        assert now
        self._page.set_viewport_size(
            {
                "width": round(now["width"] + size[0] - box["width"]),
                "height": round(now["height"] + size[1] - box["height"]),
            }
        )
        self._page.wait_for_function(
            "([element, ...size]) => String([element.width, element.height]) === String(size)",
            arg=[self._locator.element_handle(), *size],
        )

    def wait_until_it_answers(self) -> None:
        """Drag until the picture shows where the mouse is."""
        mouse = self._page.mouse
        for step, (x, y) in enumerate(self._way()):
            mouse.move(x, y)
            mouse.down()
            try:
                self._place.wait_for_function("window.benchShows()", timeout=1000)
                return
            except TimeoutError:
                assert step < _TRIES, "expected the picture to follow the mouse, it does not"
            finally:
                mouse.up()

    def _way(self) -> Iterator[tuple[float, float]]:
        """Yield places on the page, one cell of the grid after the other."""
        box = self._locator.bounding_box()
        assert box
        rows = range(8, GRID - 8)
        for row in rows:
            columns = range(8, GRID - 8)
            for column in columns if row % 2 else reversed(columns):
                yield (
                    box["x"] + (column + 0.5) / GRID * box["width"],
                    box["y"] + (row + 0.5) / GRID * box["height"],
                )

    def take(self) -> tuple[list[Seen], list[Seen]]:
        """Return the moves and the pictures since the last call."""
        taken: dict[str, Any] = self._place.evaluate("window.benchTaken()")
        moves, pictures = (
            [Seen(each["code"], each["at"]) for each in taken[name]]
            for name in ("moves", "pictures")
        )
        return moves, pictures

    def run(self, code: str) -> None:
        """Run a cell, and return when it has begun."""
        self._page.evaluate(_RUN, [self._notebook.name, code])

    def wait_for_cell(self) -> None:
        """Wait until what `run` began has ended."""
        status = self._page.evaluate("window.benchRan")
        assert status == "ok", f"the cell ended with {status}"

    def drag(self, seconds: float, per_s: float) -> float:
        """Drag the mouse over the picture; return how long that took.

        A page that has no time gets fewer moves, and none later.
        """
        mouse = self._page.mouse
        begin_s = time.perf_counter()
        elapsed_s = 0.0
        for step, (x, y) in enumerate(self._way(), 1):
            mouse.move(x, y)
            if step == 1:
                mouse.down()
            time.sleep(max(begin_s + step / per_s - time.perf_counter(), 0))
            elapsed_s = time.perf_counter() - begin_s
            if elapsed_s >= seconds:
                break
        mouse.up()
        return elapsed_s
