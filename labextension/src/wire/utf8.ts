/** Whether bytes are text: the decoder would replace what is not, in silence. */

/** First bytes of sequences, with the bounds of the second byte (RFC 3629, 4). */
function sequence(
  first: number
): readonly [length: number, low: number, high: number] {
  if (first < 0xc2) {
    return [0, 0, 0];
  }
  if (first < 0xe0) {
    return [2, 0x80, 0xbf];
  }
  if (first < 0xf0) {
    // No overlong forms, no halves of surrogate pairs.
    return [3, first === 0xe0 ? 0xa0 : 0x80, first === 0xed ? 0x9f : 0xbf];
  }
  // No overlong forms, nothing above U+10FFFF.
  return first < 0xf5
    ? [4, first === 0xf0 ? 0x90 : 0x80, first === 0xf4 ? 0x8f : 0xbf]
    : [0, 0, 0];
}

/** Return whether the bytes from `start` to `end` (excluded) are UTF-8. */
export function isUtf8(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end;) {
    const first = bytes[at]!;
    if (first < 0x80) {
      at++;
      continue;
    }
    const [length, low, high] = sequence(first);
    if (length === 0 || at + length > end) {
      return false;
    }
    const second = bytes[at + 1]!;
    if (second < low || second > high) {
      return false;
    }
    for (let next = at + 2; next < at + length; next++) {
      if ((bytes[next]! & 0xc0) !== 0x80) {
        return false;
      }
    }
    at += length;
  }
  return true;
}
