/**
 * Find what msgpack cannot carry, before it is encoded.
 *
 * Stock wslink encodes a Map, a Set or a Blob as an empty map and throws
 * without a place at others (npm wslink 2.5.0). Here each is an error with its path.
 */

import { NdArray, encodeArray, encodeTypedArray } from './arrays';
import { NotSerializable } from './errors';
import { MAX_DEPTH } from './limits';

/** What to send instead, by the kind of value. */
const REMEDIES: Readonly<Record<string, string>> = {
  Map: 'send Object.fromEntries(map)',
  Set: 'send Array.from(set)',
  Blob: 'send await blob.arrayBuffer()',
  File: 'send await file.arrayBuffer()',
  Promise: 'await it first',
  BigInt: 'send a Number, a string or a BigInt64Array'
};

const LONE_SURROGATE = /\p{Surrogate}/u;

/** Make the error for the value at `path`. */
function refuse(path: string, kind: string, remedy?: string): NotSerializable {
  const hint = remedy ?? REMEDIES[kind];
  return new NotSerializable(
    `${path}: ${kind} cannot be encoded${hint ? `; ${hint}` : ''}`
  );
}

/**
 * Return `envelope` with everything in it as msgpack carries it.
 *
 * Arrays become ndarray maps, `ArrayBuffer` a view of it; a container is copied
 * only if something in it changed.
 *
 * @param envelope - The keys are the first steps of paths: `args[0]['a'][3]`.
 * @throws {NotSerializable} At the first value that cannot be encoded.
 */
export function toEncodable(
  envelope: Readonly<Record<string, unknown>>
): Record<string, unknown> {
  const above: object[] = [envelope];
  const result: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(envelope)) {
    result[key] = visit(value, key, above);
  }
  return result;
}

/** @param above - The containers around `value`, outermost first. */
function visit(value: unknown, path: string, above: object[]): unknown {
  switch (typeof value) {
    case 'number':
    case 'boolean':
    case 'undefined':
      return value;
    case 'string':
      checkText(value, path);
      return value;
    case 'object':
      return value === null ? null : visitObject(value, path, above);
    case 'bigint':
      throw refuse(path, 'BigInt');
    case 'function':
      throw refuse(path, 'Function');
    default:
      throw refuse(path, 'Symbol');
  }
}

function visitObject(value: object, path: string, above: object[]): unknown {
  if (ArrayBuffer.isView(value)) {
    // Uint8Array, Uint8ClampedArray and DataView have no dtype here: plain bytes.
    return encodeTypedArray(value) ?? value;
  }
  if (value instanceof NdArray) {
    return encodeArray(value as NdArray);
  }
  const kind = Object.prototype.toString.call(value).slice(8, -1);
  switch (kind) {
    case 'Array':
      return within(value, path, above, () =>
        visitList(value as unknown[], path, above)
      );
    case 'Object':
      return within(value, path, above, () => visitMap(value, path, above));
    case 'ArrayBuffer':
    case 'SharedArrayBuffer':
      return new Uint8Array(value as ArrayBuffer);
    case 'Date':
      if (Number.isNaN((value as Date).getTime())) {
        throw refuse(path, 'Invalid Date');
      }
      // A Date of another frame of the page is none to the encoder.
      return value instanceof Date
        ? value
        : new Date((value as Date).getTime());
    default:
      throw refuse(path, kind);
  }
}

function within<T>(
  value: object,
  path: string,
  above: object[],
  work: () => T
): T {
  if (above.includes(value)) {
    throw refuse(path, 'a cycle', 'the value contains itself');
  }
  if (above.length >= MAX_DEPTH) {
    throw refuse(path, `a value nested over ${MAX_DEPTH} deep`);
  }
  above.push(value);
  const result = work();
  above.pop();
  return result;
}

function visitList(
  list: unknown[],
  path: string,
  above: object[]
): readonly unknown[] {
  let copy: unknown[] | null = null;
  for (let i = 0; i < list.length; i++) {
    const item = list[i];
    if (isPlain(item)) {
      continue;
    }
    const visited = visit(item, `${path}[${i}]`, above);
    if (visited !== item) {
      copy ??= list.slice();
      copy[i] = visited;
    }
  }
  return copy ?? list;
}

function visitMap(map: object, path: string, above: object[]): object {
  let copy: Record<string, unknown> | null = null;
  for (const [key, item] of Object.entries(map) as Array<[string, unknown]>) {
    if (isPlain(item) && isPlain(key)) {
      continue;
    }
    const place = `${path}['${key}']`;
    checkText(key, place);
    const visited = visit(item, place, above);
    if (visited !== item) {
      copy ??= { ...(map as Record<string, unknown>) };
      copy[key] = visited;
    }
  }
  return copy ?? map;
}

/** Most values need no look inside, and so no path: large data is quick. */
function isPlain(value: unknown): boolean {
  switch (typeof value) {
    case 'number':
    case 'boolean':
      return true;
    case 'string':
      return !LONE_SURROGATE.test(value);
    default:
      return value === null;
  }
}

function checkText(text: string, path: string): void {
  if (LONE_SURROGATE.test(text)) {
    throw refuse(path, 'a string with half a surrogate pair');
  }
}
