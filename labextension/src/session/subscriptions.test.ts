// @vitest-environment node
import { expect, test, vi } from 'vitest';

import { Subscriptions } from './subscriptions';

function publication(value: unknown, topic = 't', number = 0): any {
  return {
    type: 'publication',
    topic,
    number,
    value,
    ack: false,
    retain: false
  };
}

function setUp() {
  const onError = vi.fn();
  const onChange = vi.fn();
  return {
    onError,
    onChange,
    subscriptions: new Subscriptions(onError, onChange)
  };
}

/** A promise, and what settles it. */
function promised() {
  let settle = { resolve: (): void => {}, reject: (_: Error): void => {} };
  const promise = new Promise<void>((resolve, reject) => {
    settle = { resolve, reject };
  });
  return { promise, ...settle };
}

test('subscribers get the value itself, in the order they came', () => {
  const { subscriptions } = setUp();
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
  const { subscriptions, onError } = setUp();
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
  const { subscriptions } = setUp();
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
  const { subscriptions } = setUp();
  const callback = vi.fn();
  const one = subscriptions.add('t', callback);
  subscriptions.add('t', callback);
  one.dispose();
  subscriptions.deliver(publication(1));
  expect(callback).toHaveBeenCalledOnce();
});

test('a listener on a signal is given back', () => {
  const { subscriptions } = setUp();
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

test('a topic is told of with its first subscriber and its last', () => {
  const { subscriptions, onChange } = setUp();
  const controller = new AbortController();
  const { signal } = controller;
  const one = subscriptions.add('t', () => undefined);
  subscriptions.add('t', () => undefined, { signal });
  subscriptions.add('u', () => undefined);
  expect(subscriptions.topics).toEqual(['t', 'u']);
  one.dispose();
  one.dispose();
  expect(onChange.mock.calls).toEqual([
    ['t', true],
    ['u', true]
  ]);
  controller.abort();
  subscriptions.add('t', () => undefined, { signal }).dispose();
  expect(onChange.mock.calls.slice(2)).toEqual([['t', false]]);
  expect(subscriptions.topics).toEqual(['u']);
  subscriptions.add('t', () => undefined);
  one.dispose();
  expect(onChange.mock.calls.slice(3)).toEqual([['t', true]]);
  expect(subscriptions.topics).toEqual(['u', 't']);
});

test.each([undefined, null, 7, {}])('topic %o is refused', topic => {
  const { subscriptions, onChange } = setUp();
  expect(() => subscriptions.add(topic as string, () => 1)).toThrow(TypeError);
  expect(onChange).not.toHaveBeenCalled();
});

test('a value is dealt with when every subscriber has returned', () => {
  const { subscriptions } = setUp();
  const seen: string[] = [];
  subscriptions.add('t', () => seen.push('one'));
  subscriptions.add('t', () => {
    seen.push('two');
    throw new Error('mine');
  });
  subscriptions.deliver(publication(1), () => seen.push('done'));
  expect(seen).toEqual(['one', 'two', 'done']);
  subscriptions.deliver(publication(1, 'nobody'), () => seen.push('nobody'));
  expect(seen.at(-1)).toBe('nobody');
});

test('a value is dealt with when what is promised has come, or failed', async () => {
  const { subscriptions, onError } = setUp();
  const one = promised();
  const two = promised();
  const done = vi.fn();
  subscriptions.add('t', () => one.promise);
  subscriptions.add('t', () => two.promise);
  subscriptions.add('t', () => undefined);
  subscriptions.deliver(publication(1), done);
  one.resolve();
  await Promise.resolve();
  await Promise.resolve();
  expect(done).not.toHaveBeenCalled();
  two.reject(new Error('mine'));
  await Promise.resolve();
  await Promise.resolve();
  expect(done).toHaveBeenCalledOnce();
  expect(onError).toHaveBeenCalledExactlyOnceWith(new Error('mine'));
});

test('the next value comes although the former is being dealt with', () => {
  const { subscriptions } = setUp();
  const callback = vi.fn(() => new Promise(() => undefined));
  subscriptions.add('t', callback);
  subscriptions.deliver(publication(1));
  subscriptions.deliver(publication(2));
  expect(callback).toHaveBeenCalledTimes(2);
});

test('who is a subscriber no more is not waited for', async () => {
  const { subscriptions } = setUp();
  const never = promised();
  const done = vi.fn();
  const controller = new AbortController();
  const { signal } = controller;
  subscriptions.add('t', () => never.promise, { signal });
  subscriptions.deliver(publication(1), () => done(1));
  subscriptions.deliver(publication(2), () => done(2));
  controller.abort();
  expect(done.mock.calls).toEqual([[1], [2]]);
  never.resolve();
  await never.promise;
  expect(done).toHaveBeenCalledTimes(2);
  // Also who goes while the value is handed over.
  const itself = subscriptions.add('t', () => {
    itself.dispose();
    return new Promise(() => undefined);
  });
  subscriptions.deliver(publication(3), () => done(3));
  expect(done.mock.lastCall).toEqual([3]);
});

test('a later subscriber gets the retained value, once and not from within', async () => {
  const { subscriptions } = setUp();
  const first = vi.fn();
  const later = vi.fn();
  subscriptions.add('t', first);
  subscriptions.deliver({ ...publication(1, 't', 7), retain: true });
  subscriptions.add('t', later);
  expect(later).not.toHaveBeenCalled();
  await Promise.resolve();
  expect(later.mock.calls).toEqual([[1, { topic: 't', sequence: 7 }]]);
  expect(first).toHaveBeenCalledOnce();
});

test('a newer value takes the place of the retained one', async () => {
  const { subscriptions } = setUp();
  const later = vi.fn();
  subscriptions.add('t', () => undefined);
  subscriptions.deliver({ ...publication(1), retain: true });
  subscriptions.add('t', later);
  subscriptions.deliver({ ...publication(2), retain: true });
  await Promise.resolve();
  expect(later.mock.calls.map(([value]) => value)).toEqual([2]);
});

test('nothing is kept of a topic that nobody hears any more', async () => {
  const { subscriptions } = setUp();
  const later = vi.fn();
  const only = subscriptions.add('t', () => undefined);
  subscriptions.deliver({ ...publication(1), retain: true });
  only.dispose();
  subscriptions.deliver({ ...publication(2), retain: true });
  subscriptions.add('t', () => undefined);
  subscriptions.add('t', later).dispose();
  await Promise.resolve();
  expect(later).not.toHaveBeenCalled();
});
