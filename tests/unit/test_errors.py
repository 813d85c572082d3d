import inspect

import pytest

from wslink_jupyter import errors
from wslink_jupyter.codes import CloseCode, RpcCode
from wslink_jupyter.errors import ConnectionClosed, RpcError, WslinkJupyterError

CLASSES = [
    value
    for value in vars(errors).values()
    if inspect.isclass(value) and issubclass(value, Exception)
]


@pytest.mark.parametrize("kind", CLASSES)
def test_every_class_has_one_root_and_its_place_in_the_tree(kind):
    assert issubclass(kind, WslinkJupyterError)
    assert kind.__name__ in (errors.__doc__ or "")
    assert kind.__doc__


@pytest.mark.parametrize("kind", RpcError.__subclasses__())
def test_every_code_becomes_its_class_again(kind):
    error = RpcError.from_wire(kind.code, "sentence", {"a": 1})
    assert type(error) is kind
    assert (error.message, error.data, error.code) == ("sentence", {"a": 1}, kind.code)
    assert str(error) == "sentence"


def test_an_unknown_code_is_kept():
    error = RpcError.from_wire(-5, "sentence", None)
    assert (type(error), error.code) == (RpcError, -5)
    assert RpcError("other").code == RpcCode.PROCEDURE_RAISED


@pytest.mark.parametrize(
    ("message", "data", "text"),
    [
        ("Exception raised", {"exception": "ValueError('x')"}, "Exception raised: ValueError('x')"),
        ("Unregistered method called", "a.b", "Unregistered method called: a.b"),
        ("Unregistered method called: a.b", "a.b", "Unregistered method called: a.b"),
        ("Exception raised", {"exception": 5}, "Exception raised"),
    ],
)
def test_what_a_stock_server_says_beside_the_message_is_said_with_it(message, data, text):
    error = RpcError.from_wire(-32001, message, data)
    assert (str(error), error.data) == (text, data)


def test_codes_of_subclasses_differ():
    codes = [kind.code for kind in RpcError.__subclasses__()]
    assert len(set(codes)) == len(codes)


@pytest.mark.parametrize("kind", errors.RemoteProtocolError.__subclasses__())
def test_every_fault_of_the_peer_says_how_to_close(kind):
    assert 4000 <= kind.close_code <= 4999
    assert kind.close_code in set(CloseCode)
    assert kind.rpc_code in set(RpcCode)


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (ConnectionClosed(4010, "restart"), "connection closed (4010): restart"),
        (ConnectionClosed(CloseCode.BAD_FRAME), "connection closed (4000)"),
        (ConnectionClosed(), "connection closed (1006)"),
    ],
)
def test_a_closed_connection_says_code_and_reason(error, text):
    assert str(error) == text
    assert type(error.code) is int
