/**
 * The maps that messages are, as typed values.
 *
 * Keys are written in the order of stock wslink, so that equal messages are
 * equal bytes. Wire spellings (`clientID`, `maxMsgSize`) appear here only.
 */

import { InvalidEnvelope } from './errors';
import { HELLO_ID, parseId, publishId } from './ids';
import { HEADER_BYTES } from './limits';
import { HELLO_METHOD } from './methods';

const WSLINK = '1.0';

type Fields = Readonly<Record<string, unknown>>;

/** First message of a client. */
export type Hello = Readonly<{
  type: 'hello';
  id: string;
  secret: string;
  /** The rest is ours; null from a stock client. */
  client: string | null;
  version: string | null;
  protocol: number;
  /** Whether the client tells what it has received, if the server wants that. */
  receipts: boolean;
}>;

/** A request to run a procedure. */
export type Call = Readonly<{
  type: 'call';
  id: string;
  method: string;
  args: readonly unknown[];
  kwargs: Fields;
}>;

/** A request to the wire itself, such as `wslink_jupyter.cancel`. */
export type SystemRequest = Readonly<Omit<Call, 'type'> & { type: 'system' }>;

/** Success of a request. */
export type Result = Readonly<{ type: 'result'; id: string; value: unknown }>;

/** Failure of a request, or of a publication. */
export type Failure = Readonly<{
  type: 'failure';
  id: string;
  code: number;
  message: string;
  /** undefined when there is none. */
  data?: unknown;
}>;

/** One value published under a topic. */
export type Publication = Readonly<{
  type: 'publication';
  topic: string;
  /** Counts per topic; always 0 from a stock server. */
  number: number;
  value: unknown;
  /** Whether the server waits for our acknowledgement; never a stock one. */
  ack: boolean;
  /** Whether it is for later subscribers, too; never of a stock server. */
  retain: boolean;
}>;

/** What clients send. */
export type Request = Hello | Call | SystemRequest;

/** What servers send. */
export type Reply = Result | Failure | Publication;

/** What the result of a hello says. */
export type HelloResult = Readonly<{
  clientId: string;
  /**
   * Largest frame the server takes, header included; null when it does not say,
   * or says one without room for content.
   */
  maxFrameBytes: number | null;
  /** 0 for a stock server. */
  protocol: number;
  version: string | null;
  epoch: string | null;
  /** Whether the server wants to be told what has been received. */
  receipts: boolean;
}>;

/** Return the map of `request`. */
export function dumpRequest(request: Request): Record<string, unknown> {
  const { id } = request;
  if (request.type !== 'hello') {
    const { method, args, kwargs } = request;
    return { wslink: WSLINK, id, method, args, kwargs };
  }
  const { secret, client, version, protocol } = request;
  const receipts = request.receipts ? { receipts: true } : {};
  const about =
    client === null
      ? { secret }
      : { secret, client, version, protocol, ...receipts };
  return {
    wslink: WSLINK,
    id,
    method: HELLO_METHOD,
    args: [about],
    kwargs: {}
  };
}

/** Return the map of a call up to its id, see `dumpCallTail`. */
export function dumpCallHead(id: string): Record<string, unknown> {
  return { wslink: WSLINK, id };
}

/** Return the rest of the map of a call: all that is known before it is sent. */
export function dumpCallTail(
  method: string,
  args: readonly unknown[],
  kwargs: Fields
): Record<string, unknown> {
  return { method, args, kwargs };
}

/** Return the map of `reply`; the key `error` is never there on success. */
export function dumpReply(reply: Reply): Record<string, unknown> {
  if (reply.type === 'publication') {
    const id = publishId(reply.topic, reply.number);
    const ack = reply.ack ? { ack: true } : {};
    const retain = reply.retain ? { retain: true } : {};
    return { wslink: WSLINK, id, ...ack, ...retain, result: reply.value };
  }
  if (reply.type === 'result') {
    return { wslink: WSLINK, id: reply.id, result: reply.value };
  }
  const { id, code, message, data } = reply;
  const error =
    data === undefined ? { code, message } : { code, message, data };
  return { wslink: WSLINK, id, error };
}

/**
 * Read what a client sent.
 *
 * @throws {InvalidEnvelope} With the path of what is wrong.
 */
export function parseRequest(value: unknown): Request {
  const { fields, id } = parseCommon(value);
  const kind = parseId(id)?.kind;
  if (kind !== 'rpc' && kind !== 'system') {
    throw new InvalidEnvelope('$.id', 'an rpc or system id', quote(id));
  }
  const method = text(fields.method, '$.method', id);
  const args = fields.args ?? [];
  if (!Array.isArray(args)) {
    throw new InvalidEnvelope('$.args', 'a list', kindOf(args), id);
  }
  const kwargs = fields.kwargs ?? {};
  if (!isMap(kwargs)) {
    throw new InvalidEnvelope('$.kwargs', 'a map', kindOf(kwargs), id);
  }
  if (kind === 'rpc') {
    return { type: 'call', id, method, args, kwargs };
  }
  if (method !== HELLO_METHOD) {
    return { type: 'system', id, method, args, kwargs };
  }
  const about: unknown = args[0];
  if (!isMap(about)) {
    throw new InvalidEnvelope('$.args[0]', 'a map', kindOf(about), id);
  }
  return {
    type: 'hello',
    id,
    secret: text(about.secret ?? '', '$.args[0].secret', id),
    client: typeof about.client === 'string' ? about.client : null,
    version: typeof about.version === 'string' ? about.version : null,
    protocol: Number.isSafeInteger(about.protocol)
      ? (about.protocol as number)
      : 0,
    receipts: about.receipts === true
  };
}

/**
 * Read what a server sent.
 *
 * @throws {InvalidEnvelope} With the path of what is wrong.
 */
export function parseReply(message: unknown): Reply {
  const { fields, id } = parseCommon(message);
  const parts = parseId(id);
  if (!parts) {
    throw new InvalidEnvelope(
      '$.id',
      'an id of kind rpc, publish or system',
      quote(id)
    );
  }
  // A falsy error beside a result is a success to stock clients.
  if (fields.error) {
    return parseFailure(fields.error, id);
  }
  // Absent is null, as for stock clients.
  const value = fields.result ?? null;
  return parts.kind === 'publish'
    ? {
        type: 'publication',
        topic: parts.name,
        number: parts.number,
        value,
        ack: fields.ack === true,
        retain: fields.retain === true
      }
    : { type: 'result', id, value };
}

function parseFailure(error: unknown, id: string): Failure {
  if (!isMap(error)) {
    throw new InvalidEnvelope('$.error', 'a map', kindOf(error), id);
  }
  const { code } = error;
  if (!Number.isSafeInteger(code)) {
    throw new InvalidEnvelope('$.error.code', 'an integer', kindOf(code), id);
  }
  const message = String(error.message);
  const failure = {
    type: 'failure',
    id,
    code: code as number,
    message
  } as const;
  return 'data' in error ? { ...failure, data: error.data } : failure;
}

/**
 * Read the result of a hello.
 *
 * @throws {InvalidEnvelope} If it names no client id.
 */
export function parseHelloResult(value: unknown): HelloResult {
  if (!isMap(value)) {
    throw new InvalidEnvelope('$.result', 'a map', kindOf(value), HELLO_ID);
  }
  const { clientID, maxMsgSize, protocol, version, epoch, receipts } = value;
  const clientId = text(clientID, '$.result.clientID', HELLO_ID);
  if (!clientId) {
    throw new InvalidEnvelope('$.result.clientID', 'a name', "''", HELLO_ID);
  }
  return {
    clientId,
    maxFrameBytes:
      Number.isSafeInteger(maxMsgSize) && (maxMsgSize as number) > HEADER_BYTES
        ? (maxMsgSize as number)
        : null,
    protocol: Number.isSafeInteger(protocol) ? (protocol as number) : 0,
    version: typeof version === 'string' ? version : null,
    epoch: typeof epoch === 'string' ? epoch : null,
    receipts: receipts === true
  };
}

function parseCommon(value: unknown): { fields: Fields; id: string } {
  if (!isMap(value)) {
    throw new InvalidEnvelope('$', 'a map', kindOf(value));
  }
  const id = text(value.id, '$.id');
  return { fields: value, id };
}

function text(value: unknown, path: string, id: string | null = null): string {
  if (typeof value !== 'string') {
    throw new InvalidEnvelope(path, 'a string', kindOf(value), id);
  }
  return value;
}

function isMap(value: unknown): value is Fields {
  return kindOf(value) === 'a map';
}

function kindOf(value: unknown): string {
  if (value === undefined) {
    return 'nothing';
  }
  if (value === null) {
    return 'null';
  }
  if (Array.isArray(value)) {
    return 'a list';
  }
  const tag = Object.prototype.toString.call(value).slice(8, -1);
  return tag === 'Object' ? 'a map' : tag;
}

function quote(value: string): string {
  return `'${value.slice(0, 60)}'`;
}
