"""A fast reader may have more unsent than a slow one."""

import socket

import pytest
from support.pairs import socket_pair

from wslink_jupyter.limits import KIB, MIB
from wslink_jupyter.transport.unsent import UnsentLimit


def lowat(sock):
    return sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT)


@pytest.mark.parametrize(
    ("bytes_per_s", "limit_bytes"),
    [(100_000, 128 * KIB), (1_000_000, 128 * KIB), (40 * MIB, 409 * KIB), (10_000 * MIB, MIB)],
)
def test_limit_follows_the_reader(bytes_per_s, limit_bytes):
    one, other = socket_pair("tcp")
    with one, other:
        unsent = UnsentLimit(one, 0.0)
        assert lowat(one) == 128 * KIB
        for number in range(1, 200):
            unsent.sent(64 * KIB, number * 64 * KIB / bytes_per_s)
        assert lowat(one) == unsent.limit_bytes == pytest.approx(limit_bytes, rel=0.01)


def test_reader_that_becomes_slow_gets_little_again():
    one, other = socket_pair("tcp")
    with one, other:
        unsent = UnsentLimit(one, 0.0)
        unsent.sent(4 * MIB, 0.001)
        assert lowat(one) == MIB
        unsent.sent(2 * MIB, 2.0)
        assert lowat(one) == 128 * KIB


def test_sockets_of_other_kinds_are_left_alone():
    one, other = socket_pair("unix")
    with one, other:
        UnsentLimit(one, 0.0).sent(4 * MIB, 0.001)
