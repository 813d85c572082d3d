import { describe, expect, it } from 'vitest';

import { ISessionStatus } from '../session/types';
import { FakeClock } from '../testing/fakeClock';
import { LossPolicy } from './lossPolicy';

const OPEN: ISessionStatus = {
  state: 'open',
  kernel: 'ready',
  epoch: 'e',
  reason: ''
};
const WAITING: ISessionStatus = {
  ...OPEN,
  state: 'waiting',
  kernel: 'unknown'
};
const CONNECTING: ISessionStatus = { ...WAITING, state: 'connecting' };

function scene() {
  const clock = new FakeClock();
  const told: string[] = [];
  const policy = new LossPolicy(clock, {
    lost: kernelId => told.push(`${kernelId} lost`),
    ended: (kernelId, how) => told.push(`${kernelId} ${how}`)
  });
  return { clock, told, policy };
}

describe('LossPolicy', () => {
  it('tells of a loss once, and of its end', () => {
    const { clock, told, policy } = scene();
    policy.note('k', OPEN);
    policy.note('k', WAITING);
    clock.advance(1.9);
    expect(told).toEqual([]);
    policy.note('k', CONNECTING);
    policy.note('k', WAITING);
    clock.advance(0.2);
    expect(told).toEqual(['k lost']);
    policy.note('k', CONNECTING);
    policy.note('k', WAITING);
    clock.advance(60);
    policy.note('k', { ...CONNECTING, kernel: 'ready' });
    expect(told).toEqual(['k lost']);
    policy.note('k', OPEN);
    policy.note('k', { ...OPEN, kernel: 'busy' });
    expect(told).toEqual(['k lost', 'k recovered']);
    policy.note('k', WAITING);
    clock.advance(2);
    expect(told.length).toBe(3);
  });

  it('keeps silent about what is short or was never open', () => {
    const { clock, told, policy } = scene();
    policy.note('k', CONNECTING);
    policy.note('k', WAITING);
    clock.advance(10);
    policy.note('k', OPEN);
    policy.note('k', WAITING);
    clock.advance(1);
    policy.note('k', OPEN);
    clock.advance(10);
    expect(told).toEqual([]);
    expect(clock.pending).toBe(0);
  });

  it('keeps silent about a kernel that restarts, ends or is let go', () => {
    for (const end of [
      { ...WAITING, kernel: 'restarted' },
      { ...CONNECTING, kernel: 'absent' },
      { ...WAITING, state: 'closed', kernel: 'dead' },
      { ...WAITING, state: 'closed' },
      null
    ] as const) {
      const { clock, told, policy } = scene();
      policy.note('k', OPEN);
      policy.note('k', WAITING);
      clock.advance(1);
      if (end === null) {
        policy.forget('k');
      } else {
        policy.note('k', end);
      }
      clock.advance(10);
      expect(told).toEqual([]);
    }
  });

  it('takes back what it told when there is nothing to come back to', () => {
    const { clock, told, policy } = scene();
    for (const kernelId of ['a', 'b', 'c']) {
      policy.note(kernelId, OPEN);
      policy.note(kernelId, WAITING);
    }
    clock.advance(3);
    policy.note('a', { ...CONNECTING, kernel: 'absent' });
    policy.note('b', { ...WAITING, state: 'closed', kernel: 'dead' });
    policy.forget('c');
    policy.forget('c');
    expect(told.slice(3)).toEqual(['a restarted', 'b over', 'c over']);
  });
});
