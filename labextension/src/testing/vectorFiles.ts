/** The golden vectors which the Python tests read as well. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface IVector {
  name: string;
  message_id: number;
  max_frame_bytes: number;
  frames: string[];
  message: unknown;
}

export interface IRejectedVector {
  name: string;
  frames: string[];
  limits: Record<string, number>;
  error: string;
  path?: string;
}

export interface IArrayVector {
  name: string;
  dtype: string;
  shape: number[];
  values: unknown[];
  packed: string;
}

/** Return the vectors of `file`; tests run in labextension/. */
export function readVectors<T>(file: string): T[] {
  const path = join(process.cwd(), '..', 'tests', 'vectors', file);
  return JSON.parse(readFileSync(path, 'utf8')) as T[];
}

export function fromHex(hex: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hex, 'hex'));
}

export function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

/** Return the value that JSON with tags stands for here. */
export function untag(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(untag);
  }
  if (typeof value !== 'object' || value === null) {
    return value;
  }
  const map = value as Record<string, any>;
  if ('$bytes' in map) {
    return fromHex(map.$bytes);
  }
  if ('$timestamp' in map) {
    const [seconds, nanoseconds] = map.$timestamp;
    // Of what is finer than a millisecond, Date keeps nothing.
    return new Date(seconds * 1e3 + nanoseconds / 1e6);
  }
  if ('$int' in map) {
    return Number(map.$int);
  }
  if ('$float' in map) {
    const special: Record<string, number> = {
      nan: NaN,
      inf: Infinity,
      '-inf': -Infinity
    };
    return special[map.$float] ?? Number(map.$float);
  }
  return Object.fromEntries(
    Object.entries(map).map(([key, item]) => [key, untag(item)])
  );
}

/** Whether JavaScript cannot write the bytes that Python or msgpack wrote. */
export function isBeyondJavaScript(value: unknown): boolean {
  if (Array.isArray(value)) {
    return value.some(isBeyondJavaScript);
  }
  if (typeof value !== 'object' || value === null) {
    return false;
  }
  const map = value as Record<string, any>;
  if ('$int' in map) {
    return true;
  }
  if ('$float' in map) {
    return Number.isSafeInteger(Number(map.$float));
  }
  if ('$timestamp' in map) {
    return map.$timestamp[1] % 1e6 !== 0;
  }
  return Object.values(map).some(isBeyondJavaScript);
}
