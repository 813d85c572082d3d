// @vitest-environment node
import fc from 'fast-check';
import { expect, test, vi } from 'vitest';

import { FakeClock } from '../testing/fakeClock';
import { Receipts } from './receipts';

const KIB = 1024;
const MIB = 1024 * KIB;

function setUp() {
  const clock = new FakeClock();
  const sent: number[] = [];
  const receipts = new Receipts(clock, bytes => sent.push(bytes));
  return { clock, sent, receipts };
}

function started() {
  const all = setUp();
  all.receipts.start();
  return all;
}

test('32 KiB are told of with the frame that makes them full, less is not', () => {
  const { clock, sent, receipts } = started();
  receipts.received(20 * KIB);
  receipts.received(12 * KIB - 1);
  clock.advance(60);
  expect(sent).toEqual([]);
  receipts.received(1);
  expect(sent).toEqual([32 * KIB]);
  clock.advance(0.006);
  receipts.received(MIB);
  expect(sent).toEqual([32 * KIB, 32 * KIB + MIB]);
  expect(clock.pending).toBe(0);
});

test('within 5 ms of a receipt, the next waits that long, and tells of all', () => {
  const { clock, sent, receipts } = started();
  receipts.received(32 * KIB);
  receipts.received(32 * KIB - 1);
  expect(clock.pending).toBe(0);
  receipts.received(1);
  clock.advance(0.004);
  receipts.received(512 * KIB);
  expect(clock.pending).toBe(1);
  expect(sent).toEqual([32 * KIB]);
  clock.advance(0.002);
  expect(sent).toEqual([32 * KIB, 64 * KIB + 512 * KIB]);
  clock.advance(60);
  expect(sent).toHaveLength(2);
});

test('4 MiB do not wait, nor does what comes after them', () => {
  const { clock, sent, receipts } = started();
  receipts.received(32 * KIB);
  receipts.received(4 * MIB - 1);
  expect(sent).toEqual([32 * KIB]);
  receipts.received(1);
  expect(sent).toEqual([32 * KIB, 32 * KIB + 4 * MIB]);
  expect(clock.pending).toBe(0);
  receipts.received(4 * MIB);
  expect(sent.at(-1)).toBe(32 * KIB + 8 * MIB);
});

test('a hidden page does not pause: its timers are late', () => {
  const { clock, sent, receipts } = started();
  clock.isHidden = true;
  receipts.received(32 * KIB);
  receipts.received(32 * KIB);
  receipts.received(32 * KIB - 1);
  expect(sent).toEqual([32 * KIB, 64 * KIB]);
  expect(clock.pending).toBe(0);
});

test('when a timer is late, the next frame does not wait for it', () => {
  const { clock, sent, receipts } = started();
  receipts.received(32 * KIB);
  receipts.received(32 * KIB);
  vi.spyOn(clock, 'now').mockReturnValue(clock.now() + 0.5);
  receipts.received(12);
  expect(sent).toEqual([32 * KIB, 64 * KIB + 12]);
  // It has nothing left to tell.
  expect(clock.pending).toBe(0);
});

test('nothing before the start; what came by then counts', () => {
  const { clock, sent, receipts } = setUp();
  receipts.received(8 * MIB);
  expect(clock.pending).toBe(0);
  expect(sent).toEqual([]);
  receipts.start();
  receipts.received(100);
  expect(sent).toEqual([8 * MIB + 100]);
});

test('nothing after the end, neither of a timer nor of a frame', () => {
  const { clock, sent, receipts } = started();
  receipts.received(32 * KIB);
  receipts.received(32 * KIB);
  expect(clock.pending).toBe(1);
  receipts.end();
  expect(clock.pending).toBe(0);
  receipts.received(8 * MIB);
  clock.advance(60);
  expect(sent).toEqual([32 * KIB]);
});

test('property: what is untold is below 4 MiB, and in the end below 32 KiB', () => {
  const frame = fc.record({
    bytes: fc.integer({ min: 12, max: 5 * MIB }),
    pauseMs: fc.integer({ min: 0, max: 12 })
  });
  fc.assert(
    fc.property(fc.array(frame, { maxLength: 40 }), frames => {
      const { clock, sent, receipts } = started();
      let received = 0;
      for (const { bytes, pauseMs } of frames) {
        receipts.received(bytes);
        received += bytes;
        expect(received - (sent.at(-1) ?? 0)).toBeLessThan(4 * MIB);
        clock.advance(pauseMs / 1000);
      }
      clock.advance(0.006);
      expect(received - (sent.at(-1) ?? 0)).toBeLessThan(32 * KIB);
      expect(sent).toEqual([...new Set(sent)].sort((a, b) => a - b));
      expect(clock.pending).toBe(0);
    })
  );
});
