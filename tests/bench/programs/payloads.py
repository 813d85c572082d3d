"""What is published and uploaded, by name."""

from __future__ import annotations

import functools
import math
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

KIB = 1024
MIB = 1024 * KIB
#: What may be on its way to one client, and in how many publications at least:
#: enough to keep a path full, too little for anybody's queue to overflow.
_WINDOW_BYTES = 4 * MIB
_WINDOW_PUBLICATIONS = 4


@dataclass(frozen=True)
class Payload:
    """One kind of published value.

    Attributes
    ----------
    size_bytes : int
    shape : tuple of int
        Of an array of ``uint8``; empty for plain bytes.
    """

    size_bytes: int
    shape: tuple[int, ...] = ()

    @property
    def window(self) -> int:
        """Publications that may be unacknowledged, the same for every system."""
        return max(_WINDOW_PUBLICATIONS, _WINDOW_BYTES // self.size_bytes)

    @property
    def acknowledge_every(self) -> int:
        """Publications that one acknowledgement covers.

        A quarter of the window: small publications would otherwise be
        outnumbered by what acknowledges them.
        """
        return self.window // 4


PAYLOADS = {
    "64k": Payload(64 * KIB),
    "1m": Payload(MIB),
    "1080p": Payload(1080 * 1920 * 3, (1080, 1920, 3)),
}


# Both are kept: memory that they take must not be counted when it grows.
@functools.cache
def random_bytes(size_bytes: int) -> bytes:
    """Return bytes that do not compress: a compressing server sends zeros for nothing."""
    return os.urandom(size_bytes)


@functools.cache
def random_frame(shape: tuple[int, ...]) -> np.ndarray:
    """Return an array of ``uint8`` that its owner goes on writing to."""
    import numpy as np  # which the limit does without

    return np.frombuffer(bytearray(os.urandom(math.prod(shape))), "u1").reshape(shape)
