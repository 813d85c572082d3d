// @vitest-environment node
import fc from 'fast-check';
import { expect, test, vi } from 'vitest';

import { Acknowledgements } from './acknowledgements';

test('each is acknowledged when it is done, once', () => {
  const send = vi.fn();
  const acknowledgements = new Acknowledgements(send);
  const done = acknowledgements.expect('t', 7);
  expect(send).not.toHaveBeenCalled();
  done();
  acknowledgements.expect('t', 8)();
  done();
  expect(send.mock.calls).toEqual([
    ['t', 7],
    ['t', 8]
  ]);
});

test('none before an earlier one of its topic, and then as one', () => {
  const send = vi.fn();
  const acknowledgements = new Acknowledgements(send);
  const [one, two, three] = [1, 2, 3].map(number =>
    acknowledgements.expect('t', number)
  );
  const other = acknowledgements.expect('other', 1);
  two();
  expect(send).not.toHaveBeenCalled();
  other();
  expect(send.mock.lastCall).toEqual(['other', 1]);
  one();
  expect(send.mock.lastCall).toEqual(['t', 2]);
  three();
  expect(send.mock.lastCall).toEqual(['t', 3]);
  expect(send).toHaveBeenCalledTimes(3);
});

test('one of another thread that came early is acknowledged with the others', () => {
  const send = vi.fn();
  const acknowledgements = new Acknowledgements(send);
  const early = acknowledgements.expect('t', 6);
  const late = acknowledgements.expect('t', 5);
  late();
  early();
  expect(send.mock.calls).toEqual([['t', 6]]);
});

test('property: what is acknowledged is done, and in the end that is all', () => {
  const count = fc.integer({ min: 1, max: 12 });
  const order = count.chain(size =>
    fc.shuffledSubarray([...Array(size).keys()], { minLength: size })
  );
  fc.assert(
    fc.property(order, ends => {
      const sent: number[] = [];
      const acknowledgements = new Acknowledgements((_, number) =>
        sent.push(number)
      );
      const done = ends
        .map((_, number) => number)
        .map(number => acknowledgements.expect('t', number));
      const ended = new Set<number>();
      for (const number of ends) {
        ended.add(number);
        done[number]();
        let last = -1;
        while (ended.has(last + 1)) {
          last++;
        }
        expect(sent.at(-1) ?? -1).toBe(last);
      }
      expect(sent).toEqual([...new Set(sent)].sort((a, b) => a - b));
    })
  );
});
