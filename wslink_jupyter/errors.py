"""Every exception class of the package; this docstring is the tree.

::

    WslinkJupyterError
    |-- ProtocolError                 a rule of the wire was broken
    |   |-- RemoteProtocolError       ... by the peer; carries what to answer
    |   |   |-- InvalidChunk          header or placement of a chunk       4000
    |   |   |-- MessageTooBig         claimed size over the limit          4009
    |   |   |-- TooManyPending        too many unfinished messages         4000
    |   |   |-- MessageStalled        an unfinished message stopped        4012
    |   |   |-- InvalidMessage        not msgpack, or over its limits    -32700
    |   |   `-- InvalidEnvelope       msgpack of the wrong shape         -32600
    |   `-- LocalProtocolError        ... by us: a bug of this package
    |-- RpcError                      travels as an error reply
    |   |-- AuthenticationFailed -32000   |-- MethodNotFound  -32601
    |   |-- ProcedureRaised      -32001   |-- InvalidParams   -32602
    |   |-- NotSerializable      -32002   |-- TooManyCalls    -32004
    |   `-- CallCancelled        -32005
    |-- RegistrationError             what was to be exposed cannot be
    |-- ViewError                     what was to be shown cannot be
    |-- ServeError                    what was to be served cannot be
    |-- ConnectionClosed              the conversation is over; code, reason
    `-- LinkError                     the leg between server and kernel
        |-- RuntimeNotLoaded          no runtime in this kernel
        |-- EndpointMissing           a runtime, but no endpoint of that name
        `-- LinkVersionMismatch       both ends speak, not the same version

Wording: *expected X, got Y*, with the place, the unit and the remedy. Every
class keeps its numbers as attributes.
"""

from __future__ import annotations

from typing import Any, ClassVar

from wslink_jupyter.codes import CloseCode, RpcCode


class WslinkJupyterError(Exception):
    """Root of all errors of this package."""


class ProtocolError(WslinkJupyterError):
    """A rule of the wire was broken."""


class LocalProtocolError(ProtocolError):
    """We broke a rule, such as sending after the close: a bug of ours."""


class RemoteProtocolError(ProtocolError):
    """The peer broke a rule; says what to answer.

    Attributes
    ----------
    close_code : int
        WebSocket close code that answers the fault (RFC 6455, 4000-4999).
    message_id : str or None
        Id of the message at fault, if it could be read: then an error reply
        with `rpc_code` answers the fault, and the connection lives on.
    """

    close_code: ClassVar[int] = CloseCode.BAD_FRAME
    rpc_code: ClassVar[int] = RpcCode.INVALID_REQUEST
    message_id: str | None = None


class InvalidChunk(RemoteProtocolError):
    """A chunk with a short header, a bad place or an overlap."""


class MessageTooBig(RemoteProtocolError):
    """A chunk claims a message larger than the limit.

    Attributes
    ----------
    size_bytes, limit_bytes : int
    """

    close_code = CloseCode.TOO_BIG

    def __init__(self, size_bytes: int, limit_bytes: int, what: str) -> None:
        super().__init__(f"{what}: expected at most {limit_bytes} bytes, got {size_bytes}")
        self.size_bytes = size_bytes
        self.limit_bytes = limit_bytes


class TooManyPending(RemoteProtocolError):
    """More unfinished messages than allowed.

    Attributes
    ----------
    count, limit : int
    """

    def __init__(self, count: int, limit: int) -> None:
        super().__init__(f"unfinished messages: expected at most {limit}, got {count}")
        self.count = count
        self.limit = limit


class MessageStalled(RemoteProtocolError):
    """An unfinished message got no chunk for too long.

    Attributes
    ----------
    idle_s : float
    """

    #: A machine that slept in the middle of a message should come back.
    close_code = CloseCode.HEARTBEAT_TIMEOUT

    def __init__(self, message_id: int, idle_s: float, timeout_s: float) -> None:
        super().__init__(
            f"message {message_id}: expected a chunk every {timeout_s:g} s, "
            f"got none for {idle_s:.1f} s"
        )
        self.idle_s = idle_s


class InvalidMessage(RemoteProtocolError):
    """A complete message is not msgpack, or exceeds the limits of its content."""

    rpc_code = RpcCode.PARSE_ERROR


class InvalidEnvelope(RemoteProtocolError):
    """A message has the wrong shape.

    Attributes
    ----------
    path : str
        Where, such as ``$.method``.
    """

    def __init__(self, path: str, expected: str, got: str, message_id: str | None = None) -> None:
        super().__init__(f"expected {expected}, got {got} - at {path}")
        self.path = path
        self.message_id = message_id


class RpcError(WslinkJupyterError):
    """A call that ended with an error reply.

    Parameters
    ----------
    message : str
        One sentence for the peer; nothing private in it.
    data : object, optional
        Encodable detail.
    code : int, optional
        Wire code; each subclass has its own.
    """

    code: int = RpcCode.PROCEDURE_RAISED

    def __init__(self, message: str, data: Any = None, code: int | None = None) -> None:
        super().__init__(message)
        self.message = str(message)
        self.data = data
        if code is not None:
            self.code = int(code)

    @classmethod
    def from_wire(cls, code: int, message: str, data: Any) -> RpcError:
        """Return the class that `code` stands for, or a plain `RpcError`."""
        for known in cls.__subclasses__():
            if known.code == code:
                return known(message, data)
        return cls(message, data, code)


class AuthenticationFailed(RpcError):
    """No hello was accepted yet, or its secret was refused."""

    code = RpcCode.AUTHENTICATION


class MethodNotFound(RpcError):
    """No procedure has that name."""

    code = RpcCode.METHOD_NOT_FOUND


class InvalidParams(RpcError):
    """The arguments do not fit the procedure's signature."""

    code = RpcCode.INVALID_PARAMS


class ProcedureRaised(RpcError):
    """The procedure raised; `data["type"]` names the exception's class."""

    code = RpcCode.PROCEDURE_RAISED


class NotSerializable(RpcError):
    """A value cannot be encoded; the message names its path."""

    code = RpcCode.NOT_SERIALIZABLE


class TooManyCalls(RpcError):
    """One client has too many calls in flight."""

    code = RpcCode.TOO_MANY_CALLS


class CallCancelled(RpcError):
    """The call was cancelled by its caller or by an interrupt."""

    code = RpcCode.CANCELLED


class RegistrationError(WslinkJupyterError):
    """What was to be exposed cannot be: the name, the target or the policy."""


class ViewError(WslinkJupyterError):
    """What was to be shown cannot be: the module, the place or the name."""


class ServeError(WslinkJupyterError):
    """What was to be served cannot be: the protocol, the address or the secret."""


class ConnectionClosed(WslinkJupyterError):
    """The conversation is over.

    Attributes
    ----------
    code : int
        WebSocket close code; 1006 when the peer vanished without one.
    reason : str
    """

    def __init__(self, code: int = CloseCode.ABNORMAL, reason: str = "") -> None:
        super().__init__(f"connection closed ({code}){': ' + reason if reason else ''}")
        self.code = int(code)
        self.reason = reason


class LinkError(WslinkJupyterError):
    """The leg between Jupyter server and kernel failed."""


class RuntimeNotLoaded(LinkError):
    """The kernel has not loaded the extension."""


class EndpointMissing(LinkError):
    """The kernel has no endpoint of that name, or not yet."""


class LinkVersionMismatch(LinkError):
    """The two ends of the link speak different versions."""
