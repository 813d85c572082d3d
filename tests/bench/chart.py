"""A run as a bar chart in SVG: how near each system comes to the limit."""

from __future__ import annotations

import math
from collections.abc import Iterator
from html import escape

from bench.report import label, number, shown
from bench.results import Results
from bench.workloads.base import Workload

#: System, its name in the legend, colour on light and on dark.
_BARS = (
    ("ours", "wslink_jupyter", "#d9480f", "#ff922b"),
    ("wslink-off", "wslink, no Jupyter", "#5c7cfa", "#748ffc"),
    ("wslink", "the same, compressing", "#a5b4fc", "#4c63b6"),
    ("jsp", "jupyter-server-proxy", "#2b8a3e", "#51cf66"),
    ("comm", "Jupyter comm", "#868e96", "#adb5bd"),
)
_WIDTH, _LEFT, _RIGHT = 760, 176, 96
_BAR, _GROUP_GAP, _TOP = 11, 12, 68
#: Mean width of a character, for want of a way to ask.
_CHARACTER = 6.3
#: Smallest speed that has a length; what is slower gets none, and its figure.
_SMALLEST = 1e-4

STYLE = """
text{font:12px system-ui,sans-serif;fill:#343a40}
.small{font-size:10px;fill:#6c757d;stroke:#fff;stroke-width:3px;paint-order:stroke}
.title{font-size:15px;font-weight:600}
.grid{stroke:#dee2e6}
.limit{stroke:#343a40;stroke-dasharray:4 3}
%s
@media(prefers-color-scheme:dark){
text{fill:#dee2e6}.small{fill:#adb5bd;stroke:#0d1117}.grid{stroke:#495057}.limit{stroke:#dee2e6}
%s}"""


def chart(results: Results) -> str:
    """Return the SVG."""
    groups = [
        (workload, bars)
        for workload in shown(results)
        # One bar compares with nothing.
        if len(bars := list(_bars(results, workload))) > 1
    ]
    least = min((speed for _, bars in groups for _, speed, _ in bars), default=0.1)
    scale = _Scale(10 ** math.floor(math.log10(max(least, _SMALLEST))))
    height = _TOP + sum(len(bars) * _BAR + _GROUP_GAP for _, bars in groups) + 24
    body = [*_legend(), *scale.grid(_TOP - 6, height - 24)]
    y = _TOP
    for workload, bars in groups:
        middle = y + len(bars) * _BAR / 2 + 4
        body.append(text(_LEFT - 10, middle, workload.title, 'text-anchor="end"'))
        for css, speed, words in bars:
            width = scale.x(speed) - _LEFT
            body.append(
                f'<rect class="{css}" x="{_LEFT}" y="{y}" width="{width:.1f}" height="{_BAR - 1}"/>'
            )
            body.append(text(_LEFT + width + 5, y + _BAR - 2, words, 'class="small"'))
            y += _BAR
        y += _GROUP_GAP
    light, dark = (
        "".join(f".{system}{{fill:{colours[mode]}}}" for system, _, *colours in _BARS)
        for mode in (0, 1)
    )
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" role="img">',
            "<title>Speed of wslink_jupyter and its peers, relative to a raw WebSocket</title>",
            f"<style>{STYLE % (light, dark)}</style>",
            *body,
            "</svg>\n",
        ]
    )


def _bars(results: Results, workload: Workload) -> Iterator[tuple[str, float, str]]:
    """Yield CSS class, speed relative to the limit, and words of each bar."""
    figure = workload.figures[0]
    for system, *_ in _BARS:
        ratio = results.to_limit(workload, system)
        median = results.median(workload.name, system, figure)
        if ratio and median is not None and figure in _SPEEDS:
            speed = 1 / ratio if _SPEEDS[figure] else ratio
            unit = label(figure).removeprefix("p50 ").removeprefix("p99 ")
            yield system, speed, f"{number(median)} {unit}"


#: Figures that are speeds, and whether less is faster.
_SPEEDS = {
    "p50_ms": True,
    "p99_ms": True,
    "calls_per_s": False,
    "mb_per_s": False,
    "frames_per_s": False,
}


class _Scale:
    """A logarithmic scale of speeds, from `least` to the limit and a bit more."""

    def __init__(self, least: float) -> None:
        self._least = least
        self._decades = math.log10(2 / least)

    def x(self, speed: float) -> float:
        """Return where a bar of that speed ends."""
        position = math.log10(max(speed, self._least) / self._least) / self._decades
        return _LEFT + min(position, 1.0) * (_WIDTH - _LEFT - _RIGHT)

    def grid(self, top: float, bottom: float) -> Iterator[str]:
        """Yield a line for each power of ten, and the limit's."""
        for exponent in range(round(math.log10(self._least)), 1):
            x = self.x(10.0**exponent)
            css = "grid" if exponent else "limit"
            yield f'<line class="{css}" x1="{x:.1f}" x2="{x:.1f}" y1="{top}" y2="{bottom}"/>'
            words = f"1/{10**-exponent:,}" if exponent else "raw WebSocket"
            yield text(x, bottom + 14, words, 'class="small" text-anchor="middle"')


def _legend() -> Iterator[str]:
    yield text(12, 22, "Speed relative to a raw WebSocket (longer is better)", 'class="title"')
    x, y = 12.0, 38
    for system, name, *_ in _BARS:
        yield f'<rect class="{system}" x="{x:.0f}" y="{y}" width="10" height="10"/>'
        yield text(x + 15, y + 9, name)
        x += 38 + _CHARACTER * len(name)


def text(x: float, y: float, words: str, attributes: str = "") -> str:
    """Return words at a place."""
    return f'<text x="{x:.1f}" y="{y:.1f}" {attributes}>{escape(words)}</text>'
