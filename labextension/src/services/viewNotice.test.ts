import { nullTranslator } from '@jupyterlab/translation';
import { describe, expect, it } from 'vitest';

import { ISessionStatus } from '../session/types';
import { closeSentence } from '../transport/reconnect';
import { IViewStanding, isKernelLost, noticeFor } from './viewNotice';

const trans = nullTranslator.load('wslink_jupyter');
const open: ISessionStatus = {
  state: 'open',
  kernel: 'ready',
  epoch: 'e',
  reason: ''
};
const fresh: IViewStanding = {
  title: 'Membrane',
  absence: null,
  hasPicture: false
};
const drawn = { ...fresh, hasPicture: true };

function say(change: Partial<ISessionStatus>, view = fresh) {
  return noticeFor({ ...open, ...change }, view, trans);
}

describe('noticeFor', () => {
  it('says nothing while all is well, busy included', () => {
    expect(say({})).toBeNull();
    expect(say({ kernel: 'busy' })).toBeNull();
    expect(say({ kernel: 'unknown' })).toBeNull();
  });

  it('says what to do after a restart', () => {
    for (const kernel of ['restarted', 'absent'] as const) {
      expect(say({ state: 'waiting', kernel }, drawn)?.text).toBe(
        'Kernel restarted: run the cells again to bring this view back'
      );
    }
  });

  it('passes on what the server says to run before the first picture', () => {
    const reason = 'run %load_ext wslink_jupyter';
    expect(say({ kernel: 'absent', reason })?.text).toBe(reason);
    expect(say({ kernel: 'absent' })?.text).toContain('%load_ext');
  });

  it('names the view that the kernel does not show', () => {
    expect(say({}, { ...drawn, absence: 'not-shown' })?.text).toBe(
      '"Membrane" is not shown by this kernel: run the cell with wl.show(...) again'
    );
    expect(say({}, { ...drawn, absence: 'closed' })?.text).toContain(
      '"Membrane" was closed by the notebook'
    );
  });

  it('says what to do with the output of an earlier kernel start', () => {
    expect(say({}, { ...fresh, absence: 'outdated' })?.text).toBe(
      '"Membrane" was shown before the kernel restarted: run the cell again'
    );
  });

  it('gives the reason of an end, and a way back where there is one', () => {
    const closed = say({ state: 'closed', reason: 'log in again' });
    expect(closed).toEqual({
      text: 'Connection closed: log in again',
      canReconnect: true
    });
    const dead = say({ state: 'closed', kernel: 'dead', reason: 'out of RAM' });
    expect(dead).toEqual({
      text: 'The kernel is gone: out of RAM',
      canReconnect: true
    });
    // Told before the server closes: there is nothing to connect anew yet.
    expect(say({ kernel: 'dead' })?.canReconnect).toBe(false);
    expect(
      say({ state: 'closed', reason: closeSentence(4003, '') })
    ).toMatchObject({
      text: expect.stringContaining('log in to Jupyter again'),
      canReconnect: true
    });
  });

  it('tells connecting from connecting again', () => {
    expect(say({ state: 'connecting' })?.text).toContain('Connecting');
    expect(say({ state: 'waiting' })?.text).toBe(
      'Connection lost, trying again'
    );
  });
});

describe('isKernelLost', () => {
  it('is not said of a lost connection', () => {
    expect(isKernelLost({ ...open, state: 'waiting' })).toBe(false);
    expect(isKernelLost({ ...open, kernel: 'restarted' })).toBe(true);
    expect(isKernelLost({ ...open, state: 'closed' })).toBe(true);
  });
});
