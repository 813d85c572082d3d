// @vitest-environment node
import fc from 'fast-check';
import { expect, test, vi } from 'vitest';

import { FakeClock } from '../testing/fakeClock';
import { PendingCalls } from './pendingCalls';
import type { IObservedCall } from './types';

const PAYLOAD = Uint8Array.from([1]);

function setUp(): {
  clock: FakeClock;
  calls: PendingCalls;
  onGivenUp: ReturnType<typeof vi.fn<(id: string) => void>>;
  onError: ReturnType<typeof vi.fn>;
} {
  const clock = new FakeClock();
  const onGivenUp = vi.fn<(id: string) => void>();
  const onError = vi.fn();
  const calls = new PendingCalls(clock, onGivenUp, onError);
  return { clock, onGivenUp, onError, calls };
}

test('calls are sent in the order they were made', () => {
  const { calls } = setUp();
  const first = calls.add('a', PAYLOAD);
  const second = calls.add('b', PAYLOAD);
  expect(calls.nextUnsent()).toBe(first);
  expect(calls.markSent(first, '1')).toBe(PAYLOAD);
  expect(calls.nextUnsent()).toBe(second);
  calls.markSent(second, '2');
  expect(calls.nextUnsent()).toBeUndefined();
  expect(calls.size).toBe(2);
});

test('the first end is the only one', async () => {
  const { calls, clock, onGivenUp } = setUp();
  const controller = new AbortController();
  const call = calls.add('a', PAYLOAD, {
    signal: controller.signal,
    timeout: 50
  });
  calls.markSent(call, '1');
  expect(calls.resolve('1', 'done')).toBe(true);
  expect(calls.resolve('1', 'again')).toBe(false);
  expect(calls.reject('1', new Error('late'))).toBe(false);
  controller.abort();
  clock.advance(1);
  expect(await call.promise).toBe('done');
  expect(onGivenUp).not.toHaveBeenCalled();
  expect(clock.pending).toBe(0);
  expect(calls.size).toBe(0);
});

test('abort rejects with the reason of the signal', async () => {
  const { calls, onGivenUp } = setUp();
  const controller = new AbortController();
  const call = calls.add('a', PAYLOAD, { signal: controller.signal });
  calls.markSent(call, '1');
  controller.abort('why not');
  await expect(call.promise).rejects.toBe('why not');
  expect(onGivenUp).toHaveBeenCalledExactlyOnceWith('1');
});

test('a signal without a reason gives an AbortError', async () => {
  const { calls } = setUp();
  const signal = {
    aborted: true,
    addEventListener: () => undefined,
    removeEventListener: () => undefined
  };
  const call = calls.add('a', PAYLOAD, { signal });
  await expect(call.promise).rejects.toMatchObject({ name: 'AbortError' });
  expect(calls.size).toBe(0);
});

test('a call given up while it waits is never sent, nor cancelled', async () => {
  const { calls, clock, onGivenUp } = setUp();
  const call = calls.add('a', PAYLOAD, { timeout: 1000 });
  clock.advance(1);
  await expect(call.promise).rejects.toMatchObject({
    name: 'DeadlineExceeded',
    code: -32006,
    message: 'a: expected a reply within 1000 ms, got none'
  });
  expect(calls.nextUnsent()).toBeUndefined();
  expect(onGivenUp).not.toHaveBeenCalled();
});

test.each([0, -1, NaN, Infinity, undefined])('timeout %o is none', timeout => {
  const { calls, clock } = setUp();
  calls.add('a', PAYLOAD, { timeout });
  expect(clock.pending).toBe(0);
});

test('property: over any history every promise settles exactly once', async () => {
  const step = fc.record({
    what: fc.constantFrom(
      'add',
      'send',
      'resolve',
      'reject',
      'abort',
      'wait',
      'lose'
    ),
    n: fc.nat(7)
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async steps => {
      const { calls, clock } = setUp();
      const made: Array<{ ends: number; controller: AbortController }> = [];
      let sent = 0;
      for (const { what, n } of steps) {
        if (what === 'add') {
          const entry = { ends: 0, controller: new AbortController() };
          made.push(entry);
          const { signal } = entry.controller;
          const timeout = n > 4 ? n : undefined;
          const end = (): void => void entry.ends++;
          calls.add('a', PAYLOAD, { signal, timeout }).promise.then(end, end);
        } else if (what === 'send') {
          const call = calls.nextUnsent();
          if (call) {
            calls.markSent(call, String(sent++));
          }
        } else if (what === 'resolve') {
          calls.resolve(String(n), n);
        } else if (what === 'reject') {
          calls.reject(String(n), n);
        } else if (what === 'abort') {
          made[n]?.controller.abort();
        } else if (what === 'wait') {
          clock.advance(0.002);
        } else {
          calls.rejectSent(() => new Error('lost'));
        }
      }
      calls.rejectSent(() => new Error('end'));
      calls.rejectUnsent(() => new Error('end'));
      await new Promise(resolve => setImmediate(resolve));
      expect(made.every(({ ends }) => ends === 1)).toBe(true);
      expect(calls.size).toBe(0);
      expect(clock.pending).toBe(0);
    })
  );
});

test('a call that waits in the kernel is told so, until it ends', async () => {
  const { calls, onError } = setUp();
  const onState = vi.fn();
  const call = calls.add('a', PAYLOAD, { onState });
  calls.add('b', PAYLOAD);
  const reason = 'queued behind a running cell';
  calls.tell({ id: '1', state: 'queued', reason });
  expect(onState).not.toHaveBeenCalled();
  calls.markSent(call, '1');
  calls.tell({ id: '1', state: 'queued', reason });
  calls.tell({ id: '1', state: 'running', reason: '' });
  calls.tell({ id: '2', state: 'queued', reason });
  calls.tell(null);
  calls.resolve('1', 7);
  calls.tell({ id: '1', state: 'queued', reason });
  expect(await call.promise).toBe(7);
  expect(onState.mock.calls).toEqual([
    ['queued', reason],
    ['running', '']
  ]);
  expect(onError).not.toHaveBeenCalled();
});

test('what is thrown on being told is reported, at once or later', async () => {
  const { calls, onError } = setUp();
  const failures = [
    () => {
      throw new Error('now');
    },
    () => Promise.reject(new Error('later'))
  ];
  failures.forEach((onState, at) => {
    const call = calls.add('a', PAYLOAD, { onState });
    calls.markSent(call, `${at}`);
    calls.tell({ id: `${at}`, state: 'queued', reason: '' });
  });
  await Promise.resolve();
  expect(onError.mock.calls.flat()).toEqual([
    new Error('now'),
    new Error('later')
  ]);
  expect(calls.size).toBe(2);
});

test('who looks on is told of calls, and disturbs none', async () => {
  const { calls, onError } = setUp();
  const seen: IObservedCall[] = [];
  const fault = new Error('of an observer');
  const looking = [
    calls.observe(() => {
      throw fault;
    }),
    calls.observe(call => seen.push(call))
  ];
  const call = calls.add('a', PAYLOAD);
  expect(seen).toEqual([call]);
  expect(seen[0].id).toBeNull();
  calls.markSent(call, '1');
  calls.resolve('1', 5);
  expect([seen[0].method, seen[0].id]).toEqual(['a', '1']);
  expect(await seen[0].promise).toBe(5);
  expect(onError.mock.calls).toEqual([[fault]]);
  looking.forEach(each => each.dispose());
  calls.add('b', PAYLOAD);
  expect(seen).toHaveLength(1);
  expect(onError).toHaveBeenCalledTimes(1);
});
