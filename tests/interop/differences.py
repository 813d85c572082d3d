"""The table of differences, and what was observed, as rows that can be compared."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

TARGETS = {"default", "tunnel", "standalone"}
_TABLE = Path(__file__).parent / "differences.md"


@dataclass(frozen=True, order=True)
class Difference:
    """What one of our servers does otherwise than stock wslink, in one case."""

    case: str
    stock: str
    ours: str


@dataclass(frozen=True)
class Row:
    """What the table says of some cases; `…` in it stands for any text."""

    cases: tuple[str, ...]
    targets: tuple[str, ...]
    stock: str
    ours: str
    why: str

    def tells(self, difference: Difference) -> bool:
        """Return whether this is the row of a difference."""
        return (
            difference.case in self.cases
            and _fits(self.stock, difference.stock)
            and _fits(self.ours, difference.ours)
        )


def differ(stock: Mapping[str, str], ours: Mapping[str, str]) -> set[Difference]:
    """Return where two transcripts differ."""
    assert stock.keys() == ours.keys()
    return {
        Difference(case, _cell(text), _cell(ours[case]))
        for case, text in stock.items()
        if ours[case] != text
    }


def table() -> list[Row]:
    """Read the table."""
    rows = []
    for line in _TABLE.read_text(encoding="utf-8").splitlines():
        if not line.startswith("| ") or line.startswith("| Cases"):
            continue
        cases, targets, stock, ours, why = line.removeprefix("| ").removesuffix(" |").split(" | ")
        assert why.strip(), f"expected a reason: {line}"
        assert set(targets.split(", ")) <= TARGETS, f"expected of {TARGETS}: {line}"
        rows.append(Row(tuple(cases.split("<br>")), tuple(targets.split(", ")), stock, ours, why))
    return rows


def complaints(target: str, seen: set[Difference]) -> str:
    """Return what the table lacks of what was seen, and what it has that was not."""
    expected = {(case, row) for row in table() if target in row.targets for case in row.cases}
    untold = []
    for difference in sorted(seen):
        rows = {
            (case, row)
            for case, row in expected
            if case == difference.case and row.tells(difference)
        }
        if rows:
            expected -= rows
        else:
            case, stock, ours = difference.case, difference.stock, difference.ours
            untold.append(f"| {case} | {target} | {stock} | {ours} |  |")
    gone = sorted(f"{case}: {row.stock} / {row.ours}" for case, row in expected)
    return "\n".join(
        [
            *(["not in the table:"] if untold else []),
            *untold,
            *(["not seen:"] if gone else []),
            *gone,
        ]
    )


def _fits(pattern: str, text: str) -> bool:
    expression = ".*".join(map(re.escape, pattern.split("…")))
    return re.fullmatch(expression, text, re.DOTALL) is not None


def _cell(text: str) -> str:
    """Return a text as a cell of the table that shows it as it is."""
    printable = "".join(each if each.isprintable() else repr(each)[1:-1] for each in text)
    for mark, instead in (("|", "\\|"), ("`", "\u2019")):
        printable = printable.replace(mark, instead)
    return f"`{printable}`"
