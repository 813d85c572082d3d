"""The maps that travel: requests, replies and publications.

Key order is that of stock software, so that an id can be read from a
message's first bytes. `parse_request` is the server's side of the wire,
`parse_reply` the client's; `dump` is the way back.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

from wslink_jupyter.errors import InvalidEnvelope
from wslink_jupyter.limits import HEADER_BYTES
from wslink_jupyter.wire.header import Buffer, ChunkHeader
from wslink_jupyter.wire.ids import HELLO_ID, SYSTEM_PREFIX, is_system, parse_publish_id, publish_id

VERSION = "1.0"
HELLO_METHOD = "wslink.hello"
#: System requests of our own clients; stock servers answer -32601.
CANCEL_METHOD = "wslink_jupyter.cancel"
SUBSCRIBE_METHOD = "wslink_jupyter.subscribe"
UNSUBSCRIBE_METHOD = "wslink_jupyter.unsubscribe"
ACK_METHOD = "wslink_jupyter.ack"
RECEIVED_METHOD = "wslink_jupyter.received"
#: Longest id and method that are taken, in characters.
MAX_NAME_CHARS = 255
#: Of a request, up to the start of the id.
_ID_WITHIN_BYTES = 32
_SYSTEM = SYSTEM_PREFIX.encode()


@dataclass(frozen=True, slots=True)
class Call:
    """A request to run a procedure."""

    id: str
    method: str
    args: list[Any]
    kwargs: dict[str, Any]

    def dump(self) -> dict[str, Any]:
        """Return the map that travels."""
        return {
            "wslink": VERSION,
            "id": self.id,
            "method": self.method,
            "args": self.args,
            "kwargs": self.kwargs,
        }


@dataclass(frozen=True, slots=True)
class SystemRequest(Call):
    """A request under a ``system:`` id, such as a cancellation."""


@dataclass(frozen=True, slots=True)
class Hello(SystemRequest):
    """The first request; its argument is a map with the secret."""

    @property
    def details(self) -> dict[str, Any]:
        """The map, or an empty one."""
        first = self.args[0] if self.args else None
        return first if isinstance(first, dict) else {}

    @classmethod
    def make(cls, **details: Any) -> Hello:
        """Return the hello that says `details`."""
        return cls(HELLO_ID, HELLO_METHOD, [details], {})


@dataclass(frozen=True, slots=True)
class Result:
    """A successful reply. Never carries the key ``error``."""

    id: str
    value: Any

    def dump(self) -> dict[str, Any]:
        """Return the map that travels."""
        return {"wslink": VERSION, "id": self.id, "result": self.value}


@dataclass(frozen=True, slots=True)
class Failure:
    """An error reply."""

    id: str
    code: int
    message: str
    data: Any = None

    def dump(self) -> dict[str, Any]:
        """Return the map that travels; `data` only if there is some."""
        error: dict[str, Any] = {"code": int(self.code), "message": self.message}
        if self.data is not None:
            error["data"] = self.data
        return {"wslink": VERSION, "id": self.id, "error": error}


@dataclass(frozen=True, slots=True)
class Publication:
    """A published value; `number` counts per topic.

    `ack` asks our own clients to acknowledge it, `retain` to keep it for later
    subscribers of the same page; stock ones look at neither.
    """

    topic: str
    number: int
    value: Any
    ack: bool = False
    retain: bool = False

    def dump(self) -> dict[str, Any]:
        """Return the map that travels."""
        fields = publication_fields(self.topic, self.number, ack=self.ack, retain=self.retain)
        return {**fields, "result": self.value}


def publication_fields(topic: str, number: int, *, ack: bool, retain: bool) -> dict[str, Any]:
    """Return what stands before the value of a publication."""
    fields: dict[str, Any] = {"wslink": VERSION, "id": publish_id(topic, number)}
    if ack:
        fields["ack"] = True
    if retain:
        fields["retain"] = True
    return fields


_PLAIN = (type(None), bool, int, float, str, bytes, list, dict)

Request: TypeAlias = Call | SystemRequest | Hello
Reply: TypeAlias = Result | Failure | Publication


def _name(value: object) -> str:
    return "nothing" if value is None else type(value).__name__


def _message_id(message: object) -> str:
    if not isinstance(message, dict):
        raise InvalidEnvelope("$", "a map", _name(message))
    message_id = message.get("id")
    if not isinstance(message_id, str):
        raise InvalidEnvelope("$.id", "text", _name(message_id))
    if len(message_id) > MAX_NAME_CHARS:
        got = f"{len(message_id)} characters"
        raise InvalidEnvelope("$.id", f"at most {MAX_NAME_CHARS} characters", got)
    return message_id


def parse_request(message: Any) -> Request:
    """Return what a client's message asks for.

    Parameters
    ----------
    message : object
        A decoded message.

    Raises
    ------
    InvalidEnvelope
        If the shape is wrong; carries the id where there is a usable one.

    Notes
    -----
    Absent or null `args` and `kwargs` are empty (wslink 2.6.0,
    ``protocol.py:277-278``). Where stock software replaces other shapes by
    empty ones in silence, they are refused.
    """
    message_id = _message_id(message)
    method = message.get("method")
    if not isinstance(method, str):
        raise InvalidEnvelope("$.method", "text", _name(method), message_id)
    if len(method) > MAX_NAME_CHARS:
        got = f"{len(method)} characters"
        expected = f"at most {MAX_NAME_CHARS} characters"
        raise InvalidEnvelope("$.method", expected, got, message_id)
    args = message.get("args")
    if args is None:
        args = []
    elif not isinstance(args, list):
        raise InvalidEnvelope("$.args", "a list", _name(args), message_id)
    kwargs = message.get("kwargs")
    if kwargs is None:
        kwargs = {}
    elif not isinstance(kwargs, dict):
        raise InvalidEnvelope("$.kwargs", "a map", _name(kwargs), message_id)
    elif not all(isinstance(key, str) for key in kwargs):
        raise InvalidEnvelope("$.kwargs", "keys of text", "others", message_id)
    if not is_system(message_id):
        return Call(message_id, method, args, kwargs)
    if method == HELLO_METHOD:
        return Hello(message_id, method, args, kwargs)
    return SystemRequest(message_id, method, args, kwargs)


def begins_call(frame: Buffer) -> bool:
    """Return whether a client's frame begins a message that is no system request.

    Without decoding it: the id is the second entry, and short before it
    (stock software and ours write it so). For keeping a kernel alive that
    somebody uses, and nothing else.
    """
    start = bytes(frame[HEADER_BYTES : HEADER_BYTES + _ID_WITHIN_BYTES])
    return _SYSTEM not in start and ChunkHeader.decode(frame).offset == 0


def parse_reply(message: Any) -> Reply:
    """Return what a server's message says.

    Raises
    ------
    InvalidEnvelope
        If the shape is wrong.
    """
    message_id = _message_id(message)
    # Stock clients take a falsy error for none.
    error = message.get("error")
    if not (isinstance(error, _PLAIN) and not error):
        if not isinstance(error, dict):
            raise InvalidEnvelope("$.error", "a map", _name(error), message_id)
        code, text = error.get("code"), error.get("message")
        if not isinstance(code, int):
            raise InvalidEnvelope("$.error.code", "an integer", _name(code), message_id)
        return Failure(message_id, code, str(text), error.get("data"))
    published = parse_publish_id(message_id)
    if published is not None:
        flags = (message.get("ack") is True, message.get("retain") is True)
        return Publication(*published, message.get("result"), *flags)
    return Result(message_id, message.get("result"))
