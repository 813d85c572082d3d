"""Memory for large messages, used again and again.

The system hands out fresh memory page by page: for a picture of 6 MB, that
takes longer than copying it. And what is in memory that the other end of the
link can read need not be sent there.
"""

from __future__ import annotations

import ctypes
import mmap
import sys
import threading
from itertools import chain
from typing import TYPE_CHECKING

from wslink_jupyter.limits import KIB, MIB
from wslink_jupyter.rpc.shared_memory import SharedMemory

if TYPE_CHECKING:
    from wslink_jupyter.rpc.shared_memory import Block

#: Smaller buffers come from memory that Python has at hand.
_LEAST_BYTES = 32 * KIB
_LARGE_BYTES = MIB
#: All there is; what finds no room is sent by the socket.
_MOST_BYTES = 64 * MIB


def _references(blocks: list[Block], index: int) -> int:
    """Return how often a block is referred to, its list and the question included."""
    return sys.getrefcount(blocks[index])


#: Of a block that nobody but its list refers to; versions of Python differ.
_UNUSED_REFERENCES = _references([(ctypes.c_char * 1)()], 0)


class BufferPool:
    """Blocks of one memory; one is free when nobody but the pool refers to it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._memory: SharedMemory | None = None
        #: In the order in which they lie in the memory.
        self._blocks: list[Block] = []
        #: Behind the one that was found last.
        self._next = 0

    @property
    def memory(self) -> SharedMemory:
        """What the blocks are parts of; made when it is first asked for."""
        with self._lock:
            return self._made()

    def _made(self) -> SharedMemory:
        if self._memory is None:
            self._memory = SharedMemory(_MOST_BYTES)
        return self._memory

    def take(self, size_bytes: int) -> memoryview | None:
        """Return memory of `size_bytes`, of any content; from every thread.

        It is the caller's for as long as it, or a view of it, is referred to.
        None if so little or so much is better taken elsewhere.
        """
        if not _LEAST_BYTES <= size_bytes <= _MOST_BYTES:
            return None
        with self._lock:
            block = self._find(size_bytes) or self._make(size_bytes)
        return None if block is None else memoryview(block).cast("B")[:size_bytes]

    def let_go(self) -> None:
        """Give the memory back to the system, as soon as nobody refers to a part of it."""
        with self._lock:
            self._memory = None
            self._blocks.clear()

    def _find(self, size_bytes: int) -> Block | None:
        blocks = self._blocks
        # Of small blocks there may be many, and the one that was used longest ago is free.
        # Of large ones, it is the first: the processor may still have it at hand.
        first = min(self._next, len(blocks)) if size_bytes < _LARGE_BYTES else 0
        for index in chain(range(first, len(blocks)), range(first)):
            # Not one that is much too large: it would hold up its likes.
            fits = size_bytes <= len(blocks[index]) <= 2 * size_bytes
            if fits and _references(blocks, index) == _UNUSED_REFERENCES:
                self._next = index + 1
                return blocks[index]
        return None

    def _make(self, size_bytes: int) -> Block | None:
        whole_pages_bytes = -(-size_bytes // mmap.PAGESIZE) * mmap.PAGESIZE
        block = self._insert(whole_pages_bytes)
        if block is None:
            blocks = self._blocks
            self._blocks = [
                blocks[index]
                for index in range(len(blocks))
                if _references(blocks, index) > _UNUSED_REFERENCES
            ]
            block = self._insert(whole_pages_bytes)
        return block

    def _insert(self, size_bytes: int) -> Block | None:
        """Make a block in the first gap that has room for it."""
        memory, begin = self._made(), 0
        for index, block in enumerate([*self._blocks, None]):
            end = _MOST_BYTES if block is None else memory.offset_of(block)
            assert end is not None  # our own block
            if end - begin >= size_bytes:
                made = memory.block(begin, size_bytes)
                self._blocks.insert(index, made)
                return made
            if block is not None:
                begin = end + len(block)
        return None
