"""Memory that one process writes and another reads, so that large values need no socket.

On Linux it is an anonymous file (``memfd_create``), whose descriptor goes over
the link. It is sealed: a file that shrinks would kill who reads it.
"""

from __future__ import annotations

import contextlib
import ctypes
import mmap
import os
import sys
import weakref
from typing import TYPE_CHECKING

from wslink_jupyter.errors import LinkError
from wslink_jupyter.wire.header import Buffer

if TYPE_CHECKING:
    Block = ctypes.Array[ctypes.c_char]

#: Whether descriptors of memory can be handed from process to process here.
CAN_SHARE = sys.platform == "linux"


class SharedMemory:
    """The writer's side.

    Parameters
    ----------
    size_bytes : int
        Taken from the system when it is first written to, page by page.

    Attributes
    ----------
    descriptor : int or None
        Of the file; None where the system has none to give.
    """

    def __init__(self, size_bytes: int) -> None:
        self.size_bytes = size_bytes
        self.descriptor: int | None = None
        if CAN_SHARE:
            with contextlib.suppress(OSError):
                self.descriptor = _sealed_file(size_bytes)
        self._map = mmap.mmap(-1 if self.descriptor is None else self.descriptor, size_bytes)
        self._address = ctypes.addressof(ctypes.c_char.from_buffer(self._map))
        if self.descriptor is not None:
            weakref.finalize(self, os.close, self.descriptor)

    def block(self, offset: int, size_bytes: int) -> Block:
        """Return a part of the memory, which keeps all of it alive."""
        return (ctypes.c_char * size_bytes).from_buffer(self._map, offset)

    def offset_of(self, part: Buffer | Block) -> int | None:
        """Return where in the memory `part` begins, or None if it is not of this memory."""
        if type(part) is bytes or memoryview(part).readonly or not len(part):
            return None
        offset = ctypes.addressof(ctypes.c_char.from_buffer(part)) - self._address
        return offset if 0 <= offset < self.size_bytes else None


def _sealed_file(size_bytes: int) -> int:
    if sys.platform != "linux":
        raise OSError("Linux only")
    import fcntl

    descriptor = os.memfd_create("wslink", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    try:
        os.ftruncate(descriptor, size_bytes)
        seals = fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SEAL
        fcntl.fcntl(descriptor, fcntl.F_ADD_SEALS, seals)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def map_shared(descriptor: int, size_bytes: int) -> memoryview:
    """Return the memory of a peer, to be read. The descriptor stays the caller's.

    Raises
    ------
    LinkError
        If it is not of that size, or could become smaller under its reader.
    """
    if sys.platform != "linux":
        raise LinkError("link: expected shared memory on Linux only")
    import fcntl

    try:
        is_sealed = fcntl.fcntl(descriptor, fcntl.F_GET_SEALS) & fcntl.F_SEAL_SHRINK
        held_bytes = os.fstat(descriptor).st_size
        if not is_sealed or held_bytes != size_bytes or size_bytes <= 0:
            raise LinkError(
                f"link: expected {size_bytes} bytes of sealed memory, got {held_bytes} bytes"
                f"{'' if is_sealed else ', not sealed'}"
            )
        return memoryview(mmap.mmap(descriptor, size_bytes, prot=mmap.PROT_READ))
    except OSError as error:
        raise LinkError(f"link: expected shared memory, got {error.strerror}") from error
