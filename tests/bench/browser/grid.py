"""Places of the mouse as numbers, which the scene shows as a colour. `watch.js` does the same."""

from __future__ import annotations

#: Of the picture, in CSS pixels, which are the screen's here.
SIZE = (800, 600)
#: Columns and rows of the grid whose cells are told apart.
GRID = 64


def code_of(x: float, y: float) -> int:
    """Return the number of the cell at a place, given as fractions from the top left."""
    column, row = (min(max(int(place * GRID), 0), GRID - 1) for place in (x, y))
    return row * GRID + column


def colour_of(code: int) -> tuple[float, ...]:
    """Return red, green and blue: four bits each, far enough apart for any JPEG."""
    return tuple(((code >> shift & 15) * 16 + 8) / 255 for shift in (8, 4, 0))
