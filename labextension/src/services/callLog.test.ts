import { describe, expect, it, vi } from 'vitest';

import { IObservedCall } from '../session/types';
import { FakeClock } from '../testing/fakeClock';
import { FakeSession, settle } from '../testing/fakeSession';
import { ProcedureRaised } from '../wire/errors';
import { CallLog, faultText, jsonLines, TIMINGS_TOPIC } from './callLog';

/** A call that the test ends. */
class TestCall implements IObservedCall {
  constructor(
    session: FakeSession,
    readonly method: string,
    readonly id: string | null
  ) {
    this.promise = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
    session.observers.forEach(observe => observe(this));
  }

  readonly promise: Promise<unknown>;
  resolve!: (value: unknown) => void;
  reject!: (error: unknown) => void;
}

function scene() {
  const clock = new FakeClock();
  const log = new CallLog(clock);
  const session = new FakeSession();
  return { clock, log, session, following: log.follow('k1', session) };
}

describe('CallLog', () => {
  it('tells how long a call took, and with what', async () => {
    const { clock, log, session } = scene();
    const call = new TestCall(session, 'math.add', 'rpc:c:1');
    clock.advance(0.75);
    session.publish(TIMINGS_TOPIC, {
      id: 'rpc:c:1',
      received_s: 50,
      started_s: 50.25,
      ended_s: 50.5
    });
    call.resolve(3);
    await settle();
    expect(log.of('k1')).toEqual([
      {
        kernelId: 'k1',
        method: 'math.add',
        timeS: clock.wallS() - 0.75,
        durationS: 0.75,
        error: null,
        split: { thereS: 0.125, queueS: 0.25, handlerS: 0.25, backS: 0.125 }
      }
    ]);
  });

  it('has calls that failed, and such as the kernel says nothing of', async () => {
    const { clock, log, session } = scene();
    const call = new TestCall(session, 'math.fail', null);
    clock.advance(1);
    call.reject(new ProcedureRaised('ValueError: no', null));
    await settle();
    const [entry] = log.of('k1');
    expect(entry).toMatchObject({
      durationS: 1,
      error: 'ProcedureRaised -32001: ValueError: no',
      split: null
    });
  });

  it('keeps the newest 500, of each kernel apart, and forgets them', async () => {
    const { clock, log, session } = scene();
    const other = new FakeSession();
    log.follow('k2', other);
    new TestCall(other, 'first', null).resolve(null);
    await settle();
    for (let number = 0; number < 500; number++) {
      new TestCall(session, `m${number}`, null).resolve(null);
    }
    await settle();
    expect(log.of('k2')).toEqual([]);
    expect(log.of('k1')).toHaveLength(500);
    expect(log.of('k1')[0].method).toBe('m499');
    const changed = vi.fn();
    log.changed.connect(changed);
    clock.advance(1);
    expect(changed).toHaveBeenCalledTimes(1); // once for all
    log.clear('k1');
    expect(log.of('k1')).toEqual([]);
    expect(changed).toHaveBeenCalledTimes(2);
  });

  it('passes over the calls of inspectors', async () => {
    const { log, session } = scene();
    new TestCall(session, 'jupyter.inspect.sessions', null).resolve(null);
    new TestCall(session, 'jupyter.views.get', null).resolve(null);
    await settle();
    expect(log.of('k1').map(({ method }) => method)).toEqual([
      'jupyter.views.get'
    ]);
  });

  it('costs nothing once it is disposed', async () => {
    const { clock, log, session, following } = scene();
    const call = new TestCall(session, 'late', 'rpc:c:1');
    following.dispose();
    call.resolve(1);
    await settle();
    expect(session.held).toBe(0);
    expect(log.of('k1')).toEqual([]);
    expect(clock.pending).toBe(0);
  });
});

describe('jsonLines', () => {
  it('is one object a line, the oldest first', () => {
    const entry = {
      kernelId: 'k1',
      method: 'a.b',
      timeS: 1_700_000_000.5,
      durationS: 0.0010000004,
      error: null,
      split: { thereS: 0.0001, queueS: 0, handlerS: 0.0008, backS: 0.0001 }
    };
    const failed = { ...entry, error: 'Error: "x"\ny', split: null };
    const lines = jsonLines([failed, entry]).split('\n');
    expect(lines).toHaveLength(3);
    expect(JSON.parse(lines[0])).toEqual({
      time: '2023-11-14T22:13:20.500Z',
      kernel_id: 'k1',
      uri: 'a.b',
      duration_s: 0.001,
      error: null,
      there_s: 0.0001,
      queue_s: 0,
      handler_s: 0.0008,
      back_s: 0.0001
    });
    expect(JSON.parse(lines[1])).toMatchObject({
      error: 'Error: "x"\ny',
      there_s: null
    });
  });
});

describe('faultText', () => {
  it('says what there is to say', () => {
    expect(faultText(new ProcedureRaised('', null))).toBe(
      'ProcedureRaised -32001'
    );
    expect(faultText(new TypeError('bad'))).toBe('TypeError: bad');
    expect(faultText('gone')).toBe('gone');
  });
});
