// @vitest-environment node
import { expect, test } from 'vitest';

import { InvalidChunk } from './errors';
import { decodeHeader, encodeHeader } from './header';

test('a header is three little-endian uint32', () => {
  const frame = new Uint8Array(12);
  encodeHeader({ messageId: 0x01020304, offset: 5, total: 0xffffffff }, frame);
  expect([...frame]).toEqual([4, 3, 2, 1, 5, 0, 0, 0, 255, 255, 255, 255]);
  expect(decodeHeader(frame)).toEqual({
    messageId: 0x01020304,
    offset: 5,
    total: 0xffffffff
  });
});

test('a header is read where the frame starts in its buffer', () => {
  const buffer = new Uint8Array(20);
  encodeHeader({ messageId: 7, offset: 1, total: 9 }, buffer.subarray(3));
  expect(decodeHeader(buffer.subarray(3))).toEqual({
    messageId: 7,
    offset: 1,
    total: 9
  });
});

test('a short frame is refused with its length', () => {
  expect(() => decodeHeader(new Uint8Array(11))).toThrow(
    new InvalidChunk('frame: expected at least 12 bytes, got 11')
  );
});
