import { nullTranslator } from '@jupyterlab/translation';
import { describe, expect, it } from 'vitest';

import { ISessionStatus } from '../session/types';
import {
  badgeText,
  callText,
  Phase,
  phaseOf,
  phaseSentence,
  progressText,
  roundTripSentence
} from './badgeText';

const trans = nullTranslator.load('wslink_jupyter');

function status(change: Partial<ISessionStatus>): ISessionStatus {
  const open = { state: 'open', kernel: 'ready', epoch: 'e', reason: '' };
  return { ...(open as ISessionStatus), ...change };
}

describe('phaseOf', () => {
  it.each<[Partial<ISessionStatus>, boolean, Phase]>([
    [{}, true, 'connected'],
    [{ kernel: 'busy' }, true, 'connected'],
    [{ state: 'connecting', kernel: 'unknown' }, false, 'connecting'],
    [{ state: 'waiting', kernel: 'unknown' }, false, 'connecting'],
    [{ state: 'waiting', kernel: 'unknown' }, true, 'reconnecting'],
    [{ state: 'connecting', kernel: 'ready' }, true, 'reconnecting'],
    [{ state: 'connecting', kernel: 'absent' }, false, 'not-loaded'],
    [{ state: 'waiting', kernel: 'restarted' }, true, 'restarted'],
    [{ state: 'connecting', kernel: 'absent' }, true, 'restarted'],
    [{ state: 'closed', kernel: 'unknown' }, true, 'closed'],
    [{ state: 'closed', kernel: 'dead' }, true, 'gone']
  ])('names %j, open before: %s', (change, wasOpen, phase) => {
    expect(phaseOf(status(change), wasOpen)).toBe(phase);
  });
});

describe('badgeText', () => {
  it('tells the round trip while there is one', () => {
    expect(badgeText('connected', null, trans)).toBe('wslink');
    expect(badgeText('connected', 0.0004, trans)).toBe('wslink <1 ms');
    expect(badgeText('connected', 0.0031, trans)).toBe('wslink 3 ms');
    expect(badgeText('reconnecting', 0.0031, trans)).toBe(
      'wslink: reconnecting'
    );
    expect(badgeText('restarted', null, trans)).toBe(
      'wslink: kernel restarted'
    );
  });
});

describe('sentences', () => {
  it('say the document, the reason and the round trip', () => {
    expect(phaseSentence('reconnecting', 'a.ipynb', 'the net', trans)).toBe(
      'The connection to the kernel of a.ipynb is lost, trying again (the net).'
    );
    expect(phaseSentence('gone', 'a.ipynb', '', trans)).toBe(
      'The kernel of a.ipynb is gone.'
    );
    expect(phaseSentence('not-loaded', 'a.ipynb', '', trans)).toContain(
      'run %load_ext wslink_jupyter.'
    );
    expect(roundTripSentence('connected', 0.012, trans)).toBe(
      'The server answers within 12 ms.'
    );
    expect(roundTripSentence('closed', 0.012, trans)).toBe('');
  });

  it('say how far a loop is, and what a call does', () => {
    const bar = { id: 'a', title: 't', done: 3, elapsedS: 1.54 };
    expect(progressText({ ...bar, total: 10 }, trans)).toBe('3/10 in 1.5 s');
    expect(progressText({ ...bar, total: null }, trans)).toBe('3 in 1.5 s');
    const call = { name: 'a', cancel: () => undefined };
    expect(callText({ ...call, waitsFor: null }, trans)).toBe('running');
    expect(callText({ ...call, waitsFor: '' }, trans)).toBe('waits');
    expect(callText({ ...call, waitsFor: 'a cell' }, trans)).toBe(
      'waits: a cell'
    );
  });
});
