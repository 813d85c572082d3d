"""What stock wslink really sent, and what must never get through."""

import dataclasses

import numpy as np
import pytest
from support.frames import packed
from support.vectors import (
    frames_of,
    identity,
    is_finer_than_datetime,
    read_vectors,
    untag,
)

from wslink_jupyter import errors
from wslink_jupyter.limits import KERNEL_LIMITS, Limits
from wslink_jupyter.wire.arrays import encode_array
from wslink_jupyter.wire.chunks import split_message
from wslink_jupyter.wire.codec import unpack
from wslink_jupyter.wire.connection import HelloResult, Role, State, WireConnection
from wslink_jupyter.wire.envelopes import Hello, Result, parse_reply, parse_request
from wslink_jupyter.wire.reassembly import Reassembler

#: Recorded with frames of 64 bytes, which are tiny to us.
PERMISSIVE = Limits(min_chunk_bytes=1)
REQUESTS = read_vectors("client_to_server.json")
REPLIES = read_vectors("server_to_client.json")
REJECTED = read_vectors("rejected.json")
ARRAYS = read_vectors("arrays.json")

HELLO_RESULT = HelloResult("system:c0:0", {"clientID": "c1"})

by_name = pytest.mark.parametrize


def reassemble(vector):
    reassembler = Reassembler(PERMISSIVE)
    *first, last = frames_of(vector)
    assert [reassembler.feed(frame, 2**30, 0.0) for frame in first] == [None] * len(first)
    message = reassembler.feed(last, 2**30, 0.0)
    assert reassembler.pending_messages == 0
    return bytes(message)


def cut(vector, message):
    chunks = split_message(vector["message_id"], message, vector["max_frame_bytes"])
    return [header + content for header, content in chunks]


@by_name("vector", REQUESTS, ids=lambda vector: vector["name"])
def test_recorded_request_decodes_and_encodes_to_the_same_bytes(vector):
    message = reassemble(vector)
    decoded = unpack(message, PERMISSIVE)
    assert identity(decoded) == identity(untag(vector["message"]))
    assert cut(vector, packed(parse_request(decoded).dump())) == frames_of(vector)


@by_name("vector", REPLIES, ids=lambda vector: vector["name"])
def test_recorded_reply_decodes_and_encodes_to_the_same_bytes(vector):
    message = reassemble(vector)
    decoded = unpack(message, PERMISSIVE)
    assert identity(decoded) == identity(untag(vector["message"]))
    assert cut(vector, message) == frames_of(vector)
    if not is_finer_than_datetime(vector["message"]):
        assert cut(vector, packed(parse_reply(decoded).dump())) == frames_of(vector)


@pytest.mark.parametrize(
    ("role", "vectors"), [(Role.SERVER, REQUESTS), (Role.CLIENT, REPLIES)], ids=["server", "client"]
)
def test_a_recorded_conversation_runs_through_one_connection(role, vectors):
    connection = WireConnection(role, PERMISSIVE)
    if role is Role.SERVER:
        connection.receive_frame(frames_of(vectors[0])[0], 0.0)
        connection.send(HELLO_RESULT)
    received = []
    for vector in vectors:
        for frame in frames_of(vector):
            envelope = connection.receive_frame(frame, 0.0)
            if envelope is not None:
                received.append(envelope.dump()["id"])
    assert received == [vector["message"]["id"] for vector in vectors]
    assert connection.state is State.OPEN
    assert connection.pending_bytes == 0


def _receive_nothing(connection, frames):
    for frame in frames:
        assert connection.receive_frame(frame, 0.0) is None


def _open_server(limits):
    """Return a server connection after its hello, for vectors of calls."""
    connection = WireConnection(Role.SERVER, limits)
    hello = packed(Hello.make(secret="").dump())
    for header, content in split_message(2**32 - 1, hello, 0):
        assert isinstance(connection.receive_frame(header + content, 0.0), Hello)
    connection.send(HELLO_RESULT)
    return connection


@by_name("vector", REJECTED, ids=lambda vector: vector["name"])
def test_rejected_frames_raise_exactly_their_class(vector):
    connection = _open_server(dataclasses.replace(KERNEL_LIMITS, **vector["limits"]))
    expected = getattr(errors, vector["error"])
    with pytest.raises(errors.RemoteProtocolError) as raised:
        _receive_nothing(connection, frames_of(vector))
    assert type(raised.value) is expected
    if "path" in vector:
        assert raised.value.path == vector["path"]
    assert connection.state is State.OPEN


@by_name("vector", ARRAYS, ids=lambda vector: vector["name"])
def test_array_decodes_to_its_values(vector):
    array = unpack(bytes.fromhex(vector["packed"]), PERMISSIVE)
    assert array.dtype.str == vector["dtype"]
    assert list(array.shape) == vector["shape"]
    assert array.tobytes() == _numpy_array(vector).tobytes()
    assert not array.flags.writeable


@by_name("vector", ARRAYS, ids=lambda vector: vector["name"])
def test_array_encodes_to_its_bytes(vector):
    assert packed(encode_array(_numpy_array(vector))).hex() == vector["packed"]


@by_name("vector", [v for v in ARRAYS if v["shape"]], ids=lambda vector: vector["name"])
def test_array_travels_in_a_result(vector):
    message = packed(Result("rpc:c:0", _numpy_array(vector)).dump())
    assert message.endswith(bytes.fromhex(vector["packed"]))


def _numpy_array(vector):
    values = untag(vector["values"])
    if vector["dtype"] in ("<c8", "<c16"):
        values = [complex(*pair) for pair in values]
    elif vector["dtype"] in ("<i8", "<u8"):
        values = [int(value) for value in values]
    return np.array(values, vector["dtype"]).reshape(vector["shape"])
