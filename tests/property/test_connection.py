"""Whatever a peer sends: an envelope, None or a `RemoteProtocolError`."""

from hypothesis import given
from hypothesis import strategies as st
from support.frames import chunk, frame
from support.vectors import read_vectors

from wslink_jupyter.errors import RemoteProtocolError
from wslink_jupyter.limits import Limits
from wslink_jupyter.wire.connection import Envelope, HelloResult, Role, WireConnection

RECORDED = [
    bytes.fromhex(text)
    for name in ("client_to_server.json", "server_to_client.json", "rejected.json")
    for vector in read_vectors(name)
    for text in vector["frames"]
    if 0 < len(text) < 2000
]
LIMITS = Limits(
    max_message_bytes=4096, max_hello_bytes=1024, max_pending_messages=4, max_pending_bytes=4096
)
HELLO = HelloResult("system:c0:0", {"clientID": "c"})

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats()
    | st.binary(max_size=9)
)
TEXT = st.text(max_size=9)
#: Words that envelopes are made of, so that wrong ones come near to right ones.
WORDS = st.sampled_from(
    [
        *("wslink", "id", "method", "args", "kwargs", "result", "error", "code", "message"),
        *("rpc:c1:0", "system:c0:0", "publish:a.b:0", "wslink.hello", "1.0"),
        *("@type", "ndarray", "dtype", "shape", "data", "<f4", "|u1"),
    ]
)
ARRAYS = st.builds(
    lambda data: {"@type": "ndarray", "dtype": "|u1", "shape": [len(data)], "data": data},
    st.binary(max_size=4),
)
VALUES = st.recursive(
    SCALARS | TEXT | WORDS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT | WORDS, inner, max_size=6),
    max_leaves=12,
)
ENVELOPES = st.fixed_dictionaries(
    {"wslink": st.just("1.0") | VALUES},
    optional={
        "id": WORDS | VALUES,
        "method": WORDS | VALUES,
        "args": VALUES,
        "kwargs": VALUES,
        "result": VALUES | ARRAYS,
        "error": VALUES | ARRAYS | st.fixed_dictionaries({"code": SCALARS, "message": VALUES}),
    },
)
MUTATIONS = st.lists(st.tuples(st.integers(0, 2000), st.integers(0, 255)), max_size=8)


def mutated(data: bytes, changes: list[tuple[int, int]], cut_at: int) -> bytes:
    changed = bytearray(data)
    for at, byte in changes:
        changed[at % len(changed)] = byte
    return bytes(changed[: len(changed) - cut_at % len(changed)])


FRAMES = (
    st.binary(max_size=64)
    | st.builds(
        chunk, st.integers(0, 3), st.integers(0, 40), st.integers(0, 60), st.binary(max_size=40)
    )
    | st.builds(lambda content: chunk(1, 0, len(content), content), st.binary(max_size=64))
    | st.builds(frame, VALUES | ENVELOPES, st.integers(0, 3))
    | st.builds(mutated, st.sampled_from(RECORDED), MUTATIONS, st.just(0) | st.integers(0, 2000))
    | st.builds(mutated, st.builds(frame, ENVELOPES), MUTATIONS, st.just(0))
)


def connections() -> list[WireConnection]:
    """Return one connection of each role before and after its hello."""
    fresh = [WireConnection(role, LIMITS) for role in Role]
    server, client = (WireConnection(role, LIMITS) for role in (Role.SERVER, Role.CLIENT))
    server.send(HELLO)
    client.receive_frame(frame(HELLO.dump()), 0.0)
    return [*fresh, server, client]


def what_comes_of(
    connection: WireConnection, data: bytes, now_s: float
) -> Envelope | RemoteProtocolError | None:
    try:
        return connection.receive_frame(data, now_s)
    except RemoteProtocolError as error:
        return error


@given(st.lists(FRAMES, min_size=1, max_size=12))
def test_any_frames_give_an_envelope_nothing_or_a_remote_protocol_error(frames):
    for connection in connections():
        received = 0
        for number, data in enumerate(frames):
            received += len(data)
            answer = what_comes_of(connection, data, float(number))
            assert answer is None or isinstance(answer, Envelope | RemoteProtocolError)
            assert connection.pending_bytes <= min(received, LIMITS.max_pending_bytes)


@given(ENVELOPES)
def test_what_is_taken_says_again_what_it_said(message):
    for connection in connections():
        envelope = what_comes_of(connection, frame(message), 0.0)
        if not isinstance(envelope, RemoteProtocolError):
            assert envelope.dump()["id"] == message["id"]
