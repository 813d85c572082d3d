"""The picture that a saved notebook shows in the place of a live one."""

from __future__ import annotations

import base64

from wslink_jupyter.views.pictures.encoder import encode
from wslink_jupyter.views.pictures.image import Encoded, Pixels
from wslink_jupyter.views.pictures.sources import Source

_SIZE_PX = (800, 500)
#: Notebooks are read as text, and kept in repositories.
_MAX_SIDE_PX = 1024


def still_of(source: Source) -> Encoded:
    """Draw a picture on this thread; return one that is not too large."""
    image = source.draw(*_SIZE_PX, still=True)
    if isinstance(image, Pixels):
        step = -(-max(image.width, image.height) // _MAX_SIDE_PX)
        if step > 1:
            image = Pixels(image.array[::step, ::step].copy())
    return encode(image, 100, lossless=True)


def mime_of(still: Encoded) -> dict[str, str]:
    """Return a picture's part of a MIME bundle."""
    return {f"image/{still.format}": base64.b64encode(still.data).decode("ascii")}
