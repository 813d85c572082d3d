"""Memory for large messages, used again and again.

The system hands out fresh memory page by page: for a picture of 6 MB, that
takes longer than copying it.
"""

from __future__ import annotations

import sys
import threading

from wslink_jupyter.limits import KIB, MIB

#: Smaller buffers come from memory that Python has at hand.
_LEAST_BYTES = 256 * KIB
#: What is kept, whether used or not.
_MOST_BYTES = 48 * MIB
_MOST_BLOCKS = 8


def _references(blocks: list[bytearray]) -> list[int]:
    """Return how often each block is referred to, this list and the question included."""
    return [sys.getrefcount(block) for block in blocks]


#: Of a block that nobody but its list refers to; versions of Python differ.
_UNUSED_REFERENCES = _references([bytearray(1)])[0]


class BufferPool:
    """Blocks of memory; one is free when nobody but the pool refers to it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._blocks: list[bytearray] = []

    def take(self, size_bytes: int) -> memoryview:
        """Return memory of `size_bytes`, of any content; from every thread.

        It is the caller's for as long as it, or a view of it, is referred to.
        """
        if not _LEAST_BYTES <= size_bytes <= _MOST_BYTES:
            return memoryview(bytearray(size_bytes))
        with self._lock:
            block = self._find(size_bytes) or self._make(size_bytes)
        return memoryview(block)[:size_bytes]

    def _find(self, size_bytes: int) -> bytearray | None:
        for index, references in enumerate(_references(self._blocks)):
            # Not one that is much too large: it would hold up its likes.
            fits = size_bytes <= len(self._blocks[index]) <= 2 * size_bytes
            if fits and references == _UNUSED_REFERENCES:
                return self._blocks[index]
        return None

    def _make(self, size_bytes: int) -> bytearray:
        block = bytearray(size_bytes)
        self._blocks.append(block)
        while len(self._blocks) > _MOST_BLOCKS or sum(map(len, self._blocks)) > _MOST_BYTES:
            del self._blocks[0]  # who uses it keeps it
        return block
