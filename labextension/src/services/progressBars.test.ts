import { describe, expect, it, vi } from 'vitest';

import { FakeSession } from '../testing/fakeSession';
import { PROGRESS_TOPIC, ProgressBars, readProgress } from './progressBars';

function published(change: Record<string, unknown> = {}) {
  const value = { id: 'a', title: 'Frames', done: 3, total: 10 };
  return { ...value, elapsed_s: 1.5, state: 'running', ...change };
}

describe('ProgressBars', () => {
  it('follows a loop until it ends', () => {
    const session = new FakeSession();
    const bars = new ProgressBars(session);
    const changed = vi.fn();
    bars.changed.connect(changed);
    session.publish(PROGRESS_TOPIC, published());
    session.publish(PROGRESS_TOPIC, published({ id: 'b', total: null }));
    session.publish(PROGRESS_TOPIC, published({ done: 4 }));
    expect(bars.running).toEqual([
      { id: 'a', title: 'Frames', done: 4, total: 10, elapsedS: 1.5 },
      { id: 'b', title: 'Frames', done: 3, total: null, elapsedS: 1.5 }
    ]);
    session.publish(PROGRESS_TOPIC, published({ state: 'stopped' }));
    session.publish(PROGRESS_TOPIC, published({ id: 'b', state: 'done' }));
    expect(bars.running).toEqual([]);
    expect(changed).toHaveBeenCalledTimes(5);
    session.publish(PROGRESS_TOPIC, published({ state: 'done' }));
    expect(changed).toHaveBeenCalledTimes(5);
  });

  it('forgets, and lets the session go', () => {
    const session = new FakeSession();
    const bars = new ProgressBars(session);
    session.publish(PROGRESS_TOPIC, published());
    bars.clear();
    expect(bars.running).toEqual([]);
    bars.dispose();
    expect(session.held).toBe(0);
  });

  it('takes nothing that it does not understand', () => {
    for (const value of [null, 1, 'x', {}, { id: 1, done: 1 }, { id: 'a' }]) {
      expect(readProgress(value)).toBeNull();
    }
    expect(readProgress({ id: 'a', done: 1, total: 0 })).toEqual({
      id: 'a',
      title: '',
      done: 1,
      total: null,
      elapsedS: 0,
      isRunning: false
    });
  });
});
