/**
 * Every error class of the client; this comment is the tree.
 *
 * ```
 * WslinkJupyterError
 * |-- ProtocolError                 a rule of the wire was broken
 * |   |-- RemoteProtocolError       ... by the peer; carries the close code
 * |   |   |-- InvalidChunk          header or placement of a chunk       4000
 * |   |   |-- MessageTooBig         claimed size over the limit          4009
 * |   |   |-- TooManyPending        too many unfinished messages         4000
 * |   |   |-- MessageStalled        an unfinished message stopped        4012
 * |   |   |-- InvalidMessage        not msgpack, or over its limits
 * |   |   `-- InvalidEnvelope       msgpack of the wrong shape
 * |   `-- LocalProtocolError        ... by us: a bug of this package
 * |-- RpcError                      a call that ended with an error
 * |   |-- AuthenticationFailed -32000   |-- MethodNotFound   -32601
 * |   |-- ProcedureRaised      -32001   |-- InvalidParams    -32602
 * |   |-- NotSerializable      -32002   |-- TooManyCalls     -32004
 * |   |-- CallCancelled        -32005   `-- DeadlineExceeded -32006
 * |-- CallAborted                   by a signal that has no reason
 * `-- ConnectionClosed              the conversation is over; code, reason
 * ```
 *
 * Names are written out because a minifier renames classes, and because a page
 * may hold two copies of this module: test `error.name` there, not `instanceof`.
 */

import { CloseCode, RpcCode } from './codes';

/** Root of all errors of this package. */
export class WslinkJupyterError extends Error {
  override name = 'WslinkJupyterError';
}

/** A rule of the wire was broken. */
export class ProtocolError extends WslinkJupyterError {
  override name = 'ProtocolError';
}

/** We broke a rule, such as sending an empty message: a bug of ours. */
export class LocalProtocolError extends ProtocolError {
  override name = 'LocalProtocolError';
}

/** The peer broke a rule; `closeCode` says how to end the connection. */
export class RemoteProtocolError extends ProtocolError {
  override name = 'RemoteProtocolError';
  readonly closeCode: number = CloseCode.BAD_FRAME;
}

/** A chunk with a short header, a bad place or an overlap. */
export class InvalidChunk extends RemoteProtocolError {
  override name = 'InvalidChunk';
}

/** A chunk claims a message larger than the limit. */
export class MessageTooBig extends RemoteProtocolError {
  override name = 'MessageTooBig';
  override readonly closeCode: number = CloseCode.TOO_BIG;

  constructor(
    readonly sizeBytes: number,
    readonly limitBytes: number,
    what: string
  ) {
    super(`${what}: expected at most ${limitBytes} bytes, got ${sizeBytes}`);
  }
}

/** More unfinished messages than allowed. */
export class TooManyPending extends RemoteProtocolError {
  override name = 'TooManyPending';

  constructor(
    readonly count: number,
    readonly limit: number
  ) {
    super(`unfinished messages: expected at most ${limit}, got ${count}`);
  }
}

/** An unfinished message got no chunk for too long. */
export class MessageStalled extends RemoteProtocolError {
  override name = 'MessageStalled';
  // It may do better over a new connection, as after any other silence.
  override readonly closeCode: number = CloseCode.HEARTBEAT_TIMEOUT;

  constructor(
    readonly messageId: number,
    readonly idleS: number,
    timeoutS: number
  ) {
    super(
      `message ${messageId}: expected a chunk every ${timeoutS} s, ` +
        `got none for ${idleS.toFixed(1)} s`
    );
  }
}

/** A complete message is not msgpack, or exceeds the limits of its content. */
export class InvalidMessage extends RemoteProtocolError {
  override name = 'InvalidMessage';
}

/** A message has the wrong shape. */
export class InvalidEnvelope extends RemoteProtocolError {
  override name = 'InvalidEnvelope';

  /**
   * @param path - Where, such as `$.error.code`.
   * @param expected - What should be there.
   * @param got - What is there.
   * @param messageId - The envelope's id if it has a usable one.
   */
  constructor(
    readonly path: string,
    expected: string,
    got: string,
    readonly messageId: string | null = null
  ) {
    super(`expected ${expected}, got ${got} - at ${path}`);
  }
}

/** A call that ended with an error reply, or could not be sent. */
export class RpcError extends WslinkJupyterError {
  override name = 'RpcError';
  readonly code: number;
  /** Detail that the server sent; undefined when it sent none. */
  readonly data: unknown;

  constructor(
    message: string,
    data?: unknown,
    code: number = RpcCode.PROCEDURE_RAISED
  ) {
    super(message);
    this.data = data;
    this.code = code;
  }

  /** Return the class that `code` stands for, or a plain `RpcError`. */
  static fromWire(code: number, message: string, data?: unknown): RpcError {
    // Stock servers say what it was beside the message (wslink 2.6.0, protocol.py:343).
    const { exception: detail = data } = Object(data) as {
      exception?: unknown;
    };
    const isNews = typeof detail === 'string' && !message.includes(detail);
    const sentence = isNews ? `${message}: ${detail}` : message;
    const known = REPLY_CLASSES.find(([of]) => of === code);
    return known
      ? new known[1](sentence, data)
      : new RpcError(sentence, data, code);
  }
}

/** No hello was accepted yet, or its secret was refused. */
export class AuthenticationFailed extends RpcError {
  override name = 'AuthenticationFailed';
  constructor(message: string, data?: unknown) {
    super(message, data, RpcCode.AUTHENTICATION);
  }
}

/** No procedure has that name. */
export class MethodNotFound extends RpcError {
  override name = 'MethodNotFound';
  constructor(message: string, data?: unknown) {
    super(message, data, RpcCode.METHOD_NOT_FOUND);
  }
}

/** The arguments do not fit the procedure's signature. */
export class InvalidParams extends RpcError {
  override name = 'InvalidParams';
  constructor(message: string, data?: unknown) {
    super(message, data, RpcCode.INVALID_PARAMS);
  }
}

/** The procedure raised; `data.type` names the exception's class. */
export class ProcedureRaised extends RpcError {
  override name = 'ProcedureRaised';
  constructor(message: string, data?: unknown) {
    super(message, data, RpcCode.PROCEDURE_RAISED);
  }
}

/** A value cannot be encoded; the message names its path. */
export class NotSerializable extends RpcError {
  override name = 'NotSerializable';
  constructor(message: string, data?: unknown) {
    super(message, data, RpcCode.NOT_SERIALIZABLE);
  }
}

/** This client has too many calls in flight. */
export class TooManyCalls extends RpcError {
  override name = 'TooManyCalls';
  constructor(message: string, data?: unknown) {
    super(message, data, RpcCode.TOO_MANY_CALLS);
  }
}

/** The kernel ended the call, such as by an interrupt. */
export class CallCancelled extends RpcError {
  override name = 'CallCancelled';
  constructor(message: string, data?: unknown) {
    super(message, data, RpcCode.CANCELLED);
  }
}

/** The call's `timeout` passed before the reply came. */
export class DeadlineExceeded extends RpcError {
  override name = 'DeadlineExceeded';
  constructor(message: string, data?: unknown) {
    super(message, data, RpcCode.DEADLINE_EXCEEDED);
  }
}

const REPLY_CLASSES: ReadonlyArray<
  readonly [number, new (message: string, data?: unknown) => RpcError]
> = [
  [RpcCode.AUTHENTICATION, AuthenticationFailed],
  [RpcCode.METHOD_NOT_FOUND, MethodNotFound],
  [RpcCode.INVALID_PARAMS, InvalidParams],
  [RpcCode.PROCEDURE_RAISED, ProcedureRaised],
  [RpcCode.NOT_SERIALIZABLE, NotSerializable],
  [RpcCode.TOO_MANY_CALLS, TooManyCalls],
  [RpcCode.CANCELLED, CallCancelled],
  [RpcCode.DEADLINE_EXCEEDED, DeadlineExceeded]
];

/** A call was given up by a signal that names no reason of its own. */
export class CallAborted extends WslinkJupyterError {
  /** The name that code which aborts looks for. */
  override name = 'AbortError';
}

/** The conversation is over. */
export class ConnectionClosed extends WslinkJupyterError {
  override name = 'ConnectionClosed';

  /** The error of a call that was made for objects which are gone. */
  static byRestart(this: void): ConnectionClosed {
    const code = CloseCode.KERNEL_RESTARTED;
    return new ConnectionClosed(code, 'the kernel restarted');
  }

  /**
   * @param code - WebSocket close code; 1006 when the peer vanished without one.
   * @param reason - One sentence, or ''.
   * @param maybeExecuted - Whether the call had been sent: it may have run.
   */
  constructor(
    readonly code: number = CloseCode.ABNORMAL,
    readonly reason = '',
    readonly maybeExecuted = false
  ) {
    super(
      `connection closed (${code})${reason && `: ${reason}`}` +
        (maybeExecuted ? '; the call was sent and may have run' : '')
    );
  }
}
