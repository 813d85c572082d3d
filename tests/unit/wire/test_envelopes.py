import pytest

from wslink_jupyter.errors import InvalidEnvelope
from wslink_jupyter.wire.envelopes import (
    Call,
    Failure,
    Hello,
    Publication,
    Result,
    SystemRequest,
    parse_reply,
    parse_request,
)

ID = "rpc:c1:0"


def request(**changes):
    message = {"wslink": "1.0", "id": ID, "method": "demo.add", "args": [1], "kwargs": {"b": 2}}
    message.update(changes)
    return {key: value for key, value in message.items() if value is not ...}


@pytest.mark.parametrize(
    "envelope",
    [
        Call(ID, "demo.add", [1], {"b": 2}),
        SystemRequest("system:c0:1", "wslink_jupyter.cancel", [ID], {}),
        Hello("system:c0:0", "wslink.hello", [{"secret": "s"}], {}),
    ],
)
def test_requests_survive_the_wire(envelope):
    parsed = parse_request(envelope.dump())
    assert parsed == envelope
    assert type(parsed) is type(envelope)


@pytest.mark.parametrize(
    "envelope",
    [
        Result(ID, None),
        Result("anything", [1]),
        Failure(ID, -32601, "no"),
        Failure(ID, -32001, "raised", {"type": "ValueError"}),
        Publication("demo.u", 3, {"a": 1}),
    ],
)
def test_replies_survive_the_wire(envelope):
    parsed = parse_reply(envelope.dump())
    assert parsed == envelope
    assert type(parsed) is type(envelope)


def test_key_order_is_that_of_stock_software():
    assert list(Call(ID, "a", [], {}).dump()) == ["wslink", "id", "method", "args", "kwargs"]
    assert list(Result(ID, 1).dump()) == ["wslink", "id", "result"]
    assert list(Failure(ID, 1, "a").dump()) == ["wslink", "id", "error"]


def test_success_never_has_the_key_error():
    assert "error" not in Result(ID, None).dump()
    assert "error" not in Publication("a", 0, None).dump()


def test_failure_without_data_has_no_key_for_it():
    assert Failure(ID, -32000, "no").dump()["error"] == {"code": -32000, "message": "no"}


@pytest.mark.parametrize("absent", [None, ...])
def test_absent_arguments_are_empty(absent):
    assert parse_request(request(args=absent, kwargs=absent)) == Call(ID, "demo.add", [], {})


@pytest.mark.parametrize(
    ("message", "path", "sentence"),
    [
        (None, "$", r"expected a map, got nothing - at \$$"),
        ([1], "$", "expected a map, got list"),
        (request(id=...), "$.id", "expected text, got nothing"),
        (request(id=b"a"), "$.id", "expected text, got bytes"),
        (request(id="x" * 256), "$.id", "expected at most 255 characters, got 256 characters"),
    ],
)
def test_without_a_usable_id_there_is_none_to_answer(message, path, sentence):
    for parse in (parse_request, parse_reply):
        with pytest.raises(InvalidEnvelope, match=sentence) as raised:
            parse(message)
        assert raised.value.path == path
        assert raised.value.message_id is None


@pytest.mark.parametrize(
    ("changes", "path", "sentence"),
    [
        ({"method": ...}, "$.method", "expected text, got nothing"),
        ({"method": 7}, "$.method", "expected text, got int"),
        ({"method": "x" * 256}, "$.method", "at most 255 characters, got 256 characters"),
        ({"args": {}}, "$.args", "expected a list, got dict"),
        ({"args": "ab"}, "$.args", "expected a list, got str"),
        ({"args": 0}, "$.args", "expected a list, got int"),
        ({"kwargs": []}, "$.kwargs", "expected a map, got list"),
        ({"kwargs": {1: 2}}, "$.kwargs", "expected keys of text, got others"),
    ],
)
def test_a_wrong_request_with_an_id_can_be_answered(changes, path, sentence):
    with pytest.raises(InvalidEnvelope, match=f"{sentence} - at ") as raised:
        parse_request(request(**changes))
    assert (raised.value.path, raised.value.message_id) == (path, ID)


@pytest.mark.parametrize("error", [None, 0, "", False, {}, []])
def test_a_falsy_error_is_none(error):
    message = {"wslink": "1.0", "id": ID, "error": error, "result": 5}
    assert parse_reply(message) == Result(ID, 5)


@pytest.mark.parametrize(
    ("error", "path"),
    [("text", "$.error"), ([1], "$.error"), ({"message": "m"}, "$.error.code")],
)
def test_a_wrong_error_is_refused(error, path):
    with pytest.raises(InvalidEnvelope) as raised:
        parse_reply({"wslink": "1.0", "id": ID, "error": error})
    assert raised.value.path == path


@pytest.mark.parametrize(
    ("args", "details"), [([], {}), ([5], {}), ([{"secret": "a"}, 1], {"secret": "a"})]
)
def test_details_of_a_hello_are_its_first_map(args, details):
    assert Hello("system:c0:0", "wslink.hello", args, {}).details == details


def test_made_hello_says_its_details_under_the_id_stock_clients_use():
    hello = Hello.make(secret="s", protocol=1)
    assert hello.dump()["id"] == "system:c0:0"
    assert hello.details == {"secret": "s", "protocol": 1}


def test_a_hello_under_an_rpc_id_is_an_ordinary_call():
    assert type(parse_request(request(method="wslink.hello"))) is Call


@pytest.mark.parametrize("size", [0, 2])
def test_an_error_that_is_an_array_is_refused(size):
    np = pytest.importorskip("numpy")
    with pytest.raises(InvalidEnvelope, match="expected a map, got ndarray"):
        parse_reply({"wslink": "1.0", "id": ID, "error": np.ones(size)})
