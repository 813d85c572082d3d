"""The numbers that travel: error codes of replies, close codes of sockets."""

from __future__ import annotations

from enum import IntEnum


class RpcCode(IntEnum):
    """Codes of error replies.

    Those of wslink keep their meaning (wslink 2.6.0, ``protocol.py:16-21``);
    -32700, -32600 and -32602 are JSON-RPC 2.0's own.
    """

    #: The message is not msgpack.
    PARSE_ERROR = -32700
    #: The envelope has the wrong shape.
    INVALID_REQUEST = -32600
    #: No procedure has that name.
    METHOD_NOT_FOUND = -32601
    #: The arguments do not fit the signature.
    INVALID_PARAMS = -32602
    #: No accepted hello yet, or a refused one.
    AUTHENTICATION = -32000
    #: The procedure raised.
    PROCEDURE_RAISED = -32001
    #: The result or the published value cannot be encoded.
    NOT_SERIALIZABLE = -32002
    #: Too many calls of one client in flight.
    TOO_MANY_CALLS = -32004
    #: Cancelled by the caller or by an interrupt of the kernel.
    CANCELLED = -32005
    #: Made by clients: the deadline passed before the reply came.
    DEADLINE_EXCEEDED = -32006


class CloseCode(IntEnum):
    """WebSocket close codes: RFC 6455's, and ours from 4000.

    The comment says whether a client should come back.
    """

    NORMAL = 1000  # as it likes
    GOING_AWAY = 1001  # yes: a server that stops
    UNSUPPORTED_DATA = 1003  # no: a wslink 1.x client
    INTERNAL_ERROR = 1011  # yes
    ABNORMAL = 1006  # yes: never sent, means "no close frame came"
    BAD_FRAME = 4000  # no
    NOT_ALLOWED = 4003  # no: log in again
    NO_RUNTIME = 4004  # yes, with backoff
    SLOW_CONSUMER = 4008  # yes
    TOO_BIG = 4009  # no
    KERNEL_RESTARTED = 4010  # yes
    KERNEL_DEAD = 4011  # no
    HEARTBEAT_TIMEOUT = 4012  # yes
    TOO_MANY_CONNECTIONS = 4013  # yes, with backoff
