"""Bytes that pass through without this process touching them."""

import os
import socket
from pathlib import Path

import pytest
from support.pairs import socket_pair

from wslink_jupyter.limits import KIB, MIB

pytestmark = pytest.mark.skipif(not hasattr(os, "splice"), reason="Linux only")


class Road:
    """A sender, the splice between two sockets, and a receiver."""

    def __init__(self, families, buffer_bytes=None):
        from wslink_jupyter.transport.splice import Splice

        self.sender, self.source = socket_pair(families[0])
        self.target, self.receiver = socket_pair(families[1])
        for sock in (self.sender, self.source):
            for option in (socket.SO_SNDBUF, socket.SO_RCVBUF):
                sock.setsockopt(socket.SOL_SOCKET, option, 4 * MIB)
        if buffer_bytes is not None:
            self.target.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, buffer_bytes)
            self.receiver.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer_bytes)
        self.splice = Splice(self.source, self.target)

    def received(self, count):
        """Wait for bytes at the other end; return them."""
        self.receiver.settimeout(10)
        data = bytearray()
        while len(data) < count:
            data += self.receiver.recv(count - len(data))
        return bytes(data)

    def close(self):
        self.splice.close()
        for sock in (self.sender, self.source, self.target, self.receiver):
            sock.close()


@pytest.fixture(params=["unix unix", "unix tcp", "tcp tcp"])
def road(request):
    """A road with room for everything."""
    made = Road(request.param.split())
    yield made
    made.close()


@pytest.fixture(params=["unix", "tcp"])
def narrow(request):
    """A road whose receiver takes little."""
    made = Road(["unix", request.param], buffer_bytes=16 * KIB)
    yield made
    made.close()


def data_of(size):
    return os.urandom(size)


def send(road, data):
    """Send all of it; wait until the source holds it."""
    sent = road.sender.send(data)
    assert sent == len(data)
    while not road.splice.has(len(data)):
        pass


@pytest.mark.parametrize("size", [1, 4095, 4096, 65_536, 65_537, 200_000])
def test_bytes_arrive_as_they_were(road, size):
    data = data_of(size)
    send(road, data)
    rest = road.splice.move(size)
    assert road.received(size - len(rest)) + rest == data
    assert not road.splice.has(1)


def test_what_comes_behind_is_left_where_it_is(road):
    data = data_of(100_000)
    send(road, data)
    rest = road.splice.move(60_000)
    assert road.received(60_000 - len(rest)) + rest == data[:60_000]
    assert road.splice.has(40_000)
    assert not road.splice.has(40_001)
    assert road.splice.take(40_000) == data[60_000:]


@pytest.mark.parametrize("size", [100_000, 1_000_000])
def test_what_a_full_target_does_not_take_is_handed_back(narrow, size):
    data = data_of(size)
    send(narrow, data)
    rest = narrow.splice.move(size)
    assert rest
    assert narrow.received(size - len(rest)) + rest == data


def test_a_full_target_takes_the_next_message_when_it_has_room(narrow):
    first, second = data_of(300_000), data_of(10_000)
    send(narrow, first)
    rest = narrow.splice.move(len(first))
    assert narrow.received(len(first) - len(rest)) + rest == first
    send(narrow, second)
    rest = narrow.splice.move(len(second))
    assert narrow.received(len(second) - len(rest)) + rest == second


def test_a_source_with_less_is_told_and_untouched(road):
    send(road, b"abc")
    assert not road.splice.has(4)
    assert road.splice.take(3) == b"abc"


def test_a_source_that_ends_is_an_error(road):
    road.sender.close()
    with pytest.raises(OSError, match="ended in the middle"):
        road.splice.move(1)
    with pytest.raises(OSError, match="ended in the middle"):
        road.splice.take(1)


def test_a_target_that_has_gone_is_an_error(road):
    def move_until_told():
        for _ in range(100):  # TCP finds out when the peer answers
            send(road, bytes(1000))
            road.splice.move(1000)

    road.receiver.close()
    with pytest.raises(OSError, match=r"Broken pipe|Connection reset"):
        move_until_told()


def test_nothing_is_left_open():
    before = set(Path("/proc/self/fd").iterdir())
    Road(["unix", "unix"]).close()
    assert set(Path("/proc/self/fd").iterdir()) <= before
