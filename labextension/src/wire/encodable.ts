/**
 * Find what msgpack cannot carry, before it is encoded.
 *
 * Stock wslink encodes a Map, a Set or a Blob as an empty map and throws
 * without a place at others (npm wslink 2.5.0). Here each is an error with its path.
 * The same goes for what a kernel would refuse to read: one argument must not cost
 * the page the session that its views share.
 */

import type { ArrayMap } from './arrays';
import {
  NDARRAY,
  NdArray,
  TYPE_KEY,
  decodeArray,
  encodeArray,
  encodeTypedArray,
  faultOfArray
} from './arrays';
import { InvalidMessage, NotSerializable } from './errors';
import { MAX_DEPTH, MAX_SENT_BYTES, MAX_SENT_VALUES } from './limits';

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

/** The envelope of a call: a map of five keys. */
const ENVELOPE_VALUES = 6;

/** Levels of nesting that an array takes: its map, and the list of its shape. */
const ARRAY_LEVELS = 2;

/** What Python's datetime can hold, milliseconds. */
const FIRST_DATE_MS = Date.parse('0001-01-01T00:00:00.000Z');
const LAST_DATE_MS = Date.parse('9999-12-31T23:59:59.999Z');

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
  const walk = new Walk(envelope);
  const result: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(envelope)) {
    result[key] = walk.visit(value, key);
  }
  return result;
}

/** One way through one message. */
class Walk {
  /** The containers around the value of now, outermost first. */
  private readonly above: object[];
  /** Values in lists and maps, each of these included. */
  private values = ENVELOPE_VALUES;
  /** Of binary data, which is nearly all of what is large. */
  private bytes = 0;

  constructor(envelope: object) {
    this.above = [envelope];
  }

  visit(value: unknown, path: string): unknown {
    switch (typeof value) {
      case 'number':
      case 'boolean':
      case 'undefined':
        return value;
      case 'string':
        checkText(value, path);
        return value;
      case 'object':
        return value === null ? null : this.visitObject(value, path);
      case 'bigint':
        throw refuse(path, 'BigInt');
      case 'function':
        throw refuse(path, 'Function');
      default:
        throw refuse(path, 'Symbol');
    }
  }

  private visitObject(value: object, path: string): unknown {
    if (ArrayBuffer.isView(value)) {
      const array = encodeTypedArray(value);
      // Uint8Array, Uint8ClampedArray and DataView have no dtype: plain bytes.
      return array
        ? this.countArray(array, path)
        : this.countBytes(value, path);
    }
    if (value instanceof NdArray) {
      const fault = faultOfArray(value as NdArray);
      if (fault !== null) {
        throw refuse(path, 'NdArray', fault);
      }
      return this.countArray(encodeArray(value as NdArray), path);
    }
    const kind = Object.prototype.toString.call(value).slice(8, -1);
    switch (kind) {
      case 'Array':
        return this.within(value, path, (value as unknown[]).length, () =>
          this.visitList(value as unknown[], path)
        );
      case 'Object': {
        const entries = Object.entries(value) as Array<[string, unknown]>;
        return this.within(value, path, entries.length, () =>
          this.visitMap(value, entries, path)
        );
      }
      case 'ArrayBuffer':
      case 'SharedArrayBuffer':
        return this.countBytes(new Uint8Array(value as ArrayBuffer), path);
      case 'Date':
        return visitDate(value as Date, path);
      default:
        throw refuse(path, kind);
    }
  }

  private within<T>(
    value: object,
    path: string,
    length: number,
    work: () => T
  ): T {
    if (this.above.includes(value)) {
      throw refuse(path, 'a cycle', 'the value contains itself');
    }
    this.checkDepth(path, 1);
    this.count(path, length);
    this.above.push(value);
    const result = work();
    this.above.pop();
    return result;
  }

  private visitList(list: unknown[], path: string): readonly unknown[] {
    let copy: unknown[] | null = null;
    for (let i = 0; i < list.length; i++) {
      const item = list[i];
      if (isPlain(item)) {
        continue;
      }
      const visited = this.visit(item, `${path}[${i}]`);
      if (visited !== item) {
        copy ??= list.slice();
        copy[i] = visited;
      }
    }
    return copy ?? list;
  }

  private visitMap(
    map: object,
    entries: ReadonlyArray<[string, unknown]>,
    path: string
  ): object {
    let copy: Record<string, unknown> | null = null;
    for (const [key, item] of entries) {
      if (isPlain(item) && isPlain(key)) {
        continue;
      }
      const place = `${path}['${key}']`;
      checkText(key, place);
      const visited = this.visit(item, place);
      if (visited !== item) {
        copy ??= { ...(map as Record<string, unknown>) };
        copy[key] = visited;
      }
    }
    const result = copy ?? (map as Record<string, unknown>);
    if (result[TYPE_KEY] === NDARRAY) {
      checkArrayMap(result, path);
    }
    return result;
  }

  private countArray(array: ArrayMap, path: string): ArrayMap {
    this.checkDepth(path, ARRAY_LEVELS);
    this.count(path, Object.keys(array).length);
    this.count(path, array.shape.length);
    this.countBytes(array.data, path);
    return array;
  }

  private checkDepth(path: string, levels: number): void {
    if (this.above.length + levels > MAX_DEPTH) {
      throw refuse(path, `a value nested over ${MAX_DEPTH} deep`);
    }
  }

  /** Count a list or map of `length` values. */
  private count(path: string, length: number): void {
    this.values += length + 1;
    if (this.values > MAX_SENT_VALUES) {
      throw refuse(
        path,
        `more than ${MAX_SENT_VALUES} values in one message`,
        'send a typed array'
      );
    }
  }

  private countBytes<T extends ArrayBufferView>(data: T, path: string): T {
    this.bytes += data.byteLength;
    if (this.bytes > MAX_SENT_BYTES) {
      throw refuseSize(path, this.bytes);
    }
    return data;
  }
}

/** Make the error for a message that is too large, as seen at `path`. */
export function refuseSize(path: string, bytes: number): NotSerializable {
  return refuse(
    path,
    `a message of ${bytes} bytes`,
    `expected at most ${MAX_SENT_BYTES}; send it in parts`
  );
}

/** Python's datetimes end where years have five digits. */
function visitDate(date: Date, path: string): Date {
  const ms = date.getTime();
  if (Number.isNaN(ms)) {
    throw refuse(path, 'Invalid Date');
  }
  if (ms < FIRST_DATE_MS || ms > LAST_DATE_MS) {
    throw refuse(path, 'a Date outside the years 1 to 9999');
  }
  // A Date of another frame of the page is none to the encoder.
  return date instanceof Date ? date : new Date(ms);
}

/** A map written by hand that says it is an array must be one. */
function checkArrayMap(map: Record<string, unknown>, path: string): void {
  try {
    decodeArray(map);
  } catch (error) {
    if (error instanceof InvalidMessage) {
      throw refuse(path, 'a map of an array', error.message);
    }
    throw error;
  }
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
