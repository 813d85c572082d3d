"""Messages of the link between Jupyter server and kernel, without I/O.

A message is a 5-byte header (little-endian uint32 payload size, uint8 kind)
and its payload. The handshake proves at both ends that the other knows the
key of the kernel's connection file, without sending it, and cannot be
replayed: each proof covers a fresh nonce of either side::

    server -> kernel   HELLO      {"link": 2, "version", "nonce"}
    kernel -> server   CHALLENGE  {"link": 2, "version", "epoch", "nonce", "proof"}
    server -> kernel   PROOF      {"proof"}
    server -> kernel   OPEN {"endpoint", "user", "max_frame_bytes", "connection", "shares_memory"}
                  or   CONTROL {"measure"}   or   FILE_GET {"endpoint", "path"}

The kernel answers OPEN with MEMORY {"size_bytes"}, and the descriptor of its memory
if there is any and OPEN asked with "shares_memory"; the server answers that with MEMORY,
and the descriptor of its own if it was given one. Then the connection carries DATA,
unchanged WebSocket messages, both ways, until CLOSE. A SHARED message stands for DATA
of which a part is in the sender's memory; when the receiver has done with the part it
says so: RETURNED. URGENT is DATA from the kernel that may pass DATA and SHARED messages which
were sent before it. After CONTROL it carries STATUS from the kernel, at once (or,
if asked to, when the round trips to clients are measured) and whenever the
state changes, and ENDED {"connection", "code", "reason"} when a session ends
whose own connection is full, so that its CLOSE would come late. FILE_GET is answered by FILE
{"name", "size_bytes", "is_page"} and the content as DATA, or by FILE {}, and the end.
End-of-file is death.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import struct
from collections.abc import Mapping
from enum import IntEnum
from types import MappingProxyType
from typing import Any

from wslink_jupyter.errors import LinkError, LinkVersionMismatch
from wslink_jupyter.limits import MIB
from wslink_jupyter.wire.header import Buffer

#: Version of this file's messages.
LINK_VERSION = 2
_HEADER = struct.Struct("<IB")
HEADER_BYTES = _HEADER.size
#: Largest payload of anything but DATA.
MAX_CONTROL_BYTES = 4 * MIB
MAX_HANDSHAKE_BYTES = 4096


class Kind(IntEnum):
    """What a link message is."""

    HELLO = 1
    CHALLENGE = 2
    PROOF = 3
    OPEN = 4
    CONTROL = 5
    REFUSED = 6
    DATA = 16
    CLOSE = 17
    MEMORY = 18
    SHARED = 19
    RETURNED = 20
    URGENT = 21
    STATUS = 33
    ENDED = 36
    FILE_GET = 34
    FILE = 35


#: By number: an enumeration takes ten times as long to find one.
_KINDS: Mapping[int, Kind] = MappingProxyType({kind.value: kind for kind in Kind})


def encode_header(kind: Kind, size_bytes: int) -> bytes:
    """Return the 5 bytes before a payload."""
    return _HEADER.pack(size_bytes, kind)


def encode(kind: Kind, fields: dict[str, Any]) -> bytes:
    """Return a whole message of JSON fields."""
    payload = json.dumps(fields, separators=(",", ":")).encode()
    return encode_header(kind, len(payload)) + payload


def decode_header(header: Buffer, max_bytes: int) -> tuple[Kind, int]:
    """Return kind and payload size.

    Raises
    ------
    LinkError
        If the kind is unknown or the size over `max_bytes`.
    """
    size_bytes, number = _HEADER.unpack(header)
    kind = _KINDS.get(number)
    if kind is None:
        raise LinkError(f"link: expected a known kind of message, got {number}")
    if size_bytes > max_bytes:
        raise LinkError(
            f"link: expected at most {max_bytes} bytes of {kind.name}, got {size_bytes}"
        )
    return kind, size_bytes


def decode_fields(kind: Kind, payload: Buffer) -> dict[str, Any]:
    """Return the JSON fields of a payload.

    Raises
    ------
    LinkError
        If it is not a JSON object.
    """
    try:
        fields = json.loads(bytes(payload))
    except (ValueError, RecursionError) as error:
        raise LinkError(f"link: expected JSON in {kind.name}, got {error}") from error
    if not isinstance(fields, dict):
        raise LinkError(f"link: expected an object in {kind.name}, got {type(fields).__name__}")
    return fields


def _text(kind: Kind, fields: dict[str, Any], name: str) -> str:
    value = fields.get(name)
    if not isinstance(value, str) or not value:
        raise LinkError(f"link: expected text as {name!r} of {kind.name}, got {value!r:.40}")
    return value


def _prove(key: bytes, *words: str) -> str:
    # Unit separators keep ("ab", "c") apart from ("a", "bc").
    message = "\x1f".join(words).encode(errors="surrogatepass")  # JSON may hold any text
    return hmac.new(key, message, hashlib.sha256).hexdigest()


def _is_same(proof: str, other: str) -> bool:
    # As bytes: compare_digest raises for text that is not ASCII.
    return hmac.compare_digest(proof.encode(), other.encode(errors="surrogatepass"))


class ServerHandshake:
    """The dialling end: the Jupyter server.

    Parameters
    ----------
    key : bytes
        Of the kernel's connection file.
    nonce : str
        Random, fresh for each connection.
    version : str
        Of this package, for the sentence of a mismatch.
    """

    def __init__(self, key: bytes, nonce: str, version: str) -> None:
        self._key = key
        self._nonce = nonce
        self._version = version

    def hello(self) -> bytes:
        """Return the first message."""
        fields = {"link": LINK_VERSION, "version": self._version, "nonce": self._nonce}
        return encode(Kind.HELLO, fields)

    def answer(self, kind: Kind, fields: dict[str, Any]) -> tuple[bytes, str]:
        """Check the kernel's challenge; return our proof and the epoch.

        Raises
        ------
        LinkVersionMismatch
            If the kernel speaks another version; says what to install where.
        LinkError
            If the kernel refused us, or did not prove that it knows the key.
        """
        if kind is Kind.REFUSED:
            raise LinkVersionMismatch(_text(kind, fields, "reason"))
        if kind is not Kind.CHALLENGE:
            raise LinkError(f"link: expected CHALLENGE, got {kind.name}")
        epoch, nonce = _text(kind, fields, "epoch"), _text(kind, fields, "nonce")
        proof = _prove(self._key, "kernel", self._nonce, nonce, epoch)
        if not _is_same(proof, _text(kind, fields, "proof")):
            raise LinkError("link: the process at the kernel's socket does not know its key")
        answer = _prove(self._key, "server", self._nonce, nonce, epoch)
        return encode(Kind.PROOF, {"proof": answer}), epoch


class KernelHandshake:
    """The listening end: the kernel. Parameters as for `ServerHandshake`."""

    def __init__(self, key: bytes, nonce: str, version: str, epoch: str) -> None:
        self._key = key
        self._nonce = nonce
        self._version = version
        self._epoch = epoch
        self._peer_nonce = ""

    def challenge(self, kind: Kind, fields: dict[str, Any]) -> bytes:
        """Check the server's hello; return the challenge.

        Raises
        ------
        LinkVersionMismatch
            If the server speaks another version; the text is for its user.
        LinkError
            If it is no hello.
        """
        if kind is not Kind.HELLO:
            raise LinkError(f"link: expected HELLO, got {kind.name}")
        if fields.get("link") != LINK_VERSION:
            raise LinkVersionMismatch(mismatch_sentence(fields, self._version))
        self._peer_nonce = _text(kind, fields, "nonce")
        return encode(
            Kind.CHALLENGE,
            {
                "link": LINK_VERSION,
                "version": self._version,
                "epoch": self._epoch,
                "nonce": self._nonce,
                "proof": _prove(self._key, "kernel", self._peer_nonce, self._nonce, self._epoch),
            },
        )

    def check_proof(self, kind: Kind, fields: dict[str, Any]) -> None:
        """Check the server's proof.

        Raises
        ------
        LinkError
            If the server does not know the key.
        """
        if kind is not Kind.PROOF:
            raise LinkError(f"link: expected PROOF, got {kind.name}")
        proof = _prove(self._key, "server", self._peer_nonce, self._nonce, self._epoch)
        if not _is_same(proof, _text(kind, fields, "proof")):
            raise LinkError("link: the process that dialled does not know the kernel's key")


def mismatch_sentence(fields: dict[str, Any], version: str) -> str:
    """Return what to run, and in which environment, when versions differ."""
    link, peer = fields.get("link"), str(fields.get("version", "?"))[:20]
    if isinstance(link, int) and link > LINK_VERSION:
        where, target = "the kernel's", peer
    else:
        where, target = "the Jupyter server's", version
    return (
        f"server {peer} and kernel {version} differ; "
        f'in {where} environment: pip install "wslink-jupyter=={target}"'
    )
