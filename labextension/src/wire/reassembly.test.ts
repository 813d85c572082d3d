// @vitest-environment node
import fc from 'fast-check';
import { expect, test } from 'vitest';

import { splitMessage } from './chunks';
import {
  InvalidChunk,
  MessageStalled,
  MessageTooBig,
  RemoteProtocolError,
  TooManyPending
} from './errors';
import { encodeHeader } from './header';
import { CLIENT_LIMITS } from './limits';
import { Reassembler } from './reassembly';

function frame(
  messageId: number,
  offset: number,
  total: number,
  content: number[]
): Uint8Array {
  const bytes = new Uint8Array(12 + content.length);
  encodeHeader({ messageId, offset, total }, bytes);
  bytes.set(content, 12);
  return bytes;
}

function reassembler(limits: Partial<typeof CLIENT_LIMITS> = {}): Reassembler {
  return new Reassembler({ ...CLIENT_LIMITS, ...limits });
}

test('property: split, shuffle, interleave, reassemble is identity', () => {
  const messages = fc.array(
    fc.record({
      bytes: fc.uint8Array({ minLength: 1, maxLength: 300 }),
      maxFrameBytes: fc.constantFrom(0, 13, 14, 20, 64, 4096)
    }),
    { minLength: 1, maxLength: 8 }
  );
  const limits = { minChunkBytes: 1 };
  fc.assert(
    fc.property(messages, fc.infiniteStream(fc.nat()), (sent, order) => {
      const frames = sent.flatMap(({ bytes, maxFrameBytes }, messageId) =>
        [...splitMessage(messageId, bytes, maxFrameBytes)].map(each => ({
          each,
          messageId,
          at: order.next().value
        }))
      );
      frames.sort((a, b) => a.at - b.at);
      const target = reassembler(limits);
      const got = new Map<number, Uint8Array>();
      for (const { each, messageId } of frames) {
        const message = target.feed(each, 0);
        if (message) {
          expect(got.has(messageId)).toBe(false);
          got.set(messageId, message);
        }
      }
      sent.forEach(({ bytes }, i) => expect(got.get(i)).toEqual(bytes));
      expect(target.pendingMessages).toBe(0);
      expect(target.pendingBytes).toBe(0);
    })
  );
});

test('property: any frames give messages or typed errors, and hold no more than came', () => {
  const anyFrame = fc.oneof(
    fc.uint8Array({ maxLength: 40 }),
    fc
      .tuple(
        fc.nat(3),
        fc.nat(40),
        fc.oneof(fc.nat(40), fc.constant(0xffffffff)),
        fc.array(fc.nat(255), { maxLength: 20 })
      )
      .map(parts => frame(...parts))
  );
  fc.assert(
    fc.property(fc.array(anyFrame, { maxLength: 60 }), frames => {
      const target = reassembler({ maxPendingMessages: 3 });
      let came = 0;
      for (const each of frames) {
        came += each.byteLength;
        try {
          const message = target.feed(each, 0);
          expect(message === null || message.byteLength > 0).toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(RemoteProtocolError);
        }
        expect(target.pendingBytes).toBeLessThanOrEqual(came);
        expect(target.pendingBytes).toBeGreaterThanOrEqual(0);
        expect(target.pendingMessages).toBeLessThanOrEqual(3);
        expect(target.pendingBytes === 0).toBe(target.pendingMessages === 0);
      }
    })
  );
});

test('one chunk that is the message is not copied', () => {
  const whole = frame(1, 0, 3, [1, 2, 3]);
  expect(reassembler().feed(whole, 0)?.buffer).toBe(whole.buffer);
});

test.each<[string, Uint8Array[], new (...args: any[]) => Error, string]>([
  ['a short frame', [new Uint8Array(11)], InvalidChunk, 'got 11'],
  ['no content', [frame(7, 0, 5, [])], InvalidChunk, 'expected content'],
  ['a total of 0', [frame(7, 0, 0, [1])], InvalidChunk, 'total of at least 1'],
  [
    'an end behind the total',
    [frame(7, 3, 5, [1, 2, 3])],
    InvalidChunk,
    'ends at byte 6, expected at most 5'
  ],
  [
    'a total that changed',
    [frame(7, 0, 5, [1]), frame(7, 1, 6, [1])],
    InvalidChunk,
    'expected a total of 5, got 6'
  ],
  [
    'a chunk twice',
    [frame(7, 0, 4, [1, 2]), frame(7, 0, 4, [1, 2])],
    InvalidChunk,
    'bytes 0 to 2 came twice'
  ],
  [
    'an overlap with the one in front',
    [frame(7, 0, 9, [1, 2]), frame(7, 1, 9, [1])],
    InvalidChunk,
    'came twice'
  ],
  [
    'an overlap with the one behind',
    [frame(7, 4, 9, [1, 2]), frame(7, 2, 9, [1, 2, 3])],
    InvalidChunk,
    'came twice'
  ],
  [
    'all of it after a part of it',
    [frame(7, 0, 2, [1]), frame(7, 0, 2, [1, 2])],
    InvalidChunk,
    'came twice'
  ]
])('%s is refused and forgotten', (_name, frames, type, text) => {
  const target = reassembler();
  const last = frames.pop()!;
  frames.forEach(each => expect(target.feed(each, 0)).toBeNull());
  expect(() => target.feed(last, 0)).toThrow(type);
  expect(() => {
    frames.forEach(each => target.feed(each, 0));
    target.feed(last, 0);
  }).toThrow(text);
  expect(target.pendingMessages).toBe(0);
  expect(target.pendingBytes).toBe(0);
});

test('a claim over the limit costs nothing', () => {
  const target = reassembler({ maxMessageBytes: 10 });
  const error = catching(() => target.feed(frame(1, 0, 11, [1]), 0));
  expect(error).toBeInstanceOf(MessageTooBig);
  expect(error).toMatchObject({
    sizeBytes: 11,
    limitBytes: 10,
    closeCode: 4009
  });
});

test('the bytes held of all messages are bounded', () => {
  const target = reassembler({ maxPendingBytes: 4 });
  target.feed(frame(1, 0, 9, [1, 2, 3]), 0);
  expect(() => target.feed(frame(2, 0, 9, [1, 2]), 0)).toThrow(MessageTooBig);
  expect(target.pendingBytes).toBe(3);
  expect(target.pendingMessages).toBe(1);
});

test('a seventeenth unfinished message is refused, a whole one is not', () => {
  const target = reassembler();
  for (let id = 0; id < 16; id++) {
    target.feed(frame(id, 0, 2, [1]), 0);
  }
  expect(target.feed(frame(99, 0, 1, [1]), 0)).not.toBeNull();
  const error = catching(() => target.feed(frame(16, 0, 2, [1]), 0));
  expect(error).toBeInstanceOf(TooManyPending);
  expect(error).toMatchObject({ count: 17, limit: 16, closeCode: 4000 });
  expect(target.pendingMessages).toBe(16);
});

test('tiny chunks are bounded by what they bring', () => {
  const target = reassembler();
  for (let offset = 0; offset < 16; offset++) {
    target.feed(frame(1, offset, 100, [1]), 0);
  }
  expect(() => target.feed(frame(1, 16, 100, [1]), 0)).toThrow(
    'expected at most 16 chunks for 17 bytes, got 17'
  );
});

test('a message without progress expires, one with progress does not', () => {
  const target = reassembler();
  target.feed(frame(1, 0, 3, [1]), 0);
  target.feed(frame(2, 0, 3, [1]), 0);
  target.feed(frame(2, 1, 3, [1]), 20);
  target.expire(29.9);
  const error = catching(() => target.expire(30));
  expect(error).toBeInstanceOf(MessageStalled);
  expect(error).toMatchObject({ messageId: 1, idleS: 30, closeCode: 4012 });
  target.expire(30);
  expect(target.pendingMessages).toBe(1);
  expect(target.pendingBytes).toBe(2);
});

function catching(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  return undefined;
}
