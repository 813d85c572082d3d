import { describe, expect, it, vi } from 'vitest';

import { CallState } from '../session/types';
import { FakeClock } from '../testing/fakeClock';
import { FakeSession, settle } from '../testing/fakeSession';
import { RunningCalls } from './runningCalls';
import { ScopedSession } from './scopedSession';

function scoped() {
  const session = new FakeSession();
  const scope = new AbortController();
  const onError = vi.fn();
  const onWaiting = vi.fn();
  const { signal } = scope;
  const clock = new FakeClock();
  const calls = new RunningCalls(clock);
  const view = new ScopedSession(session, calls, signal, onError, onWaiting);
  /** What the kernel tells of the call that was made at this place. */
  const tell = (call: number, state: CallState, reason = ''): unknown =>
    session.calls[call].options.onState?.(state, reason);
  return { session, clock, calls, scope, onError, onWaiting, view, tell };
}

describe('ScopedSession', () => {
  it('passes values on until the scope ends, and leaves nothing behind', () => {
    const { session, scope, view } = scoped();
    const seen: unknown[] = [];
    view.subscribe('t', value => seen.push(value));
    view.onStatus(() => seen.push('status'));
    session.publish('t', 1);
    session.become({ kernel: 'busy' });
    scope.abort();
    session.publish('t', 2);
    session.become({ kernel: 'ready' });
    expect(seen).toEqual([1, 'status']);
    expect(session.held).toBe(0);
    expect(session.isClosed).toBe(false);
  });

  it('ends one subscription with its own signal or its disposable', () => {
    const { session, view } = scoped();
    const own = new AbortController();
    view.subscribe('t', () => {}, { signal: own.signal });
    const other = view.subscribe('t', () => {});
    expect(session.held).toBe(2);
    own.abort();
    expect(session.held).toBe(1);
    other.dispose();
    other.dispose();
    expect(session.held).toBe(0);
  });

  it('aborts calls with the scope and with the signal of the call', async () => {
    const { session, scope, view } = scoped();
    session.procedures.set('slow', () => new Promise(() => {}));
    const own = new AbortController();
    void view.api.slow();
    void view.call('slow', [], {}, { signal: own.signal, timeout: 5 });
    const [first, second] = session.calls.map(call => call.options);
    expect(second.timeout).toBe(5);
    own.abort(new Error('mine'));
    expect(first.signal?.aborted).toBe(false);
    expect(second.signal?.aborted).toBe(true);
    expect(second.signal?.reason).toEqual(new Error('mine'));
    scope.abort();
    expect(first.signal?.aborted).toBe(true);
  });

  it('starts nothing after the scope has ended', async () => {
    const { session, scope, view } = scoped();
    scope.abort();
    view.subscribe('t', () => {}).dispose();
    view.onStatus(() => {}).dispose();
    expect(session.held).toBe(0);
    session.procedures.set('p', () => 1);
    await view.call('p');
    expect(session.calls[0].options.signal?.aborted).toBe(true);
  });

  it('closes the scope, not the session', () => {
    const { session, view } = scoped();
    view.subscribe('t', () => {});
    view.close();
    expect(session.held).toBe(0);
    expect(session.isClosed).toBe(false);
  });

  it('reports what a subscriber throws, at once or later', async () => {
    const { session, onError, view } = scoped();
    view.subscribe('t', () => {
      throw new Error('now');
    });
    const failLater = async (): Promise<void> => {
      throw new Error('later');
    };
    view.subscribe('t', failLater);
    session.publish('t', 1);
    await Promise.resolve();
    expect(onError.mock.calls).toEqual([
      [new Error('now')],
      [new Error('later')]
    ]);
  });

  it('reports what a listener of the status throws, at once or later', async () => {
    const { session, onError, view } = scoped();
    const heard = vi.fn();
    view.onStatus(() => {
      throw new Error('now');
    });
    view.onStatus(async () => {
      throw new Error('later');
    });
    view.onStatus(heard);
    session.become({ kernel: 'busy' });
    await Promise.resolve();
    expect(heard).toHaveBeenCalledTimes(1);
    expect(onError.mock.calls).toEqual([
      [new Error('now')],
      [new Error('later')]
    ]);
  });

  it('lets the session wait for what a subscriber promised', async () => {
    const { session, onError, view } = scoped();
    view.subscribe('t', () => undefined);
    view.subscribe('t', () => Promise.reject(new Error('later')));
    const [none, promise] = session.publish('t', 1);
    expect(none).toBeUndefined();
    expect(await promise).toBeUndefined();
    expect(onError).toHaveBeenCalledExactlyOnceWith(new Error('later'));
  });

  it('counts its calls that wait, until they run or end', async () => {
    const { session, onWaiting, view, tell } = scoped();
    let end = (): void => {};
    session.procedures.set(
      'slow',
      () => new Promise<void>(resolve => (end = resolve))
    );
    const heard = vi.fn();
    void view.call('slow', [], {}, { onState: heard });
    void view.api.slow();
    void session.call('slow'); // another view's
    const reason = 'queued behind a running cell';
    tell(0, 'queued', reason);
    tell(1, 'queued', 'queued behind another call');
    expect(onWaiting.mock.calls).toEqual([
      [1, reason],
      [2, reason]
    ]);
    tell(0, 'running');
    tell(0, 'running');
    expect(onWaiting.mock.lastCall).toEqual([1, 'queued behind another call']);
    expect(heard.mock.calls).toEqual([
      ['queued', reason],
      ['running', ''],
      ['running', '']
    ]);
    const gone = view.api.gone();
    tell(3, 'queued', reason);
    expect(onWaiting.mock.lastCall?.[0]).toBe(2);
    await expect(gone).rejects.toThrow('no such procedure');
    expect(onWaiting.mock.lastCall?.[0]).toBe(1);
    expect(onWaiting).toHaveBeenCalledTimes(5);
    end();
  });

  it('has no calls that wait once the scope has ended', async () => {
    const { session, scope, onWaiting, view, tell } = scoped();
    session.procedures.set('slow', () => Promise.reject(new Error('aborted')));
    const ended = view.api.slow().catch(() => undefined);
    tell(0, 'queued');
    scope.abort();
    expect(onWaiting.mock.calls).toEqual([
      [1, ''],
      [0, '']
    ]);
    await ended;
    await settle();
    expect(onWaiting).toHaveBeenCalledTimes(2);
  });

  it('reports what is thrown on being told of a call', async () => {
    const { session, onError, onWaiting, view, tell } = scoped();
    session.procedures.set('p', () => 1);
    const onState = (): void => {
      throw new Error('mine');
    };
    const call = view.call('p', [], {}, { onState });
    tell(0, 'queued');
    expect(onError).toHaveBeenCalledExactlyOnceWith(new Error('mine'));
    expect(onWaiting.mock.lastCall).toEqual([1, '']);
    expect(await call).toBe(1);
    expect(onWaiting.mock.lastCall).toEqual([0, '']);
  });

  it('knows the errors of its own calls, and no others', async () => {
    const { session, view } = scoped();
    session.procedures.set('p', () => {
      throw new Error('mine');
    });
    const errorOf = (call: Promise<unknown>): Promise<unknown> =>
      call.catch((error: unknown) => error);
    const viaApi = await errorOf(view.api.p());
    const direct = await errorOf(view.call('p'));
    expect(viaApi).toEqual(new Error('mine'));
    expect(view.hasFailed(viaApi)).toBe(true);
    expect(view.hasFailed(direct)).toBe(true);
    expect(view.hasFailed(await errorOf(session.call('p')))).toBe(false);
    expect(view.hasFailed('text')).toBe(false);
    expect(view.hasFailed(undefined)).toBe(false);
  });

  it('shows the status and the round trip of the session', () => {
    const { session, view } = scoped();
    expect(view.status).toBe(session.status);
    expect(view.roundTripS).toBeNull();
  });

  it('lists a long call, which can be cancelled from the list', async () => {
    const { session, clock, calls, view } = scoped();
    session.procedures.set('slow', () => new Promise(() => undefined));
    void view.call('slow');
    void view.call('slow', [], {}, { signal: new AbortController().signal });
    clock.advance(1);
    expect(calls.long.map(({ name }) => name)).toEqual(['slow', 'slow']);
    for (const { cancel } of calls.long) {
      cancel();
    }
    for (const { options } of session.calls) {
      expect(options.signal?.aborted).toBe(true);
      expect(String(options.signal?.reason)).toBe(
        'AbortError: slow: cancelled'
      );
    }
  });

  it('strikes a call that ended off the list', async () => {
    const { session, clock, calls, view } = scoped();
    session.procedures.set('quick', () => 1);
    await view.call('quick');
    await view.call('missing').catch(() => undefined);
    clock.advance(1);
    expect(calls.long).toEqual([]);
  });
});
