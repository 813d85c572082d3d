/**
 * Messages to bytes and back; the only importer of msgpack.
 *
 * | Python | wire | here |
 * |---|---|---|
 * | `int`, `float` | int, float 64 | number; integers beyond 2^53 lose their last digits, as in stock |
 * | `nan`, `inf` | float 64 | `NaN`, `Infinity` |
 * | `bytes` | bin | `Uint8Array`, a view of the message |
 * | aware `datetime` | timestamp | `Date`, milliseconds; years 1 to 9999 |
 * | `ndarray` | map, see arrays.ts | `NdArray` |
 *
 * A whole float such as `1.0` leaves here as an integer, `undefined` as nil and
 * `-0` as 0: JavaScript and msgpack have it no other way.
 */

import { Decoder, Encoder } from '@msgpack/msgpack';

import { NDARRAY, TYPE_KEY, decodeArray } from './arrays';
import { refuseSize, toEncodable } from './encodable';
import { InvalidMessage, LocalProtocolError } from './errors';
import { MAX_SENT_BYTES } from './limits';
import { checkStructure } from './structure';

/** First byte of a msgpack map of up to 15 keys, without the count. */
const FIXMAP = 0x80;

/**
 * Return the bytes of `envelope`.
 *
 * @throws {NotSerializable} If a value in it cannot be encoded, or a kernel would
 *   refuse the message for its size.
 */
export function pack(envelope: Readonly<Record<string, unknown>>): Uint8Array {
  // A new encoder each time, so that its buffer may be given away uncopied.
  const message = new Encoder({ maxDepth: Infinity }).encodeSharedRef(
    toEncodable(envelope)
  );
  if (message.byteLength > MAX_SENT_BYTES) {
    throw refuseSize(Object.keys(envelope).join(', '), message.byteLength);
  }
  return message;
}

/**
 * Return the message that has the keys of `head` and then those of `tail`.
 *
 * So the arguments of a call can be encoded, and fail, before its id is known.
 *
 * @param head - A message of few keys.
 * @param tail - Another, with other keys.
 */
export function joinMessages(head: Uint8Array, tail: Uint8Array): Uint8Array {
  const keys = (head[0]! & 0x0f) + (tail[0]! & 0x0f);
  if (
    (head[0]! & 0xf0) !== FIXMAP ||
    (tail[0]! & 0xf0) !== FIXMAP ||
    keys > 15
  ) {
    throw new LocalProtocolError(
      'message: expected two maps of at most 15 keys together'
    );
  }
  const message = new Uint8Array(head.byteLength + tail.byteLength - 1);
  message.set(head);
  message.set(tail.subarray(1), head.byteLength);
  message[0] = FIXMAP | keys;
  return message;
}

/**
 * Return the value of `message`.
 *
 * @throws {InvalidMessage} If it is not msgpack, nested over 100 deep, has a key
 *   that is no name, or an array that contradicts itself.
 */
export function unpack(message: Uint8Array): unknown {
  checkStructure(message);
  let value: unknown;
  try {
    value = new Decoder({ mapKeyConverter: toKey }).decode(message);
  } catch (error) {
    throw new InvalidMessage(`msgpack: ${(error as Error).message}`);
  }
  return revive(value);
}

/**
 * Return the id of a message whose value cannot be decoded, or null.
 *
 * The id is the second key of every envelope, so it can be read in front of a fault.
 */
export function peekId(message: Uint8Array): string | null {
  try {
    const values = new Decoder().decodeMulti(message.subarray(1));
    for (let key = values.next(); !key.done; key = values.next()) {
      const value: unknown = values.next().value;
      if (key.value === 'id') {
        return typeof value === 'string' ? value : null;
      }
    }
  } catch {
    // The fault lies in front of the id.
  }
  return null;
}

/** Python also packs None and bools as keys; they get the names JSON gives them. */
function toKey(key: unknown): string | number {
  if (typeof key === 'string' || typeof key === 'number') {
    return key;
  }
  if (key === null || typeof key === 'boolean') {
    return String(key);
  }
  throw new InvalidMessage(
    `map key: expected a string or a number, got ${
      key instanceof Uint8Array ? 'bytes' : typeof key
    }`
  );
}

/** Replace the maps of arrays by arrays, in place. */
function revive(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) {
    return value;
  }
  if (Array.isArray(value)) {
    const list = value as unknown[];
    for (let i = 0; i < list.length; i++) {
      if (typeof list[i] === 'object') {
        list[i] = revive(list[i]);
      }
    }
    return list;
  }
  if (value instanceof Uint8Array || value instanceof Date) {
    return value;
  }
  const map = value as Record<string, unknown>;
  if (map[TYPE_KEY] === NDARRAY) {
    return decodeArray(map);
  }
  for (const [key, item] of Object.entries(map)) {
    if (typeof item === 'object') {
      map[key] = revive(item);
    }
  }
  return map;
}
