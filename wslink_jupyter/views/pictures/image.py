"""What a source may return, made into one of two kinds of picture."""

from __future__ import annotations

import struct
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from wslink_jupyter.errors import ViewError

Format = Literal["jpeg", "png"]

_PNG = b"\x89PNG\r\n\x1a\n"
_JPEG = b"\xff\xd8"
#: Start-of-frame markers: all of 0xC0 to 0xCF but for DHT, JPG and DAC.
_FRAME_MARKERS = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}

_EXPECTED = (
    "a numpy array of uint8 with the shape (height, width), (height, width, 3) or "
    "(height, width, 4), a PIL image, or the bytes of a JPEG or PNG file"
)


@dataclass(frozen=True, slots=True)
class Encoded:
    """A picture that its source has encoded: sent as it is.

    Attributes
    ----------
    data : bytes
    format : {"jpeg", "png"}
    width, height : int
        In pixels.
    """

    data: bytes
    format: Format
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Pixels:
    """A picture to be encoded.

    Attributes
    ----------
    array : numpy.ndarray
        uint8, (height, width, 3), in C order, top row first; nobody else's.
    """

    array: Any

    @property
    def width(self) -> int:
        """Width in pixels."""
        return int(self.array.shape[1])

    @property
    def height(self) -> int:
        """Height in pixels."""
        return int(self.array.shape[0])


Image = Encoded | Pixels


def is_image(value: object) -> bool:
    """Return whether `value` is of a type that can be a picture."""
    if isinstance(value, bytes | bytearray | memoryview | Encoded | Pixels):
        return True
    return _is_a(value, "numpy", "ndarray") or _is_a(value, "PIL.Image", "Image")


def image_of(value: object) -> Image:
    """Return the picture that a source returned.

    Parameters
    ----------
    value : numpy.ndarray, PIL.Image.Image, bytes, Encoded or Pixels
        Transparent pixels are laid on white.

    Raises
    ------
    ViewError
        If it is no picture.
    """
    if isinstance(value, Encoded | Pixels):
        return value
    if isinstance(value, bytes | bytearray | memoryview):
        return _encoded(bytes(value))
    if _is_a(value, "PIL.Image", "Image"):
        mode = "RGBA" if "A" in value.mode or "transparency" in value.info else "RGB"  # type: ignore[attr-defined]
        return _pixels(value.convert(mode), value)  # type: ignore[attr-defined]
    if _is_a(value, "numpy", "ndarray"):
        return _pixels(value, value)
    raise ViewError(f"picture: expected {_EXPECTED}, got {type(value).__name__}")


def _is_a(value: object, module: str, name: str) -> bool:
    """Return whether `value` is of a class of a module, which then has been imported."""
    kind = getattr(sys.modules.get(module), name, None)
    return kind is not None and isinstance(value, kind)


def _pixels(value: Any, original: Any) -> Pixels:
    import numpy as np

    array = np.asarray(value)
    if array.ndim == 2:
        array = array[:, :, np.newaxis]
    shape_fits = array.ndim == 3 and array.shape[2] in (1, 3, 4) and array.size > 0
    if array.dtype != np.uint8 or not shape_fits:
        got = f"{array.dtype} of shape {getattr(original, 'shape', array.shape)}"
        hint = ": (255 * a).astype('u1') makes one" if array.dtype.kind == "f" else ""
        raise ViewError(f"picture: expected {_EXPECTED}, got {got}{hint}")
    if array.shape[2] == 4:
        return Pixels(_on_white(array))
    # A copy: it is encoded later, when its owner may be drawing the next one in it.
    return Pixels(np.array(np.broadcast_to(array, (*array.shape[:2], 3)), order="C"))


def _on_white(array: Any) -> Any:
    import numpy as np

    alpha = array[:, :, 3:].astype(np.uint16)
    if alpha.min() == 255:
        return np.array(array[:, :, :3], order="C")
    mixed = (array[:, :, :3] * alpha + 255 * (255 - alpha) + 127) // 255
    return np.ascontiguousarray(mixed.astype(np.uint8))


def _encoded(data: bytes) -> Encoded:
    if data.startswith(_PNG) and len(data) >= 24:
        width, height = struct.unpack_from(">II", data, 16)
        return Encoded(data, "png", width, height)
    for marker, at in _jpeg_segments(data):
        if marker in _FRAME_MARKERS and at + 9 <= len(data):
            height, width = struct.unpack_from(">HH", data, at + 5)
            return Encoded(data, "jpeg", width, height)
    raise ViewError(
        f"picture: expected {_EXPECTED}, got {len(data)} bytes that begin with {data[:8]!r}"
    )


def _jpeg_segments(data: bytes) -> Iterator[tuple[int, int]]:
    """Yield the marker and the place of each segment before the pixels."""
    if not data.startswith(_JPEG):
        return
    at = 2
    while at + 4 <= len(data) and data[at] == 0xFF:
        if data[at + 1] == 0xFF:  # padding
            at += 1
            continue
        yield data[at + 1], at
        at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")
