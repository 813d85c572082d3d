"""What goes out of a socket together, and when it is out."""

import asyncio
import socket
from types import SimpleNamespace

import pytest
from support.asynchronous import async_test, turns

from wslink_jupyter.errors import ConnectionClosed
from wslink_jupyter.limits import KIB, MIB
from wslink_jupyter.transport.gathering_writer import GatheringWriter


class Writing:
    """A writer, and what its peer finds each time that it looks."""

    def __init__(self):
        ours, self.peer = socket.socketpair()
        for end in (ours, self.peer):
            end.setblocking(False)
            end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4 * MIB)
        self.sock = ours
        self.writer = GatheringWriter(ours, self._loop_without_a_clock())

    @staticmethod
    def _loop_without_a_clock():
        """No time passes between what a test writes, however busy the machine is."""
        loop = asyncio.get_running_loop()
        names = ("call_soon", "create_future", "add_writer", "remove_writer")
        return SimpleNamespace(time=lambda: 1.0, **{name: getattr(loop, name) for name in names})

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.writer.end(ConnectionClosed())
        self.sock.close()
        self.peer.close()

    def arrived(self):
        data = bytearray()
        while True:
            try:
                data += self.peer.recv(MIB)
            except BlockingIOError:
                return len(data)


def together(writing, size, count):
    """Write messages in one turn; return what had arrived after each."""
    arrived = []
    for _ in range(count):
        assert writing.writer.send((bytes(size),)) is None
        arrived.append(writing.arrived())
    return arrived


@async_test
async def test_a_message_that_comes_alone_is_written_at_once():
    with Writing() as writing:
        assert together(writing, 1000, 1) == [1000]


@pytest.mark.parametrize("size", [KIB, 64 * KIB])
@async_test
async def test_messages_close_behind_each_other_go_at_the_end_of_the_turn(size):
    with Writing() as writing:
        # Of the second it is known that it does not come alone.
        assert together(writing, size, 2) == [size, 0]
        await turns(1)
        assert writing.arrived() == size


@pytest.mark.parametrize(("size", "count"), [(KIB, 2), (64 * KIB, 8), (MIB, 1)])
@async_test
async def test_many_do_not_wait_for_the_end_of_the_turn(size, count):
    with Writing() as writing:
        arrived = together(writing, size, 1 + count)
        assert arrived == [size, *[0] * (count - 1), count * size]


@async_test
async def test_what_is_short_takes_along_what_waits_before_it():
    with Writing() as writing:
        together(writing, 64 * KIB, 2)
        assert together(writing, 1, 1) == [64 * KIB + 1]


@async_test
async def test_flush_says_whether_all_is_written():
    with Writing() as writing:
        together(writing, 64 * KIB, 2)
        assert writing.writer.flush()
        pending = writing.writer.send((bytes(16 * MIB),))
        assert pending is not None
        assert not writing.writer.flush()
        arrived = writing.arrived()
        while not pending.done():
            await turns(1)
            arrived += writing.arrived()
        assert writing.writer.flush()
        assert arrived == 64 * KIB + 16 * MIB
