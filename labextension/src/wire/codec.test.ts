// @vitest-environment node
import { Encoder } from '@msgpack/msgpack';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { NdArray } from './arrays';
import { joinMessages, pack, peekId, unpack } from './codec';
import { InvalidMessage, LocalProtocolError, NotSerializable } from './errors';
import { fromHex } from '../testing/vectorFiles';

function roundTrip(value: unknown): unknown {
  return (unpack(pack({ value })) as { value: unknown }).value;
}

function refusal(args: unknown): string {
  try {
    pack({ args });
  } catch (error) {
    expect(error).toBeInstanceOf(NotSerializable);
    return (error as Error).message;
  }
  throw new Error('nothing was refused');
}

test('property: what JSON can say comes back', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 6 }), value => {
      fc.pre(!JSON.stringify(value).includes('__proto__'));
      // -0 leaves as 0, as in stock.
      const plain: unknown = JSON.parse(JSON.stringify(value));
      expect(roundTrip(plain)).toEqual(plain);
    })
  );
});

test('property: any bytes decode or give InvalidMessage', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), bytes => {
      try {
        unpack(bytes);
      } catch (error) {
        expect(error).toBeInstanceOf(InvalidMessage);
      }
    }),
    { numRuns: 2000 }
  );
});

test('numbers', () => {
  expect(roundTrip([NaN, Infinity, -Infinity, 2 ** 53, 2 ** 64, -1])).toEqual([
    NaN,
    Infinity,
    -Infinity,
    2 ** 53,
    2 ** 64,
    -1
  ]);
  // int 64 and uint 64 of Python: the nearest number.
  expect(unpack(fromHex('cf0020000000000001'))).toBe(2 ** 53);
  expect(unpack(fromHex('d38000000000000000'))).toBe(-(2 ** 63));
});

test('bytes, dates and undefined', () => {
  const data = Uint8Array.from([1, 2, 3, 4]);
  expect(roundTrip(data)).toEqual(data);
  expect(roundTrip(new Uint8ClampedArray([1, 300]))).toEqual(
    Uint8Array.from([1, 255])
  );
  expect(roundTrip(data.buffer)).toEqual(data);
  expect(roundTrip(new DataView(data.buffer, 1, 2))).toEqual(
    Uint8Array.from([2, 3])
  );
  const date = new Date('1969-12-31T23:59:59.123Z');
  expect(roundTrip({ date })).toEqual({ date });
  expect(roundTrip([undefined])).toEqual([null]);
  // eslint-disable-next-line no-sparse-arrays
  expect(roundTrip([1, , 2])).toEqual([1, null, 2]);
});

describe('what cannot be encoded', () => {
  class Foo {
    x = 1;
  }

  test.each<[unknown, string]>([
    [
      [{ a: [0, 0, 0, new Map()] }],
      "args[0]['a'][3]: Map cannot be encoded; send Object.fromEntries(map)"
    ],
    [[new Set()], 'args[0]: Set cannot be encoded; send Array.from(set)'],
    [
      [new Blob([])],
      'args[0]: Blob cannot be encoded; send await blob.arrayBuffer()'
    ],
    [[() => 1], 'args[0]: Function cannot be encoded'],
    [[Symbol('x')], 'args[0]: Symbol cannot be encoded'],
    [
      [1n],
      'args[0]: BigInt cannot be encoded; send a Number, a string or a BigInt64Array'
    ],
    [
      [Promise.resolve(1)],
      'args[0]: Promise cannot be encoded; await it first'
    ],
    [[/x/], 'args[0]: RegExp cannot be encoded'],
    [[new Error('x')], 'args[0]: Error cannot be encoded'],
    [[new WeakMap()], 'args[0]: WeakMap cannot be encoded'],
    [[new Date(NaN)], 'args[0]: Invalid Date cannot be encoded'],
    [
      ['\ud800'],
      'args[0]: a string with half a surrogate pair cannot be encoded'
    ],
    [
      [{ '\udc00': 1 }],
      "args[0]['\udc00']: a string with half a surrogate pair cannot be encoded"
    ]
  ])('%o', (args, message) => {
    expect(refusal(args)).toBe(message);
  });

  test('a cycle', () => {
    const list: unknown[] = [];
    list.push({ list });
    expect(refusal([list])).toBe(
      "args[0][0]['list']: a cycle cannot be encoded; the value contains itself"
    );
  });

  test('depth over 100, the envelope and the arguments included', () => {
    const nest = (depth: number): unknown => (depth ? [nest(depth - 1)] : 1);
    expect(unpack(pack({ args: nest(99) }))).toEqual({ args: nest(99) });
    expect(refusal(nest(100))).toContain('nested over 100 deep');
  });

  test('an array takes two levels of the 100: its map and its shape', () => {
    const around = (depth: number, value: unknown): unknown =>
      depth ? [around(depth - 1, value)] : value;
    for (const array of [
      new NdArray('<f4', [1], new Float32Array(1)),
      new NdArray('<f4', [], new Float32Array(1)),
      new Float32Array(1)
    ]) {
      // The envelope is one of the 98 around it.
      expect(unpack(pack({ args: around(97, array) }))).toBeDefined();
      expect(refusal(around(98, array))).toContain('nested over 100 deep');
    }
    for (const value of [new Date(0), new Uint8Array(1), 1, null]) {
      expect(unpack(pack({ args: around(99, value) }))).toBeDefined();
    }
  });

  test('arrays that have changed since they were made', () => {
    const shape = [2];
    const array = new NdArray('<f4', shape, new Float32Array(2));
    shape.push(2);
    expect(refusal([array])).toBe(
      'args[0]: NdArray cannot be encoded; ' +
        'expected 4 numbers for <f4 of shape [2, 2], got 2'
    );
    shape.pop();
    structuredClone(array.data.buffer, { transfer: [array.data.buffer] });
    expect(refusal([array])).toContain('of shape [2], got 0');
  });

  test('a map that says it is an array and is none', () => {
    const map = { '@type': 'ndarray', dtype: '<f4', shape: [1] };
    expect(refusal([{ ...map, data: new Uint8Array(3) }])).toBe(
      'args[0]: a map of an array cannot be encoded; ' +
        'array: expected 4 bytes for <f4 of shape [1], got 3'
    );
    expect(refusal([{ ...map, data: [0] }])).toContain('binary data');
    expect(roundTrip([{ ...map, data: new Uint8Array(4) }])).toEqual([
      new NdArray('<f4', [1], new Float32Array(1))
    ]);
  });

  test('dates that Python has none for', () => {
    for (const text of ['0001-01-01T00:00:00Z', '9999-12-31T23:59:59.999Z']) {
      expect(roundTrip(new Date(text))).toEqual(new Date(text));
      const beyond = Date.parse(text) + (text.startsWith('0') ? -1 : 1);
      expect(refusal([new Date(beyond)])).toBe(
        'args[0]: a Date outside the years 1 to 9999 cannot be encoded'
      );
    }
  });

  test('more than 1,000,000 values, lists and maps included', () => {
    // Of a call: the envelope 6, [list] 2, {} 1, the list itself 1.
    const call = (length: number): Uint8Array =>
      pack({ method: 'm', args: [new Array(length).fill(0)], kwargs: {} });
    expect(call(999_990).byteLength).toBeGreaterThan(999_990);
    expect(() => call(999_991)).toThrow(NotSerializable);
    expect(refusal([new Array(2 ** 31)])).toBe(
      'args[0]: more than 1000000 values in one message cannot be encoded; ' +
        'send a typed array'
    );
    expect(refusal(new Array(300_000).fill([{}]))).toContain('1000000 values');
    expect(refusal(new Array(130_000).fill(new Float32Array(1)))).toContain(
      '1000000 values'
    );
    expect(pack({ args: [new Float32Array(1_000_001)] })).toBeDefined();
  });

  test('messages over 64 MiB', () => {
    const half = new Uint8Array(2 ** 25);
    expect(refusal([half, half])).toBe(
      'args[1]: a message of 67108864 bytes cannot be encoded; ' +
        'expected at most 67107840; send it in parts'
    );
    expect(refusal([half, new Float32Array(2 ** 23)])).toContain('args[1]');
    expect(refusal(['x'.repeat(2 ** 26)])).toContain('args: a message of');
  });

  test('one value in two places is no cycle, nor is a class of the user', () => {
    const twice = { x: 1 };
    expect(roundTrip([twice, twice])).toEqual([twice, twice]);
    expect(roundTrip(new Foo())).toEqual({ x: 1 });
  });

  test('the value given is not changed', () => {
    const args = [{ f: Float32Array.from([1]), other: [1] }];
    pack({ args });
    expect(args[0].f).toBeInstanceOf(Float32Array);
  });
});

describe('what cannot be decoded', () => {
  const nested = (depth: number): Uint8Array =>
    Uint8Array.from([...new Array<number>(depth).fill(0x91), 0xc0]);

  test('depth over 100', () => {
    expect(unpack(nested(100))).toBeDefined();
    const array = pack({ a: new Float32Array(1) }).subarray(3);
    const around = (depth: number): Uint8Array =>
      Uint8Array.from([...new Array<number>(depth).fill(0x91), ...array]);
    expect(unpack(around(98))).toBeDefined();
    expect(() => unpack(around(99))).toThrow('at most 100 deep');
    expect(() => unpack(nested(101))).toThrow('at most 100 deep');
    expect(() => unpack(nested(100_000))).toThrow('at most 100 deep');
  });

  test('claims are refused before anything is allocated', () => {
    expect(() => unpack(fromHex('ddffffffff'))).toThrow(InvalidMessage);
    expect(() => unpack(fromHex('df7fffffff'))).toThrow(InvalidMessage);
    // Each list alone fits into what is left; together they do not.
    expect(() => unpack(fromHex('93' + '92'.repeat(3) + 'c0'))).toThrow(
      InvalidMessage
    );
  });

  test.each([
    ['c1', '0xc1'],
    ['a3ff6161', 'UTF-8'],
    ['a3eda080', 'UTF-8'],
    ['a2c080', 'UTF-8'],
    ['a4f4908080', 'UTF-8'],
    ['d40501', 'got type 5 of 1'],
    ['c7050000000000ff', 'got type 0 of 5'],
    ['c0c0', 'expected one value of 1 bytes, got 2'],
    ['', 'got 0'],
    ['81c40161c0', 'map key: expected a string or a number, got bytes'],
    ['8190c0', 'map key'],
    ['81a95f5f70726f746f5f5fc0', '__proto__']
  ])('%s', (hex, text) => {
    expect(() => unpack(fromHex(hex))).toThrow(InvalidMessage);
    expect(() => unpack(fromHex(hex))).toThrow(text);
  });

  test('keys of None and bool get their names of JSON', () => {
    expect(unpack(fromHex('83c001c302c203'))).toEqual({
      null: 1,
      true: 2,
      false: 3
    });
    expect(unpack(fromHex('8107a178'))).toEqual({ 7: 'x' });
  });
});

test('arrays deep in a message are revived', () => {
  const array = new NdArray('<f4', [2, 1], Float32Array.from([1, 2]));
  const back = roundTrip({ list: [{ array }] }) as any;
  expect(back.list[0].array).toBeInstanceOf(NdArray);
  expect(back).toEqual({ list: [{ array }] });
});

test('two messages are joined to one map', () => {
  const head = pack({ a: 1 });
  const tail = pack({ b: 2, c: 3 });
  expect(joinMessages(head, tail)).toEqual(pack({ a: 1, b: 2, c: 3 }));
  expect(() => joinMessages(head, Uint8Array.from([0x90]))).toThrow(
    LocalProtocolError
  );
});

test('the id is found in front of a fault', () => {
  const bytes = new Encoder().encode({
    wslink: '1.0',
    id: 'rpc:c1:7',
    result: new Map()
  });
  expect(peekId(bytes)).toBe('rpc:c1:7');
  bytes[bytes.byteLength - 1] = 0xc1;
  expect(() => unpack(bytes)).toThrow(InvalidMessage);
  expect(peekId(bytes)).toBe('rpc:c1:7');
  expect(peekId(fromHex('81a26964'))).toBeNull();
  expect(peekId(fromHex('81a2696407'))).toBeNull();
  expect(peekId(fromHex('c1'))).toBeNull();
  expect(peekId(new Uint8Array(0))).toBeNull();
});
