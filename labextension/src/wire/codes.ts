/** The numbers that travel: error codes of replies, close codes of sockets. */

/**
 * Codes of error replies.
 *
 * Those of wslink keep their meaning (wslink 2.6.0, `protocol.py:16-21`);
 * -32700, -32600 and -32602 are JSON-RPC 2.0's own.
 */
export const RpcCode = {
  /** The message is not msgpack. */
  PARSE_ERROR: -32700,
  /** The envelope has the wrong shape. */
  INVALID_REQUEST: -32600,
  /** No procedure has that name. */
  METHOD_NOT_FOUND: -32601,
  /** The arguments do not fit the signature. */
  INVALID_PARAMS: -32602,
  /** No accepted hello yet, or a refused one. */
  AUTHENTICATION: -32000,
  /** The procedure raised. */
  PROCEDURE_RAISED: -32001,
  /** A value cannot be encoded. */
  NOT_SERIALIZABLE: -32002,
  /** Too many calls of one client in flight. */
  TOO_MANY_CALLS: -32004,
  /** Cancelled by the caller or by an interrupt of the kernel. */
  CANCELLED: -32005,
  /** Made by clients: the deadline passed before the reply came. */
  DEADLINE_EXCEEDED: -32006
} as const;

/** WebSocket close codes: RFC 6455's, and ours from 4000. */
export const CloseCode = {
  NORMAL: 1000,
  /** A server that stops. */
  GOING_AWAY: 1001,
  /** The server met a wslink 1.x client. */
  UNSUPPORTED_DATA: 1003,
  /** Never sent: "no close frame came". */
  ABNORMAL: 1006,
  BAD_FRAME: 4000,
  SUPERSEDED: 4001,
  /** Log in again. */
  NOT_ALLOWED: 4003,
  /** No runtime in the kernel, or no such endpoint. */
  NO_RUNTIME: 4004,
  SLOW_CONSUMER: 4008,
  TOO_BIG: 4009,
  /** Or the runtime was unloaded. */
  KERNEL_RESTARTED: 4010,
  KERNEL_DEAD: 4011,
  HEARTBEAT_TIMEOUT: 4012,
  TOO_MANY_CONNECTIONS: 4013,
  RATE: 4029
} as const;
