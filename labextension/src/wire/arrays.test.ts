// @vitest-environment node
import { decode, encode } from '@msgpack/msgpack';
import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';

import type { IArrayVector } from '../testing/vectorFiles';
import { fromHex, readVectors, toHex, untag } from '../testing/vectorFiles';
import { NdArray, decodeArray, encodeArray, encodeTypedArray } from './arrays';
import { unpack } from './codec';
import { InvalidMessage } from './errors';
import { decodeHalves, encodeHalves } from './float16';

describe('vectors made by numpy', () => {
  const vectors = readVectors<IArrayVector>('arrays.json');

  test.each(vectors)('$name', ({ dtype, shape, values, packed }) => {
    const array = unpack(fromHex(packed)) as NdArray;
    expect(array).toBeInstanceOf(NdArray);
    expect(array.dtype).toBe(dtype);
    expect(array.shape).toEqual(shape);
    const expected = (untag(values) as unknown[]).flat().map(value => {
      const isBig = dtype === '<i8' || dtype === '<u8';
      return isBig ? BigInt(value as string) : Number(value);
    });
    expect(Array.from(array.data as ArrayLike<unknown>)).toEqual(expected);
    expect(toHex(encode(encodeArray(array)))).toBe(packed);
  });
});

test('data is a view where it is aligned and one copy where it is not', () => {
  const buffer = new ArrayBuffer(32);
  const map = (offset: number): Record<string, unknown> => ({
    '@type': 'ndarray',
    dtype: '<f4',
    shape: [2],
    data: new Uint8Array(buffer, offset, 8)
  });
  expect(decodeArray(map(4)).data.buffer).toBe(buffer);
  const copied = decodeArray(map(5)).data;
  expect(copied.buffer).not.toBe(buffer);
  expect(copied.byteOffset % 4).toBe(0);
});

test.each<[Record<string, unknown>, string]>([
  [{ dtype: '>f4', shape: [1], data: new Uint8Array(4) }, "got '>f4'"],
  [{ dtype: 7, shape: [1], data: new Uint8Array(4) }, 'got 7'],
  [{ dtype: '<f4', shape: 1, data: new Uint8Array(4) }, 'shape of integers'],
  [{ dtype: '<f4', shape: [-1], data: new Uint8Array(4) }, 'shape of integers'],
  [
    { dtype: '<f4', shape: [1.5], data: new Uint8Array(6) },
    'shape of integers'
  ],
  [{ dtype: '<f4', shape: [1], data: 'abcd' }, 'binary data, got string'],
  [
    { dtype: '<f4', shape: [2, 3], data: new Uint8Array(4) },
    'expected 24 bytes for <f4 of shape [2, 3], got 4'
  ]
])('a map that contradicts itself: %o', (map, text) => {
  expect(() => decodeArray(map)).toThrow(InvalidMessage);
  expect(() => decodeArray(map)).toThrow(text);
});

test.each<[ArrayBufferView, string | null]>([
  [new Int8Array(2), '|i1'],
  [new Int16Array(2), '<i2'],
  [new Uint16Array(2), '<u2'],
  [new Int32Array(2), '<i4'],
  [new Uint32Array(2), '<u4'],
  [new BigInt64Array(2), '<i8'],
  [new BigUint64Array(2), '<u8'],
  [new Float32Array(2), '<f4'],
  [new Float64Array(2), '<f8'],
  [new Uint8Array(2), null],
  [new Uint8ClampedArray(2), null],
  [new DataView(new ArrayBuffer(2)), null]
])('bare typed array %o', (view, dtype) => {
  const map = encodeTypedArray(view);
  expect(map?.dtype ?? null).toBe(dtype);
  if (map) {
    expect(map.shape).toEqual([2]);
    expect(map.data.byteLength).toBe(view.byteLength);
  }
});

test('only the part of a buffer that an array shows is sent', () => {
  const all = Float32Array.from([1, 2, 3, 4]);
  const map = encodeTypedArray(all.subarray(1, 3));
  expect(decodeArray(map!).data).toEqual(Float32Array.from([2, 3]));
});

test('an array says what does not fit', () => {
  expect(() => new NdArray('f4', [1], new Float32Array(1))).toThrow(
    'NdArray: expected a dtype of |b1, |i1'
  );
  expect(() => new NdArray('<f4', [1], new Float64Array(1))).toThrow(
    'NdArray: expected Float32Array for dtype <f4, got Float64Array'
  );
  expect(() => new NdArray('<c8', [2], new Float32Array(2))).toThrow(
    'NdArray: expected 4 numbers for <c8 of shape [2], got 2'
  );
});

test.each<[unknown, number, string]>([
  [[-1], 1, 'shape of integers from 0, got -1'],
  [[1.5], 1, 'shape of integers from 0, got 1.5'],
  [[NaN], 1, 'shape of integers from 0, got NaN'],
  [[2 ** 53, 0], 0, 'shape of integers from 0, got 9007199254740992'],
  [['2'], 2, "shape of integers from 0, got '2'"],
  [new Array(1), 1, 'shape of integers from 0, got undefined'],
  [2, 2, 'shape of integers from 0, got number'],
  [new Array(65).fill(1), 1, 'at most 64 dimensions, got 65'],
  [[2 ** 40, 2 ** 40, 0], 0, 'a shape that numpy can hold']
])('shape %o is refused', (shape, length, text) => {
  const make = (): unknown =>
    new NdArray('<f4', shape as number[], new Float32Array(length));
  expect(make).toThrow(TypeError);
  expect(make).toThrow(text);
  const data = new Uint8Array(4 * length);
  expect(() =>
    decodeArray({ '@type': 'ndarray', dtype: '<f4', shape, data })
  ).toThrow(InvalidMessage);
});

test('64 dimensions are not too many', () => {
  const shape = new Array<number>(64).fill(1);
  expect(new NdArray('<f4', shape, new Float32Array(1)).shape).toEqual(shape);
});

test('a dtype is cut before it is quoted', () => {
  const map = { dtype: 'x'.repeat(1e6), shape: [1], data: new Uint8Array(4) };
  expect(() => decodeArray(map)).toThrow(/got 'x{40}'$/);
  expect(() => decodeArray({ ...map, dtype: {} })).toThrow(/got object$/);
});

test('an array of another copy of the module is one as well', async () => {
  vi.resetModules();
  const other = await import('./arrays');
  expect(other.NdArray).not.toBe(NdArray);
  const foreign = new other.NdArray('<f4', [1], new Float32Array(1));
  expect(foreign).toBeInstanceOf(NdArray);
  expect({}).not.toBeInstanceOf(NdArray);
});

describe('halves', () => {
  test('every one comes back', () => {
    const bytes = new Uint8Array(2 * 0x10000);
    const view = new DataView(bytes.buffer);
    for (let bits = 0; bits < 0x10000; bits++) {
      const isNaN = (bits & 0x7c00) === 0x7c00 && (bits & 0x3ff) !== 0;
      view.setUint16(2 * bits, isNaN ? 0x7e00 : bits, true);
    }
    expect(encodeHalves(decodeHalves(bytes))).toEqual(bytes);
  });

  test('numbers round to the nearest, ties to even', () => {
    const encoded = (value: number): string => toHex(encodeHalves([value]));
    expect(encoded(2049)).toBe(encoded(2048));
    expect(encoded(2051)).toBe(encoded(2052));
    expect(encoded(65519)).toBe('ff7b');
    expect(encoded(65520)).toBe('007c');
    expect(encoded(2 ** -25)).toBe('0000');
    expect(encoded(2 ** -24)).toBe('0100');
    fc.assert(
      fc.property(fc.float({ noNaN: true, min: -65504, max: 65504 }), value => {
        const [half] = decodeHalves(encodeHalves([value]));
        const step = Math.max(2 ** -24, Math.abs(value) * 2 ** -11);
        expect(Math.abs(half - value)).toBeLessThanOrEqual(step);
      })
    );
  });
});

test('a map of msgpack is what a stock client would see', () => {
  const array = new NdArray('<i2', [2], Int16Array.from([1, -1]));
  expect(decode(encode(encodeArray(array)))).toEqual({
    '@type': 'ndarray',
    dtype: '<i2',
    shape: [2],
    data: Uint8Array.from([1, 0, 255, 255])
  });
});
