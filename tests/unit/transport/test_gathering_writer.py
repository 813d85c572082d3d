"""What goes out of a socket together, and when it is out."""

import asyncio
from types import SimpleNamespace

import pytest
from support.asynchronous import async_test, turns

from wslink_jupyter.errors import ConnectionClosed
from wslink_jupyter.limits import KIB, MIB
from wslink_jupyter.transport.gathering_writer import GatheringWriter


class Socket:
    """Takes what it has room for; keeps how much came at a time."""

    def __init__(self):
        self.room = 64 * MIB
        self.came = []

    def fileno(self):
        return -1

    def sendmsg(self, parts):
        if not self.room:
            raise BlockingIOError
        self.came.append(min(sum(map(len, parts)), self.room))
        self.room -= self.came[-1]
        return self.came[-1]


class Writing:
    """A writer to a reader of some speed, on a loop on which no time passes."""

    def __init__(self, unsent_bytes=MIB):
        self.sock = Socket()
        self.writable = None
        loop = asyncio.get_running_loop()
        here = SimpleNamespace(
            time=lambda: 1.0,
            call_soon=loop.call_soon,
            create_future=loop.create_future,
            add_writer=lambda sock, writable: setattr(self, "writable", writable),
            remove_writer=lambda sock: None,
        )
        unsent = SimpleNamespace(limit_bytes=unsent_bytes, sent=lambda size, now_s: None)
        self.writer = GatheringWriter(self.sock, here, unsent if unsent_bytes else None)

    def send(self, size, count=1):
        """Write messages; return what came of each at once."""
        came = []
        for _ in range(count):
            self.sock.came.clear()
            assert self.writer.send((bytes(size),)) is None
            came.append(sum(self.sock.came))
        return came


@async_test
async def test_a_message_that_comes_alone_is_written_at_once():
    assert Writing().send(1000) == [1000]


@pytest.mark.parametrize("size", [KIB, 64 * KIB])
@async_test
async def test_messages_close_behind_each_other_go_at_the_end_of_the_turn(size):
    writing = Writing()
    # Of the second it is known that it does not come alone.
    assert writing.send(size, 2) == [size, 0]
    await turns(1)
    assert writing.sock.came == [size]


@pytest.mark.parametrize(
    ("size", "unsent_bytes", "count"),
    [
        (KIB, MIB, 2),
        (KIB, None, 2),
        (64 * KIB, MIB, 8),
        (64 * KIB, 128 * KIB, 2),
        (64 * KIB, None, 1),
        (MIB, MIB, 1),
    ],
)
@async_test
async def test_many_do_not_wait_for_the_end_of_the_turn(size, unsent_bytes, count):
    came = Writing(unsent_bytes).send(size, 1 + count)
    assert came == [size, *[0] * (count - 1), count * size]


@async_test
async def test_what_is_short_takes_along_what_waits_before_it():
    writing = Writing()
    writing.send(64 * KIB, 2)
    assert writing.send(1) == [64 * KIB + 1]


@async_test
async def test_flush_says_whether_all_is_written():
    writing = Writing()
    writing.send(64 * KIB, 2)
    assert writing.writer.flush()
    writing.sock.room = MIB
    pending = writing.writer.send((bytes(2 * MIB),))
    assert not pending.done()
    assert not writing.writer.flush()
    writing.sock.room = 2 * MIB
    writing.writable()
    assert pending.done()
    assert writing.writer.flush()
    writing.writer.end(ConnectionClosed())
    with pytest.raises(ConnectionClosed):
        writing.writer.flush()
