// @vitest-environment node
import { expect, test } from 'vitest';

import { splitMessage } from './chunks';
import { LocalProtocolError } from './errors';
import { decodeHeader } from './header';

const MESSAGE = Uint8Array.from([1, 2, 3, 4, 5]);

test.each([
  [0, [5]],
  [1, [1, 1, 1, 1, 1]],
  [13, [1, 1, 1, 1, 1]],
  [14, [2, 2, 1]],
  [17, [5]],
  [99, [5]]
])('frames of at most %i bytes', (maxFrameBytes, contents) => {
  const frames = [...splitMessage(7, MESSAGE, maxFrameBytes)];
  expect(frames.map(frame => frame.byteLength - 12)).toEqual(contents);
  let offset = 0;
  for (const frame of frames) {
    expect(decodeHeader(frame)).toEqual({ messageId: 7, offset, total: 5 });
    expect(frame.subarray(12)).toEqual(
      MESSAGE.subarray(offset, offset + frame.byteLength - 12)
    );
    offset += frame.byteLength - 12;
  }
});

test('how large a frame may be is asked before each', () => {
  const sizes = [14, 12, 15];
  const frames = [...splitMessage(7, MESSAGE, () => sizes.shift() ?? 1)];
  expect(frames.map(frame => [...frame.subarray(12)])).toEqual([
    [1, 2],
    [3],
    [4, 5]
  ]);
  expect(frames.map(frame => decodeHeader(frame).offset)).toEqual([0, 2, 3]);
});

test('an empty message is a fault of ours', () => {
  expect(() => [...splitMessage(7, new Uint8Array(0), 100)]).toThrow(
    LocalProtocolError
  );
});
