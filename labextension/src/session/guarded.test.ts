// @vitest-environment node
import { expect, test, vi } from 'vitest';

import { guarded } from './guarded';

test('what a callback throws is told, at once or later', async () => {
  const onError = vi.fn();
  const now = guarded((text: string) => {
    throw new Error(text);
  }, onError);
  expect(now('now')).toBeUndefined();
  void guarded(() => Promise.reject(new Error('later')), onError)();
  await Promise.resolve();
  expect(onError.mock.calls).toEqual([
    [new Error('now')],
    [new Error('later')]
  ]);
});

test('a callback gets what is given; of what it returns only the end is seen', async () => {
  const callback = vi.fn((...args: number[]) => args.length);
  expect(guarded(callback, vi.fn())(1, 2)).toBeUndefined();
  expect(callback).toHaveBeenCalledExactlyOnceWith(1, 2);
  expect(await guarded(async () => 7, vi.fn())()).toBeUndefined();
  expect(guarded(() => null, vi.fn())()).toBeUndefined();
});

test('anything with a then is waited for, and may fail as a promise may', async () => {
  const onError = vi.fn();
  const settle = vi.fn();
  const thenable = (settled: (...args: any[]) => unknown): unknown => ({
    then: (...args: any[]) => {
      settle();
      settled(...args);
    }
  });
  await guarded(() => thenable(resolve => resolve(1)), onError)();
  expect(settle).toHaveBeenCalledOnce();
  expect(onError).not.toHaveBeenCalled();
  const refuses = thenable((_, reject) => reject(new Error('no')));
  await guarded(() => refuses, onError)();
  const broken = {
    get then(): unknown {
      throw new Error('broken');
    }
  };
  expect(guarded(() => broken, onError)()).toBeUndefined();
  expect(onError.mock.calls.flat()).toEqual([
    new Error('no'),
    new Error('broken')
  ]);
});
