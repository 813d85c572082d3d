import { describe, expect, it } from 'vitest';

import { FakeSession } from '../testing/fakeSession';
import { KernelSessions } from './kernelSessions';

function table() {
  const opened: FakeSession[] = [];
  const sessions = new KernelSessions(
    () => {
      const session = new FakeSession();
      opened.push(session);
      return session;
    },
    (kernelId, path) => `${kernelId}:${path}`
  );
  return { opened, sessions };
}

describe('KernelSessions', () => {
  it('shares one session for each kernel and closes it with its last holder', () => {
    const { opened, sessions } = table();
    const one = sessions.session('a');
    const two = sessions.session('a');
    const other = sessions.session('b');
    expect(one.session).toBe(two.session);
    expect(other.session).not.toBe(one.session);
    one.dispose();
    one.dispose();
    expect(opened[0].isClosed).toBe(false);
    two.dispose();
    expect(opened[0].isClosed).toBe(true);
    expect(opened[1].isClosed).toBe(false);
    expect(sessions.size).toBe(1);
  });

  it('opens anew after the last holder has gone', () => {
    const { opened, sessions } = table();
    sessions.session('a').dispose();
    expect(sessions.session('a').session).toBe(opened[1]);
  });

  it('gives nobody a session that is closed for good', () => {
    const { opened, sessions } = table();
    const old = sessions.session('a');
    opened[0].become({ state: 'closed' });
    const fresh = sessions.session('a');
    expect(fresh.session).toBe(opened[1]);
    old.dispose();
    expect(opened[1].isClosed).toBe(false);
    expect(sessions.size).toBe(1);
    fresh.dispose();
    expect(sessions.size).toBe(0);
  });

  it('closes all of them when it is disposed', () => {
    const { opened, sessions } = table();
    sessions.session('a');
    sessions.session('b');
    sessions.dispose();
    expect(opened.map(session => session.isClosed)).toEqual([true, true]);
    expect(sessions.size).toBe(0);
  });

  it('is looked at without a share, and says when the answer changes', () => {
    const { opened, sessions } = table();
    const seen: (readonly string[])[] = [];
    sessions.changed.connect(() => seen.push(sessions.kernelIds));
    expect(sessions.current('a')).toBeNull();
    expect(opened.length).toBe(0);
    const handle = sessions.session('a');
    expect(sessions.current('a')?.session).toBe(opened[0]);
    expect(sessions.current('a')?.calls).toBe(handle.calls);
    sessions.session('a').dispose();
    opened[0].become({ state: 'closed' });
    const fresh = sessions.session('a');
    handle.dispose(); // of the one that was replaced
    fresh.dispose();
    expect(seen).toEqual([['a'], ['a'], []]);
  });
});
