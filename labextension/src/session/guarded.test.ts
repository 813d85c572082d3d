// @vitest-environment node
import { expect, test, vi } from 'vitest';

import { guarded } from './guarded';

test('what a callback throws is told, at once or later', async () => {
  const onError = vi.fn();
  const now = guarded((text: string) => {
    throw new Error(text);
  }, onError);
  expect(now('now')).toBeUndefined();
  guarded(() => Promise.reject(new Error('later')), onError)();
  await Promise.resolve();
  expect(onError.mock.calls).toEqual([
    [new Error('now')],
    [new Error('later')]
  ]);
});

test('a callback gets what is given, and returns nothing', () => {
  const callback = vi.fn(() => 7);
  const got: unknown = guarded(
    callback as (...args: number[]) => number,
    vi.fn()
  )(1, 2);
  expect(callback).toHaveBeenCalledExactlyOnceWith(1, 2);
  expect(got).toBeUndefined();
});
