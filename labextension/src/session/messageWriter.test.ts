import fc from 'fast-check';
import { expect, test } from 'vitest';

import { FakeClock } from '../testing/fakeClock';
import { MessageWriter } from './messageWriter';

const KIB = 1024;
const MIB = 1024 * KIB;
const LEAST = 256 * KIB;
const PAUSE_S = 0.0051;

type Frame = Uint8Array<ArrayBuffer>;

/** A browser that holds what it is given, until a test lets some of it go. */
function setUp() {
  const clock = new FakeClock();
  const sent: number[] = [];
  const line = { held: 0 };
  const writer = new MessageWriter(
    {
      send: frame => {
        sent.push(frame[0]);
        line.held += frame.byteLength;
      },
      bufferedBytes: () => line.held,
      close: () => undefined
    },
    clock
  );
  return { clock, sent, line, writer };
}

/** `count` frames of a message, which tell whose they are. */
function* message(
  mark: number,
  count: number,
  size = 64 * KIB
): Generator<Frame, void> {
  for (let n = 0; n < count; n++) {
    yield new Uint8Array(size).fill(mark, 0, 1);
  }
}

test('what the browser can hold goes at once, in order', () => {
  const { clock, sent, writer } = setUp();
  writer.write(message(1, 2));
  writer.write(message(2, 1));
  expect(sent).toEqual([1, 1, 2]);
  expect(clock.pending).toBe(0);
});

test('the browser is given no more than it should hold', () => {
  const { clock, sent, line, writer } = setUp();
  writer.write(message(1, 100));
  writer.write(message(2, 1));
  expect(line.held).toBe(LEAST);
  line.held -= 64 * KIB;
  clock.advance(PAUSE_S);
  expect(line.held).toBe(LEAST);
  expect(sent).not.toContain(2);
});

test('what is urgent passes, and the rest keeps its order', () => {
  const { clock, sent, line, writer } = setUp();
  writer.write(message(1, 6));
  writer.write(message(2, 1));
  writer.writeUrgent(message(9, 1, 100));
  expect(sent).toEqual([1, 1, 1, 1, 9]);
  line.held = 0;
  clock.advance(PAUSE_S);
  expect(sent).toEqual([1, 1, 1, 1, 9, 1, 1, 2]);
  expect(clock.pending).toBe(0);
});

test('a line that is idle at every look is given more', () => {
  const { clock, line, writer } = setUp();
  writer.write(message(1, 10_000));
  const given = [];
  for (let n = 0; n < 9; n++) {
    given.push(line.held);
    line.held = 0;
    clock.advance(PAUSE_S);
  }
  expect(given.slice(0, 3)).toEqual([LEAST, 2 * LEAST, 4 * LEAST]);
  expect(given.at(-1)).toBe(16 * MIB);
  // And less again when it is busy.
  clock.advance(20 * PAUSE_S);
  line.held = 0.9 * LEAST;
  clock.advance(PAUSE_S);
  expect(line.held).toBeLessThan(LEAST + 64 * KIB);
});

test('frames are larger on a line that is given more', () => {
  const { clock, line, writer } = setUp();
  const seen: number[] = [];
  writer.write(
    (function* () {
      for (;;) {
        seen.push(writer.frameBytes);
        yield new Uint8Array(writer.frameBytes);
      }
    })()
  );
  for (let n = 0; n < 9; n++) {
    line.held = 0;
    clock.advance(PAUSE_S);
  }
  expect(seen[0]).toBe(LEAST);
  expect(seen.at(-1)).toBe(2 * MIB);
  clock.advance(20 * PAUSE_S);
  expect(writer.frameBytes).toBe(LEAST);
  writer.end();
});

test('nothing waits for timers that are late', () => {
  const { clock, sent, writer } = setUp();
  clock.isHidden = true;
  writer.write(message(1, 100));
  expect(sent).toHaveLength(100);
  expect(clock.pending).toBe(0);
});

test('nothing is sent after the end', () => {
  const { clock, sent, line, writer } = setUp();
  writer.write(message(1, 100));
  const { length } = sent;
  writer.end();
  line.held = 0;
  clock.advance(60);
  expect(sent).toHaveLength(length);
  expect(clock.pending).toBe(0);
});

test('property: every frame goes once, in order, however the line drains', () => {
  const messages = fc.array(fc.integer({ min: 1, max: 20 }), { maxLength: 10 });
  const drains = fc.array(fc.integer({ min: 0, max: MIB }));
  fc.assert(
    fc.property(messages, drains, (counts, drained) => {
      const { clock, sent, line, writer } = setUp();
      counts.forEach((count, mark) => writer.write(message(mark, count)));
      for (const bytes of drained) {
        line.held = Math.max(0, line.held - bytes);
        clock.advance(PAUSE_S);
      }
      while (clock.pending) {
        line.held = 0;
        clock.advance(PAUSE_S);
      }
      expect(sent).toEqual(
        counts.flatMap((count, mark) => Array<number>(count).fill(mark))
      );
    })
  );
});
