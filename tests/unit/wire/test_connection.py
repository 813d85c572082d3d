import pytest
from support.frames import chunk, cut, frame, packed

from wslink_jupyter.errors import (
    InvalidEnvelope,
    LocalProtocolError,
    MessageStalled,
    MessageTooBig,
    NotSerializable,
)
from wslink_jupyter.limits import Limits
from wslink_jupyter.wire.connection import (
    RECEIVES,
    SENDS,
    HelloResult,
    Role,
    State,
    WireConnection,
)
from wslink_jupyter.wire.envelopes import (
    Call,
    Failure,
    Hello,
    Publication,
    Result,
    SystemRequest,
)

ENVELOPES = {
    Hello: Hello.make(secret=""),
    Call: Call("rpc:c:0", "a.b", [], {}),
    SystemRequest: SystemRequest("system:c0:1", "x", [], {}),
    HelloResult: HelloResult("system:c0:0", {"clientID": "c"}),
    Result: Result("rpc:c:0", 1),
    Failure: Failure("rpc:c:0", -32000, "no"),
    Publication: Publication("t", 0, 1),
}
#: What each role can be sent at all; a server parses replies as broken requests.
RECEIVABLE = {
    Role.SERVER: (Hello, Call, SystemRequest),
    Role.CLIENT: (HelloResult, Result, Failure, Publication),
}
LIVE = [(role, state) for role in Role for state in (State.GREETING, State.OPEN)]


def connection_in(role, state, limits=None):
    connection = WireConnection(role, limits or Limits())
    if state is State.OPEN:
        if role is Role.SERVER:
            connection.send(ENVELOPES[HelloResult])
        else:
            connection.receive_frame(frame(ENVELOPES[HelloResult].dump()), 0.0)
    elif state is State.CLOSED:
        connection.close()
    assert connection.state is state
    return connection


@pytest.mark.parametrize("kind", ENVELOPES)
@pytest.mark.parametrize(("role", "state"), LIVE)
def test_sending_follows_the_table_or_raises_and_changes_nothing(role, state, kind):
    connection = connection_in(role, state)
    becomes = SENDS[role][state].get(kind)
    if becomes is None:
        sentence = f"a {role.value} sends while {state.value}, got {kind.__name__}"
        with pytest.raises(LocalProtocolError, match=sentence):
            connection.send(ENVELOPES[kind])
        assert connection.state is state
    else:
        assert bytes(connection.send(ENVELOPES[kind])) == packed(ENVELOPES[kind].dump())
        assert connection.state is becomes


@pytest.mark.parametrize(
    ("role", "state", "kind"),
    [(role, state, kind) for role, state in LIVE for kind in RECEIVABLE[role]],
)
def test_receiving_follows_the_table_or_raises_and_changes_nothing(role, state, kind):
    connection = connection_in(role, state)
    data = frame(ENVELOPES[kind].dump())
    becomes = RECEIVES[role][state].get(kind)
    if becomes is None:
        with pytest.raises(InvalidEnvelope):
            connection.receive_frame(data, 0.0)
        assert connection.state is state
    else:
        received = connection.receive_frame(data, 0.0)
        assert (type(received), received) == (kind, ENVELOPES[kind])
        assert connection.state is becomes


@pytest.mark.parametrize("kind", RECEIVABLE[Role.CLIENT])
@pytest.mark.parametrize("state", [State.GREETING, State.OPEN])
def test_a_server_answers_what_only_a_server_sends_as_a_broken_request(state, kind):
    connection = connection_in(Role.SERVER, state)
    with pytest.raises(InvalidEnvelope, match="expected text, got nothing - at") as raised:
        connection.receive_frame(frame(ENVELOPES[kind].dump()), 0.0)
    assert raised.value.message_id == ENVELOPES[kind].dump()["id"]
    assert connection.state is state


def test_a_client_refuses_a_result_before_the_hellos():
    connection = connection_in(Role.CLIENT, State.GREETING)
    with pytest.raises(InvalidEnvelope, match="what a client receives while greeting, got Result"):
        connection.receive_frame(frame(ENVELOPES[Result].dump()), 0.0)


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("kind", ENVELOPES)
def test_a_closed_connection_sends_nothing_and_ignores_what_comes(role, kind):
    connection = connection_in(role, State.CLOSED)
    with pytest.raises(LocalProtocolError, match="expected an open connection, got closed"):
        connection.send(ENVELOPES[kind])
    assert connection.receive_frame(frame(ENVELOPES[kind].dump()), 0.0) is None
    assert connection.receive_frame(b"garbage", 0.0) is None
    assert connection.state is State.CLOSED


def test_a_value_that_cannot_be_encoded_changes_nothing():
    connection = connection_in(Role.SERVER, State.GREETING)
    with pytest.raises(NotSerializable, match=r"^result: <class 'object'>"):
        connection.send(HelloResult("system:c0:0", object()))
    assert connection.state is State.GREETING


def test_before_the_hello_a_server_takes_small_messages_only():
    limits = Limits(max_hello_bytes=100, max_message_bytes=1000)
    connection = connection_in(Role.SERVER, State.GREETING, limits)
    assert connection.receive_frame(chunk(1, 0, 100, b"a"), 0.0) is None
    with pytest.raises(MessageTooBig, match="expected at most 100 bytes, got 101"):
        connection.receive_frame(chunk(2, 0, 101, b"a"), 0.0)
    connection.send(ENVELOPES[HelloResult])
    assert connection.receive_frame(chunk(2, 0, 1000, b"a"), 0.0) is None
    with pytest.raises(MessageTooBig, match="expected at most 1000 bytes, got 1001"):
        connection.receive_frame(chunk(3, 0, 1001, b"a"), 0.0)


def test_a_client_takes_large_messages_from_the_start():
    connection = connection_in(Role.CLIENT, State.GREETING, Limits(max_message_bytes=1000))
    assert connection.receive_frame(chunk(1, 0, 1000, b"a"), 0.0) is None
    assert connection.pending_bytes == 1


def test_message_ids_count_and_wrap_around():
    connection = connection_in(Role.SERVER, State.OPEN)
    ids = [next(connection.chunks(b"a", 0))[0][:4] for _ in range(2)]
    assert [int.from_bytes(number, "little") for number in ids] == [1, 2]
    connection._next_message_id = 2**32 - 1
    assert next(connection.chunks(b"a", 0))[0][:4] == bytes(4)


def test_a_stalled_message_is_noticed():
    connection = connection_in(Role.SERVER, State.OPEN, Limits(pending_timeout_s=30.0))
    connection.receive_frame(cut(1, bytes(10), 14)[0], 100.0)
    connection.check_time(129.9)
    with pytest.raises(MessageStalled):
        connection.check_time(130.0)
