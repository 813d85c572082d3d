import socket

import pytest

from wslink_jupyter.errors import ServeError
from wslink_jupyter.standalone.address import is_local_page, is_loopback, listen


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.1.2.3", "::1"])
def test_loopback(host):
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["", "0.0.0.0", "::", "example.org", "127.0.0.1.example.org"])
def test_not_loopback(host):
    assert not is_loopback(host)


@pytest.mark.parametrize(
    ("origin", "is_local"),
    [
        ("http://localhost:5173", True),
        ("https://[::1]", True),
        ("http://127.0.0.1", True),
        ("null", False),
        ("", False),
        ("file://", False),
        ("http://localhost.example.org", False),
        ("http://localhost@example.org", False),
    ],
)
def test_pages_of_this_machine(origin, is_local):
    assert is_local_page(origin) is is_local


def test_a_taken_port_is_an_error_or_the_next_is_taken():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ServeError, match=f"got {port}, which is taken"):
            listen("127.0.0.1", port, may_move=False)
        if port == 65535:
            return
        (moved,) = listen("127.0.0.1", port, may_move=True)
        with moved:
            assert port < moved.getsockname()[1] <= port + 100


@pytest.mark.parametrize("port", [-1, 65536, "8080", True, 1.0, None])
def test_what_is_no_port(port):
    with pytest.raises(ServeError, match="expected a number from 0 to 65535"):
        listen("127.0.0.1", port, may_move=False)


def test_every_address_of_a_name_has_the_same_port():
    sockets = listen("localhost", 0, may_move=False)
    try:
        assert len({each.getsockname()[1] for each in sockets}) == 1
        assert len({each.family for each in sockets}) == len(sockets)
    finally:
        for each in sockets:
            each.close()


def test_an_address_of_another_machine_is_an_error():
    with pytest.raises(ServeError, match=r"cannot listen at 192\.0\.2\.1:0: Cannot assign"):
        listen("192.0.2.1", 0, may_move=False)  # for documents only (RFC 5737)
