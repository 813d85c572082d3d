"""Where the Python client connects to, of what users write."""

import pytest

from wslink_jupyter.client.address import Address

ENDPOINT = "/me/wslink-jupyter/kernels/K-1/default/ws"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://h:8888/me/api/kernels/K-1", f"ws://h:8888{ENDPOINT}"),
        ("https://h/me/api/kernels/K-1/channels?session_id=x", f"wss://h{ENDPOINT}"),
        ("ws://h/me/wslink-jupyter/kernels/K-1", f"ws://h{ENDPOINT}"),
        ("wss://h/me/wslink-jupyter/kernels/K-1/", f"wss://h{ENDPOINT}"),
        ("http://h/me/wslink-jupyter/kernels/K-1/default", f"ws://h{ENDPOINT}"),
        ("http://h/wslink-jupyter/kernels/K/app/ws", "ws://h/wslink-jupyter/kernels/K/app/ws"),
    ],
)
def test_a_kernel_in_all_its_forms(url, expected):
    address = Address.parse(url, "t")
    assert (address.url, address.token, address.is_kernel) == (expected, "t", True)
    assert address.server == expected.replace("ws", "http", 1).partition("/wslink")[0]


def test_a_token_in_the_url_of_a_kernel_is_taken_out_of_it():
    url = "http://h/api/kernels/K?token=a%2Bb"
    assert Address.parse(url).token == "a+b"
    assert Address.parse(url, "given").token == "given"
    assert "token" not in Address.parse(url).url


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("ws://h:1234/ws", "ws://h:1234/ws"),
        ("http://h:1234", "ws://h:1234/"),
        ("https://h/a?sessionId=7", "wss://h/a?sessionId=7"),
        # No kernel: what a browser shows.
        ("http://h:8888/lab/tree/a.ipynb", "ws://h:8888/lab/tree/a.ipynb"),
    ],
)
def test_other_servers_as_they_stand(url, expected):
    address = Address.parse(url)
    assert (address.url, address.token, address.is_kernel) == (expected, None, False)
    assert "?" not in str(address)


@pytest.mark.parametrize("url", ["", "h:8888/ws", "/ws", "ftp://h/ws", "http:///ws?token=secret"])
def test_what_is_no_url_is_refused_without_telling_the_token(url):
    with pytest.raises(ValueError, match="url: expected one that starts with http://") as raised:
        Address.parse(url)
    assert "secret" not in str(raised.value)
