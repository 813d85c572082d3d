import json

import pytest

from wslink_jupyter.errors import LinkError, LinkVersionMismatch
from wslink_jupyter.transport import link
from wslink_jupyter.transport.link import KernelHandshake, Kind, ServerHandshake

KEY = b"the key of the connection file"
EPOCH = "e" * 32


def message(data):
    """Return kind and fields of an encoded message."""
    kind, size = link.decode_header(data[: link.HEADER_BYTES], link.MAX_HANDSHAKE_BYTES)
    assert len(data) == link.HEADER_BYTES + size
    return kind, link.decode_fields(kind, data[link.HEADER_BYTES :])


def server(key=KEY, nonce="s" * 32, version="0.1.0"):
    return ServerHandshake(key, nonce, version)


def kernel(key=KEY, nonce="k" * 32, version="0.1.0"):
    return KernelHandshake(key, nonce, version, EPOCH)


def test_both_ends_prove_that_they_know_the_key():
    here, there = server(), kernel()
    challenge = there.challenge(*message(here.hello()))
    proof, epoch = here.answer(*message(challenge))
    there.check_proof(*message(proof))
    assert epoch == EPOCH


def test_the_key_is_never_sent():
    here, there = server(), kernel()
    sent = [here.hello()]
    sent.append(there.challenge(*message(sent[0])))
    sent.append(here.answer(*message(sent[1]))[0])
    assert all(KEY not in data and KEY.hex().encode() not in data for data in sent)


def test_a_kernel_without_the_key_is_refused():
    here = server()
    challenge = kernel(key=b"other").challenge(*message(here.hello()))
    with pytest.raises(LinkError, match="the process at the kernel's socket does not know its key"):
        here.answer(*message(challenge))


def test_a_server_without_the_key_is_refused():
    here, there = server(key=b"other"), kernel()
    there.challenge(*message(here.hello()))
    proof = link._prove(b"other", "server", "s" * 32, "k" * 32, EPOCH)
    with pytest.raises(LinkError, match="the process that dialled does not know the kernel's key"):
        there.check_proof(Kind.PROOF, {"proof": proof})


def replayed_proof():
    """Return what a right server said to an earlier nonce."""
    here, there = server(), kernel(nonce="earlier")
    return message(here.answer(*message(there.challenge(*message(here.hello()))))[0])


def reflected_proof():
    """Return what the kernel itself said."""
    _, fields = message(kernel().challenge(*message(server().hello())))
    return Kind.PROOF, {"proof": fields["proof"]}


@pytest.mark.parametrize("stolen", [replayed_proof, reflected_proof])
def test_a_proof_is_good_for_one_connection_and_one_side(stolen):
    there = kernel()
    there.challenge(*message(server().hello()))
    with pytest.raises(LinkError, match="does not know the kernel's key"):
        there.check_proof(*stolen())


def test_a_replayed_challenge_is_refused():
    there = kernel()
    challenge = there.challenge(*message(server(nonce="earlier").hello()))
    with pytest.raises(LinkError, match="does not know its key"):
        server().answer(*message(challenge))


def test_another_epoch_in_the_challenge_is_refused():
    here = server()
    kind, fields = message(kernel().challenge(*message(here.hello())))
    with pytest.raises(LinkError, match="does not know its key"):
        here.answer(kind, fields | {"epoch": "f" * 32})


@pytest.mark.parametrize(
    ("hello", "sentence"),
    [
        (
            {"link": link.LINK_VERSION + 1, "version": "9.0"},
            "server 9.0 and kernel 0.1.0 differ; in the kernel's environment: "
            'pip install "wslink-jupyter==9.0"',
        ),
        (
            {"link": 0, "version": "0.0.1"},
            "server 0.0.1 and kernel 0.1.0 differ; in the Jupyter server's environment: "
            'pip install "wslink-jupyter==0.1.0"',
        ),
        (
            {},
            "server ? and kernel 0.1.0 differ; in the Jupyter server's environment: "
            'pip install "wslink-jupyter==0.1.0"',
        ),
    ],
)
def test_another_version_is_told_in_one_sentence_to_both_ends(hello, sentence):
    with pytest.raises(LinkVersionMismatch) as raised:
        kernel().challenge(Kind.HELLO, hello | {"nonce": "n"})
    assert str(raised.value) == sentence
    # It must fit into a close frame, or the user does not see what to run.
    assert len(sentence) <= 123
    with pytest.raises(LinkVersionMismatch) as raised:
        server().answer(*message(link.encode(Kind.REFUSED, {"reason": sentence})))
    assert str(raised.value) == sentence


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind is not Kind.HELLO])
def test_a_kernel_expects_a_hello_first(kind):
    with pytest.raises(LinkError, match=f"expected HELLO, got {kind.name}"):
        kernel().challenge(kind, {"link": link.LINK_VERSION, "nonce": "n", "proof": "p"})


@pytest.mark.parametrize("kind", set(Kind) - {Kind.CHALLENGE, Kind.REFUSED})
def test_a_server_expects_a_challenge(kind):
    with pytest.raises(LinkError, match=f"expected CHALLENGE, got {kind.name}"):
        server().answer(kind, {"epoch": "e", "nonce": "n", "proof": "p"})


@pytest.mark.parametrize("kind", set(Kind) - {Kind.PROOF})
def test_a_kernel_expects_a_proof_second(kind):
    there = kernel()
    there.challenge(*message(server().hello()))
    with pytest.raises(LinkError, match=f"expected PROOF, got {kind.name}"):
        there.check_proof(kind, {"proof": "p"})


@pytest.mark.parametrize("value", [None, "", 5, [], {}, True, "é", "\ud800", "x" * 4000])
def test_garbage_in_a_field_is_a_link_error(value):
    there = kernel()
    if value in ("é", "\ud800", "x" * 4000):
        there.challenge(Kind.HELLO, {"link": link.LINK_VERSION, "nonce": value})
    else:
        with pytest.raises(LinkError, match="expected text as 'nonce' of HELLO, got"):
            there.challenge(Kind.HELLO, {"link": link.LINK_VERSION, "nonce": value})
    with pytest.raises(LinkError):
        there.check_proof(Kind.PROOF, {"proof": value})
    for field in ("epoch", "nonce", "proof"):
        fields = {"epoch": "e", "nonce": "n", "proof": "p"} | {field: value}
        with pytest.raises(LinkError):
            server().answer(Kind.CHALLENGE, fields)


@pytest.mark.parametrize("number", [0, 7, 15, 22, 99, 255])
def test_an_unknown_kind_is_told(number):
    header = (0).to_bytes(4, "little") + bytes([number])
    with pytest.raises(LinkError, match=f"expected a known kind of message, got {number}"):
        link.decode_header(header, 100)


@pytest.mark.parametrize("kind", Kind)
def test_a_header_survives_and_an_oversized_payload_is_told(kind):
    header = link.encode_header(kind, 2**32 - 1)
    assert link.decode_header(header, 2**32 - 1) == (kind, 2**32 - 1)
    with pytest.raises(LinkError, match=f"at most 100 bytes of {kind.name}, got 4294967295"):
        link.decode_header(header, 100)


@pytest.mark.parametrize(
    "payload",
    [b"", b"{", b"\xff\xfe\xfd", b"[1]", b'"text"', b"null", b"5", b"[" * 4096, b'{"a":' * 800],
)
def test_a_payload_that_is_no_object_is_told(payload):
    with pytest.raises(LinkError, match=r"link: expected .* in HELLO, got"):
        link.decode_fields(Kind.HELLO, payload)


def test_fields_travel_as_compact_json():
    fields = {"endpoint": "default", "user": "Übung"}
    data = link.encode(Kind.OPEN, fields)
    assert message(data) == (Kind.OPEN, fields)
    assert json.loads(data[link.HEADER_BYTES :]) == fields
    assert b" " not in data[link.HEADER_BYTES :]
