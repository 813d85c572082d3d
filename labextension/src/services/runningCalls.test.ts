import { describe, expect, it, vi } from 'vitest';

import { FakeClock } from '../testing/fakeClock';
import { RunningCalls } from './runningCalls';

function scene() {
  const clock = new FakeClock();
  const calls = new RunningCalls(clock);
  const changed = vi.fn();
  calls.changed.connect(changed);
  const names = () => calls.long.map(call => call.name);
  return { clock, calls, changed, names };
}

describe('RunningCalls', () => {
  it('tells of none that is over soon', () => {
    const { clock, calls, changed } = scene();
    for (let turn = 0; turn < 100; turn++) {
      const call = calls.begin('a', () => undefined);
      clock.advance(0.1);
      calls.end(call);
    }
    clock.advance(1);
    expect(changed).not.toHaveBeenCalled();
    expect(clock.pending).toBe(0);
  });

  it('tells of each that lasts half a second, until it ends', () => {
    const { clock, calls, changed, names } = scene();
    const one = calls.begin('one', () => undefined);
    clock.advance(0.3);
    const two = calls.begin('two', () => undefined);
    expect(clock.pending).toBe(1); // one timer serves all
    clock.advance(0.25);
    expect(names()).toEqual(['one']);
    clock.advance(0.3);
    expect(names()).toEqual(['one', 'two']);
    calls.end(one);
    expect(names()).toEqual(['two']);
    calls.end(two);
    calls.end(two);
    expect(names()).toEqual([]);
    expect(changed).toHaveBeenCalledTimes(4);
  });

  it('knows what a call waits for, and how to cancel it', () => {
    const { clock, calls, changed } = scene();
    const cancel = vi.fn();
    const call = calls.begin('slow', cancel);
    calls.note(call, 'queued', 'a cell runs');
    clock.advance(1);
    expect(calls.long[0].waitsFor).toBe('a cell runs');
    calls.note(call, 'running', '');
    expect(calls.long[0].waitsFor).toBeNull();
    expect(changed).toHaveBeenCalledTimes(2);
    calls.long[0].cancel();
    expect(cancel).toHaveBeenCalledTimes(1);
  });
});
