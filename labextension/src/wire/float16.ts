/** Half-precision numbers, for which JavaScript has had no array until lately. */

/**
 * Return the numbers of little-endian IEEE 754 binary16.
 *
 * @param bytes - An even count of bytes, at any alignment.
 */
export function decodeHalves(bytes: Uint8Array): Float32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const numbers = new Float32Array(bytes.byteLength / 2);
  for (let i = 0; i < numbers.length; i++) {
    numbers[i] = fromHalf(view.getUint16(2 * i, true));
  }
  return numbers;
}

/** Return `numbers` as little-endian binary16, rounded to nearest, ties to even. */
export function encodeHalves(numbers: ArrayLike<number>): Uint8Array {
  const bytes = new Uint8Array(2 * numbers.length);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < numbers.length; i++) {
    view.setUint16(2 * i, toHalf(numbers[i] ?? NaN), true);
  }
  return bytes;
}

function fromHalf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0x1f) {
    return fraction ? NaN : sign * Infinity;
  }
  return exponent === 0
    ? sign * fraction * 2 ** -24
    : sign * (1024 + fraction) * 2 ** (exponent - 25);
}

function toHalf(value: number): number {
  if (Number.isNaN(value)) {
    return 0x7e00;
  }
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const size = Math.abs(value);
  // Half of a step above the largest half, 65504: from here all is infinite.
  if (size >= 65520) {
    return sign | 0x7c00;
  }
  // Below 2^-14 the steps are all 2^-24.
  const exponent = Math.max(Math.floor(Math.log2(size || 2 ** -15)), -14);
  const steps = roundHalfToEven(size * 2 ** (10 - exponent));
  // `steps` has the leading 1 of a normal number in it; adding instead of
  // masking carries into the exponent when the rounding went up to 2048.
  return sign | (((exponent + 14) << 10) + steps);
}

function roundHalfToEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  return rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? floor + 1 : floor;
}
