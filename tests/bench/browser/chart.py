"""A run as bar charts in SVG: pictures in a second, and how late they are."""

from __future__ import annotations

from bench.browser.report import measured_systems
from bench.browser.systems import SYSTEMS
from bench.browser.workloads import WORKLOADS
from bench.chart import STYLE, text
from bench.report import number
from bench.results import Results

#: System and its colour on light and on dark.
_COLOURS = {
    "ours": ("#d9480f", "#ff922b"),
    "ours-thread": ("#f59f00", "#ffd43b"),
    "rfb": ("#5c7cfa", "#748ffc"),
    "rfb-thread": ("#a5b4fc", "#4c63b6"),
    "trame": ("#2b8a3e", "#51cf66"),
}
_PARTS = (
    ("pictures_per_s", "Pictures drawn in a second (more is better)", "/s"),
    ("p50_ms", "From the mouse to the picture, median (less is better)", " ms"),
)
_WIDTH, _LEFT, _RIGHT = 760, 240, 60
_BAR, _GAP, _TITLE = 11, 10, 30


def chart(results: Results) -> str:
    """Return the SVG."""
    systems = measured_systems(results)
    body = [*_legend(systems)]
    y = 34.0
    for figure, title, unit in _PARTS:
        y += _TITLE
        body.append(text(12, y - 10, title, 'class="title"'))
        rows = _rows(results, figure)
        longest = max((value for _, bars in rows for value in bars.values()), default=1.0) or 1.0
        for words, bars in rows:
            body.append(
                text(_LEFT - 10, y + len(systems) * _BAR / 2 + 4, words, 'text-anchor="end"')
            )
            for system in systems:
                value = bars.get(system)
                width = (value or 0.0) / longest * (_WIDTH - _LEFT - _RIGHT)
                body.append(
                    f'<rect class="{system}" x="{_LEFT}" y="{y:.0f}" '
                    f'width="{width:.1f}" height="{_BAR - 1}"/>'
                )
                label = f"{number(value)}{unit}" if value else "none"
                body.append(text(_LEFT + width + 5, y + _BAR - 2, label, 'class="small"'))
                y += _BAR
            y += _GAP
    light, dark = (
        "".join(f".{system}{{fill:{_COLOURS[system][mode]}}}" for system in systems)
        for mode in (0, 1)
    )
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {y:.0f}" role="img">',
            "<title>Pictures that a kernel draws: ours, jupyter_rfb and trame</title>",
            f"<style>{STYLE % (light, dark)}</style>",
            *body,
            "</svg>\n",
        ]
    )


def _rows(results: Results, figure: str) -> list[tuple[str, dict[str, float]]]:
    """Return the title of each workload, and the median of each system that has one."""
    rows = []
    for name, workload in WORKLOADS.items():
        if figure == "pictures_per_s" and not workload.asks_for_speed:
            continue
        medians = {system: results.median(name, system, figure) for system in SYSTEMS}
        bars = {system: value for system, value in medians.items() if value is not None}
        if bars:
            rows.append((workload.title, bars))
    return rows


def _legend(systems: list[str]) -> list[str]:
    parts, x = [], 12.0
    for system in systems:
        title = SYSTEMS[system].title
        parts.append(f'<rect class="{system}" x="{x:.0f}" y="12" width="10" height="10"/>')
        parts.append(text(x + 15, 21, title))
        x += 38 + 6.3 * len(title)
    return parts
