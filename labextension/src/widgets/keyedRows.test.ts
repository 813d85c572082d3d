import { expect, it, vi } from 'vitest';

import { KeyedRows } from './keyedRows';

it('keeps rows as elements, in order, and moves none that has its place', () => {
  const list = document.createElement('ul');
  const dispose = vi.fn();
  const rows = new KeyedRows<string, number>(list, () => {
    const node = document.createElement('li');
    return { node, set: value => (node.textContent = `${value}`), dispose };
  });
  const texts = (): (string | null)[] =>
    [...list.children].map(({ textContent }) => textContent);
  rows.set([
    ['a', 1],
    ['b', 2],
    ['c', 3]
  ]);
  const [a, , c] = list.children;
  const insert = vi.spyOn(list, 'insertBefore');
  rows.set([
    ['new', 0],
    ['a', 10],
    ['c', 30]
  ]);
  expect(texts()).toEqual(['0', '10', '30']);
  expect([list.children[1], list.children[2]]).toEqual([a, c]);
  expect(insert).toHaveBeenCalledTimes(1); // the new one
  expect(dispose).toHaveBeenCalledTimes(1);
  rows.set([
    ['c', 3],
    ['a', 1]
  ]);
  expect(texts()).toEqual(['3', '1']);
});
