// @vitest-environment node
import fc from 'fast-check';
import { expect, test } from 'vitest';

import { isUtf8 } from './utf8';

function platformSays(bytes: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}

test('property: as the platform says, for bytes near the edges', () => {
  const edges = [
    0x00, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf,
    0xe0, 0xe1, 0xec, 0xed, 0xee, 0xef, 0xf0, 0xf1, 0xf3, 0xf4, 0xf5, 0xff
  ];
  const bytes = fc.array(fc.constantFrom(...edges), { maxLength: 6 });
  fc.assert(
    fc.property(bytes, list => {
      const array = Uint8Array.from(list);
      expect(isUtf8(array, 0, array.length)).toBe(platformSays(array));
    }),
    { numRuns: 20_000 }
  );
});

test('property: every text is UTF-8, at any place', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), text => {
      const bytes = new TextEncoder().encode(text);
      const padded = Uint8Array.from([0xff, ...bytes, 0xff]);
      expect(isUtf8(padded, 1, 1 + bytes.length)).toBe(true);
    })
  );
});
