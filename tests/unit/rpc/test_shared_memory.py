"""Memory that one process writes and another reads."""

import gc
import os
from pathlib import Path

import pytest
from support.naming import name_of

from wslink_jupyter.errors import LinkError
from wslink_jupyter.rpc.shared_memory import CAN_SHARE, SharedMemory, map_shared

pytestmark = pytest.mark.skipif(not CAN_SHARE, reason="Linux only")

SIZE = 8192


def test_the_reader_sees_what_the_writer_writes():
    memory = SharedMemory(SIZE)
    view = map_shared(memory.descriptor, SIZE)
    memory.block(4096, 3)[:] = b"abc"
    assert bytes(view[4095:4100]) == b"\0abc\0"
    assert view.readonly


@pytest.mark.parametrize("begin", [0, 1, 4096, SIZE - 1])
def test_a_part_is_found_where_it_is(begin):
    memory = SharedMemory(SIZE)
    whole = memoryview(memory.block(0, SIZE)).cast("B")
    assert memory.offset_of(whole[begin:]) == begin


@pytest.mark.parametrize(
    "part",
    [b"abc", bytearray(8), memoryview(b"abc"), memoryview(bytearray(8))[2:], b""],
    ids=name_of,
)
def test_what_is_elsewhere_is_not_found(part):
    assert SharedMemory(SIZE).offset_of(part) is None


def test_another_memory_is_elsewhere():
    one, other = SharedMemory(SIZE), SharedMemory(SIZE)
    assert one.offset_of(memoryview(other.block(0, 8)).cast("B")) is None


def test_it_can_become_neither_smaller_nor_larger():
    memory = SharedMemory(SIZE)
    for size in (0, SIZE - 1, SIZE + 1):
        with pytest.raises(PermissionError):
            os.ftruncate(memory.descriptor, size)


def test_a_file_that_could_become_smaller_is_refused():
    descriptor = os.memfd_create("test", os.MFD_ALLOW_SEALING)
    try:
        os.ftruncate(descriptor, SIZE)
        with pytest.raises(LinkError, match="got 8192 bytes, not sealed"):
            map_shared(descriptor, SIZE)
    finally:
        os.close(descriptor)


@pytest.mark.parametrize("size", [-1, 0, 1, SIZE - 1, SIZE + 1, 2**40])
def test_another_size_than_was_said_is_refused(size):
    memory = SharedMemory(SIZE)
    with pytest.raises(LinkError, match=f"expected {size} bytes of sealed memory, got {SIZE}"):
        map_shared(memory.descriptor, size)


def test_what_is_no_memory_is_refused(tmp_path):
    with (tmp_path / "file").open("w+b") as file, pytest.raises(LinkError, match="shared memory"):
        map_shared(file.fileno(), SIZE)


def test_nothing_is_left_open():
    gc.collect()  # what others left
    before = len(list(Path("/proc/self/fd").iterdir()))
    memory = SharedMemory(SIZE)
    view = map_shared(memory.descriptor, SIZE)
    block = memory.block(0, SIZE)
    del memory
    gc.collect()
    block[:1] = b"x"  # what is in use stays, and can be read
    assert view[0] == ord("x")
    del block, view
    gc.collect()
    assert len(list(Path("/proc/self/fd").iterdir())) == before
