// @vitest-environment node
import { expect, test, vi } from 'vitest';

import { StatusBoard } from './statusBoard';

test('every change is told once, in order', () => {
  const board = new StatusBoard(() => undefined);
  const seen: string[] = [];
  const listening = board.listen(status => seen.push(status.reason));
  board.update({ reason: 'a' });
  board.update({ reason: 'a' });
  board.update({ reason: 'b' });
  listening.dispose();
  board.update({ reason: 'c' });
  expect(seen).toEqual(['a', 'b']);
  expect(board.status.reason).toBe('c');
});

test('a listener that throws does not stop the others', () => {
  const onError = vi.fn();
  const board = new StatusBoard(onError);
  const listener = vi.fn();
  board.listen(() => {
    throw new Error('x');
  });
  board.listen(listener);
  board.update({ state: 'open' });
  expect(listener).toHaveBeenCalledOnce();
  expect(onError).toHaveBeenCalledOnce();
});

test('after a change from inside, nobody learns the old status last', () => {
  const board = new StatusBoard(() => undefined);
  const seen: string[] = [];
  board.listen(({ state }) => {
    if (state === 'open') {
      board.update({ state: 'closed' });
    }
  });
  board.listen(({ state }) => seen.push(state));
  board.update({ state: 'open' });
  expect(seen).toEqual(['closed']);
});
