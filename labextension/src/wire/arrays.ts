/**
 * Typed arrays on the wire.
 *
 * An array travels as the map `{"@type": "ndarray", "dtype", "shape", "data"}`
 * in C order and little-endian, which a stock client can read as it stands.
 * Typed arrays are little-endian wherever JavaScript runs today.
 */

import { InvalidMessage } from './errors';
import { decodeHalves, encodeHalves } from './float16';
import { MAX_DIMENSIONS } from './limits';

export const TYPE_KEY = '@type';
export const NDARRAY = 'ndarray';

/** Every array whose items JavaScript can read one by one. */
export type TypedArray =
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array
  | Float32Array
  | Float64Array;

type TypedArrayClass = {
  new (buffer: ArrayBufferLike, offset: number, length: number): TypedArray;
  readonly name: string;
  readonly BYTES_PER_ELEMENT: number;
};

type DtypeRow = Readonly<{
  /** Bytes of one item on the wire. */
  itemBytes: number;
  /** What holds the items here. */
  array: TypedArrayClass;
  /** Numbers of `array` per item: 2 for complex ones, real part first. */
  parts: number;
}>;

function row(itemBytes: number, array: TypedArrayClass, parts = 1): DtypeRow {
  return { itemBytes, array, parts };
}

const DTYPES: ReadonlyMap<string, DtypeRow> = new Map([
  ['|b1', row(1, Uint8Array)],
  ['|i1', row(1, Int8Array)],
  ['|u1', row(1, Uint8Array)],
  ['<i2', row(2, Int16Array)],
  ['<u2', row(2, Uint16Array)],
  ['<i4', row(4, Int32Array)],
  ['<u4', row(4, Uint32Array)],
  ['<i8', row(8, BigInt64Array)],
  ['<u8', row(8, BigUint64Array)],
  ['<f2', row(2, Float32Array)],
  ['<f4', row(4, Float32Array)],
  ['<f8', row(8, Float64Array)],
  ['<c8', row(8, Float32Array, 2)],
  ['<c16', row(16, Float64Array, 2)]
]);

/** Bytes of the largest item. */
const MAX_ITEM_BYTES = 16;

/** dtype of a bare typed array, by the name of its class. */
const DTYPE_OF_CLASS: ReadonlyMap<string, string> = new Map([
  ['Int8Array', '|i1'],
  ['Int16Array', '<i2'],
  ['Uint16Array', '<u2'],
  ['Int32Array', '<i4'],
  ['Uint32Array', '<u4'],
  ['BigInt64Array', '<i8'],
  ['BigUint64Array', '<u8'],
  ['Float16Array', '<f2'],
  ['Float32Array', '<f4'],
  ['Float64Array', '<f8']
]);

const BRAND = Symbol.for('wslink-jupyter.NdArray');

/**
 * An array with a shape, as numpy has them; C order.
 *
 * `data` holds: `|b1` 0 and 1 in a `Uint8Array`; `<i8`, `<u8` bigints; `<f2`
 * a `Float32Array`; `<c8`, `<c16` real and imaginary parts in turn.
 */
export class NdArray<T extends TypedArray = TypedArray> {
  readonly [BRAND] = true;

  /** Also true for an array of another copy of this module, as a page may hold. */
  static [Symbol.hasInstance](value: unknown): boolean {
    return typeof value === 'object' && value !== null && BRAND in value;
  }

  /**
   * @param dtype - numpy's name, such as `<f4`.
   * @param shape - Lengths along the axes; `[]` is one item.
   * @param data - As many items as the shape says.
   * @throws {TypeError} If dtype, shape and data do not fit together.
   */
  constructor(
    readonly dtype: string,
    readonly shape: readonly number[],
    readonly data: T
  ) {
    const fault = faultOfArray(this);
    if (fault !== null) {
      throw new TypeError(`NdArray: ${fault}`);
    }
  }
}

/**
 * Say why dtype, shape and data do not fit together, or null if they do.
 *
 * An array may have changed since it was made: its shape is a list of the
 * caller's, and the buffer of its data can be transferred away.
 */
export function faultOfArray({ dtype, shape, data }: NdArray): string | null {
  const known = DTYPES.get(dtype);
  if (!known) {
    return `expected ${dtypeNames()}, got ${quoted(dtype)}`;
  }
  const className = (data as TypedArray | undefined)?.[Symbol.toStringTag];
  if (className !== known.array.name) {
    return `expected ${known.array.name} for dtype ${dtype}, got ${className}`;
  }
  const fault = faultOfShape(shape);
  if (fault !== null) {
    return fault;
  }
  const length = itemCount(shape) * known.parts;
  return data.length === length
    ? null
    : `expected ${length} numbers for ${dtype} of shape ` +
        `[${shape.join(', ')}], got ${data.length}`;
}

function faultOfShape(shape: unknown): string | null {
  if (!Array.isArray(shape)) {
    return `expected a shape of integers from 0, got ${typeof shape}`;
  }
  if (shape.length > MAX_DIMENSIONS) {
    return `expected at most ${MAX_DIMENSIONS} dimensions, got ${shape.length}`;
  }
  // Not `every`, which passes over holes.
  for (const length of shape as unknown[]) {
    if (!Number.isSafeInteger(length) || (length as number) < 0) {
      return `expected a shape of integers from 0, got ${quoted(length)} in it`;
    }
  }
  // numpy multiplies the lengths of an empty array as well, in 64 bits.
  const product = itemCount((shape as number[]).filter(length => length > 0));
  return Number.isSafeInteger(product * MAX_ITEM_BYTES)
    ? null
    : `expected a shape that numpy can hold, got [${shape.join(', ')}]`;
}

/** Text for people of what should be a short name or a number. */
function quoted(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return `'${value.slice(0, 40)}'`;
    case 'number':
      return String(value);
    default:
      return value === null ? 'null' : typeof value;
  }
}

/** The map of an array, in the order of its keys on the wire. */
export type ArrayMap = {
  '@type': 'ndarray';
  dtype: string;
  shape: number[];
  data: Uint8Array;
};

/** Return the map of `array`; its data is a view, except for `<f2`. */
export function encodeArray(array: NdArray): ArrayMap {
  const { dtype, shape, data } = array;
  return {
    '@type': NDARRAY,
    dtype,
    shape: [...shape],
    data: dtype === '<f2' ? encodeHalves(data as Float32Array) : bytesOf(data)
  };
}

/** Return the map of a bare typed array (1-D), or null if it has no dtype. */
export function encodeTypedArray(view: ArrayBufferView): ArrayMap | null {
  const className = (view as { [Symbol.toStringTag]?: string })[
    Symbol.toStringTag
  ];
  const dtype = DTYPE_OF_CLASS.get(className ?? '');
  return dtype === undefined
    ? null
    : {
        '@type': NDARRAY,
        dtype,
        shape: [(view as unknown as TypedArray).length],
        data: bytesOf(view)
      };
}

/**
 * Return the array of a map with `"@type": "ndarray"`.
 *
 * @returns A view of the map's data where it is aligned, else a copy.
 * @throws {InvalidMessage} If dtype, shape and data do not fit together.
 */
export function decodeArray(map: Readonly<Record<string, unknown>>): NdArray {
  const { dtype, shape, data } = map;
  const known = typeof dtype === 'string' ? DTYPES.get(dtype) : undefined;
  if (!known) {
    throw new InvalidMessage(
      `array: expected ${dtypeNames()}, got ${quoted(dtype)}`
    );
  }
  const fault = faultOfShape(shape);
  if (fault !== null) {
    throw new InvalidMessage(`array: ${fault}`);
  }
  if (!(data instanceof Uint8Array)) {
    throw new InvalidMessage(
      `array: expected binary data, got ${data === null ? 'null' : typeof data}`
    );
  }
  const lengths = shape as number[];
  const size = itemCount(lengths) * known.itemBytes;
  if (size !== data.byteLength) {
    throw new InvalidMessage(
      `array: expected ${size} bytes for ${dtype as string} of shape ` +
        `[${lengths.join(', ')}], got ${data.byteLength}`
    );
  }
  return new NdArray(dtype as string, lengths, itemsOf(data, known));
}

function itemsOf(data: Uint8Array, known: DtypeRow): TypedArray {
  if (known.itemBytes < known.array.BYTES_PER_ELEMENT) {
    return decodeHalves(data);
  }
  const each = known.array.BYTES_PER_ELEMENT;
  // msgpack puts data at any byte; typed arrays start at whole items only.
  const aligned = data.byteOffset % each === 0 ? data : data.slice();
  return new known.array(
    aligned.buffer,
    aligned.byteOffset,
    aligned.byteLength / each
  );
}

function bytesOf(view: ArrayBufferView): Uint8Array {
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
}

function itemCount(shape: readonly number[]): number {
  return shape.reduce((product, length) => product * length, 1);
}

function dtypeNames(): string {
  return `a dtype of ${[...DTYPES.keys()].join(', ')}`;
}
