import { Signal } from '@lumino/signaling';
import { describe, expect, it, vi } from 'vitest';

import { FakeClock } from '../testing/fakeClock';
import { FakeSession, settle } from '../testing/fakeSession';
import { API_CHANGED_TOPIC } from './inspection';
import { InspectorModel } from './inspectorModel';
import {
  PROCEDURES_METHOD,
  SESSIONS_METHOD,
  TOPICS_TOPIC
} from './inspectReports';
import { KernelSessions } from './kernelSessions';

class Current {
  constructor(public kernelId: string | null) {}
  document = 'a.ipynb';
  isDisposed = false;
  readonly changed = new Signal<this, void>(this);
  dispose(): void {
    this.isDisposed = true;
  }
}

function procedure(uri: string) {
  const fields = { doc: '', run: 'main', parameters: [] };
  return { uri, signature: `${uri}()`, ...fields };
}

function scene() {
  const clock = new FakeClock();
  const opened: FakeSession[] = [];
  const sessions = new KernelSessions(
    () => {
      const session = new FakeSession();
      session.procedures.set(PROCEDURES_METHOD, () => [procedure('a.b')]);
      session.procedures.set(SESSIONS_METHOD, () => ({
        own: 'c2',
        sessions: [{ id: 'c1' }, { id: 'c2', rtt_s: 0.25 }]
      }));
      opened.push(session);
      return session;
    },
    () => ''
  );
  const current = new Current('k1');
  const follow = vi.fn(() => current);
  const model = new InspectorModel(follow, sessions, clock);
  return { clock, opened, sessions, current, follow, model };
}

describe('InspectorModel', () => {
  it('asks and listens while it is visible, and not otherwise', async () => {
    const { clock, opened, sessions, current, follow, model } = scene();
    expect(follow).not.toHaveBeenCalled();
    expect(sessions.size).toBe(0);
    model.setVisible(true);
    model.setVisible(true);
    await settle();
    expect(opened).toHaveLength(1);
    const { inspection } = model;
    expect(inspection?.procedures?.map(({ uri }) => uri)).toEqual(['a.b']);
    expect(inspection?.sessions.map(({ id }) => id)).toEqual(['c2', 'c1']);
    expect(inspection?.kernelRoundTripS).toBe(0.25);
    const [session] = opened;
    session.publish(TOPICS_TOPIC, [{ topic: 't', values_per_s: 2 }]);
    expect(inspection?.topics).toMatchObject([
      { topic: 't', valuesPerS: 2, lastBytes: null, lastText: '' }
    ]);
    model.setVisible(false);
    expect([session.held, clock.pending, sessions.size]).toEqual([0, 0, 0]);
    expect(session.isClosed).toBe(true);
    expect([current.isDisposed, model.inspection]).toEqual([true, null]);
  });

  it('leaves a session to its other holders as it was', async () => {
    const { sessions, model } = scene();
    const view = sessions.session('k1');
    model.setVisible(true);
    await settle();
    model.setVisible(false);
    const session = view.session as FakeSession;
    expect([session.held, session.isClosed]).toEqual([0, false]);
  });

  it('asks again, for sessions by the clock and for procedures when told', async () => {
    const { clock, opened, model } = scene();
    model.setVisible(true);
    await settle();
    const [session] = opened;
    const asked = (method: string): number =>
      session.calls.filter(({ name }) => name === method).length;
    session.publish(API_CHANGED_TOPIC, { names: [] });
    clock.advance(2.1);
    await settle();
    expect([asked(PROCEDURES_METHOD), asked(SESSIONS_METHOD)]).toEqual([2, 2]);
    // Nothing is asked of a kernel that is away, and everything when it is back.
    session.become({ state: 'waiting' });
    clock.advance(10);
    expect([asked(PROCEDURES_METHOD), asked(SESSIONS_METHOD)]).toEqual([2, 2]);
    session.become({ state: 'open' });
    await settle();
    expect([asked(PROCEDURES_METHOD), asked(SESSIONS_METHOD)]).toEqual([3, 3]);
  });

  it('follows the user to another kernel, and to none', async () => {
    const { opened, current, model } = scene();
    model.setVisible(true);
    await settle();
    current.kernelId = 'k2';
    current.changed.emit();
    await settle();
    expect(opened.map(({ isClosed }) => isClosed)).toEqual([true, false]);
    expect(model.inspection?.kernelId).toBe('k2');
    current.kernelId = null;
    current.changed.emit();
    expect(opened[1].isClosed).toBe(true);
    expect(model.inspection).toBeNull();
  });

  it('says why a kernel does not answer', async () => {
    const { opened, model } = scene();
    model.setVisible(true);
    await settle();
    opened[0].procedures.clear();
    opened[0].publish(API_CHANGED_TOPIC, { names: [] });
    await settle();
    expect(model.inspection?.fault).toBe(
      `Error: no such procedure: ${PROCEDURES_METHOD}`
    );
  });

  it('takes the newer session of others, when its own was closed', async () => {
    const { opened, sessions, model } = scene();
    model.setVisible(true);
    await settle();
    opened[0].close();
    expect(opened).toHaveLength(1); // a kernel that is gone is not asked again
    sessions.session('k1');
    expect(opened).toHaveLength(2);
    await settle();
    expect(model.inspection?.status.state).toBe('open');
    expect(opened[0].held).toBe(0);
  });

  it('holds the session for a call, visible or not', async () => {
    const { opened, sessions, model } = scene();
    model.setVisible(true);
    await settle();
    let answer = (_: unknown): void => undefined;
    const answered = new Promise(resolve => (answer = resolve));
    opened[0].procedures.set('a.b', () => answered);
    const calling = model.call('k1', 'a.b', { args: [], kwargs: {} }, {});
    model.setVisible(false);
    expect(sessions.size).toBe(1);
    answer(5);
    expect(await calling).toBe(5);
    expect(sessions.size).toBe(0);
  });
});
