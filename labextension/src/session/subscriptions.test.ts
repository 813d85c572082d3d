// @vitest-environment node
import { expect, test, vi } from 'vitest';

import { Subscriptions } from './subscriptions';

function publication(value: unknown, topic = 't', number = 0): any {
  return { type: 'publication', topic, number, value };
}

test('subscribers get the value itself, in the order they came', () => {
  const subscriptions = new Subscriptions(() => undefined);
  const got: unknown[] = [];
  subscriptions.add('t', (value, info) => got.push(['a', value, info]));
  subscriptions.add('t', value => got.push(['b', value]));
  subscriptions.add('other', () => got.push('never'));
  subscriptions.deliver(publication(5, 't', 3));
  expect(got).toEqual([
    ['a', 5, { topic: 't', sequence: 3 }],
    ['b', 5]
  ]);
});

test('one that throws or rejects does not stop the others', async () => {
  const onError = vi.fn();
  const subscriptions = new Subscriptions(onError);
  const got = vi.fn();
  subscriptions.add('t', () => {
    throw new Error('thrown');
  });
  subscriptions.add('t', async () => {
    throw new Error('rejected');
  });
  subscriptions.add('t', got);
  subscriptions.deliver(publication(1));
  await Promise.resolve();
  await Promise.resolve();
  expect(got).toHaveBeenCalledOnce();
  expect(onError.mock.calls.flat().map(error => error.message)).toEqual([
    'thrown',
    'rejected'
  ]);
});

test('dispose and abort end a subscription, also from inside', () => {
  const subscriptions = new Subscriptions(() => undefined);
  const controller = new AbortController();
  const { signal } = controller;
  const first = vi.fn(() => {
    controller.abort();
    third.dispose();
  });
  const second = vi.fn();
  const third = { dispose: (): void => undefined };
  const one = subscriptions.add('t', first);
  subscriptions.add('t', second, { signal });
  Object.assign(third, subscriptions.add('t', second));
  subscriptions.deliver(publication(1));
  expect(first).toHaveBeenCalledOnce();
  expect(second).not.toHaveBeenCalled();
  one.dispose();
  one.dispose();
  expect(subscriptions.size).toBe(0);
  subscriptions.add('t', second, { signal }).dispose();
  expect(subscriptions.size).toBe(0);
});

test('one function may subscribe twice', () => {
  const subscriptions = new Subscriptions(() => undefined);
  const callback = vi.fn();
  const one = subscriptions.add('t', callback);
  subscriptions.add('t', callback);
  one.dispose();
  subscriptions.deliver(publication(1));
  expect(callback).toHaveBeenCalledOnce();
});

test('a listener on a signal is given back', () => {
  const subscriptions = new Subscriptions(() => undefined);
  const listeners = new Set<() => void>();
  const signal = {
    aborted: false,
    addEventListener: (_type: 'abort', each: () => void) =>
      void listeners.add(each),
    removeEventListener: (_type: 'abort', each: () => void) =>
      void listeners.delete(each)
  };
  const subscription = subscriptions.add('t', () => undefined, { signal });
  expect(listeners.size).toBe(1);
  subscription.dispose();
  expect(listeners.size).toBe(0);
});
