// @vitest-environment node
// What only our own server is asked: topics, acknowledgements, receipts; and what
// it tells.
import { describe, expect, test, vi } from 'vitest';

import { FakeClock } from '../testing/fakeClock';
import { settle } from '../testing/fakeSession';
import { HELLO_RESULT, Peer } from '../testing/peer';
import { Session } from './session';

const STOCK_HELLO = { clientID: 'c1', maxMsgSize: 4194304 };

function setUp() {
  const onError = vi.fn();
  let messageId = 0;
  const clock = new FakeClock();
  const session = new Session({
    clock,
    randomUint32: () => messageId++,
    onError
  });
  const connect = (): Peer => {
    const peer = new Peer(frame => session.receiveFrame(frame));
    session.attach(peer);
    return peer;
  };
  const open = (hello: unknown = HELLO_RESULT): Peer => {
    const peer = connect();
    peer.acceptHello(hello);
    return peer;
  };
  return { session, clock, onError, connect, open };
}

/** What came after the hello, in order: the methods. */
function methods(peer: Peer): unknown[] {
  return peer.requests
    .slice(1)
    .map(request => (request.type === 'hello' ? 'hello' : request.method));
}

/** A promise, and what settles it. */
function promised() {
  let settled = { resolve: (): void => {}, reject: (_: Error): void => {} };
  const promise = new Promise<void>((resolve, reject) => {
    settled = { resolve, reject };
  });
  return { promise, ...settled };
}

describe('topics', () => {
  test('are asked for before a later call is sent', () => {
    const { session, open } = setUp();
    const peer = open();
    session.subscribe('t.u', () => undefined);
    void session.call('x').catch(() => undefined);
    expect(methods(peer)).toEqual(['wslink_jupyter.subscribe', 'x']);
    expect(peer.requests[1]).toEqual({
      type: 'system',
      id: 'system:c0:1',
      method: 'wslink_jupyter.subscribe',
      args: ['t.u'],
      kwargs: {}
    });
  });

  test('are asked for once, whoever joins, until the last has gone', () => {
    const { session, open } = setUp();
    const peer = open();
    const controller = new AbortController();
    const { signal } = controller;
    const one = session.subscribe('t', () => undefined);
    session.subscribe('t', () => undefined, { signal });
    one.dispose();
    expect(peer.asked).toHaveLength(1);
    controller.abort();
    session.subscribe('t', () => undefined, { signal });
    expect(peer.asked).toEqual([
      ['wslink_jupyter.subscribe', 't'],
      ['wslink_jupyter.unsubscribe', 't']
    ]);
  });

  test('left and joined in one turn are heard in the end', () => {
    const { session, open } = setUp();
    const peer = open();
    session.subscribe('t', () => undefined).dispose();
    session.subscribe('t', () => undefined);
    expect(peer.asked.map(([method]) => method)).toEqual([
      'wslink_jupyter.subscribe',
      'wslink_jupyter.unsubscribe',
      'wslink_jupyter.subscribe'
    ]);
  });

  test('are asked for after the hello, before the calls that wait', () => {
    const { session, connect } = setUp();
    void session.call('first').catch(() => undefined);
    const left = session.subscribe('left', () => undefined);
    session.subscribe('t', () => undefined);
    session.onStatus(({ state }) => {
      if (state === 'open') {
        session.subscribe('fromListener', () => undefined);
      }
    });
    const peer = connect();
    session.subscribe('u', () => undefined);
    left.dispose();
    expect(peer.requests).toHaveLength(1);
    peer.acceptHello();
    expect(methods(peer)).toEqual([
      'wslink_jupyter.subscribe',
      'first',
      'wslink_jupyter.subscribe'
    ]);
    expect(peer.asked).toEqual([
      ['wslink_jupyter.subscribe', 't', 'u'],
      ['wslink_jupyter.subscribe', 'fromListener']
    ]);
  });

  test('are asked for again over each connection, as they are by then', () => {
    const { session, open } = setUp();
    open();
    const left = session.subscribe('left', () => undefined);
    session.subscribe('t', () => undefined);
    session.detach(1006, 'lost');
    left.dispose();
    session.subscribe('u', () => undefined);
    const peer = open();
    expect(peer.asked).toEqual([['wslink_jupyter.subscribe', 't', 'u']]);
    session.detach(4010, 'the kernel restarted');
    const next = open({ ...HELLO_RESULT, epoch: 'e2' });
    expect(next.asked).toEqual([['wslink_jupyter.subscribe', 't', 'u']]);
    session.subscribe('jupyter.views.changed', () => undefined);
    expect(next.asked[1]).toEqual([
      'wslink_jupyter.subscribe',
      'jupyter.views.changed'
    ]);
  });

  test('where there are none, nothing is asked', () => {
    const { session, open } = setUp();
    const peer = open();
    session.close();
    session.subscribe('t', () => undefined).dispose();
    expect(peer.requests).toHaveLength(1);
  });

  test('many are asked for in requests of 64', () => {
    const { session, open } = setUp();
    for (let each = 0; each < 150; each++) {
      session.subscribe(`t${each}`, () => undefined);
    }
    const peer = open();
    expect(peer.asked.map(([, ...topics]) => topics.length)).toEqual([
      64, 64, 22
    ]);
    expect(new Set(peer.asked.flatMap(([, ...topics]) => topics)).size).toBe(
      150
    );
  });

  test('that are refused are reported, and calls go on', async () => {
    const { session, open, onError } = setUp();
    const peer = open();
    session.subscribe('t', () => undefined);
    peer.reply({
      type: 'failure',
      id: 'system:c0:1',
      code: -32602,
      message: 'subscriptions: expected at most 256 topics, got more'
    });
    expect(onError.mock.calls.flat()).toMatchObject([
      { name: 'InvalidParams', message: expect.stringContaining('at most 256') }
    ]);
    const call = session.call('x');
    peer.reply({ type: 'result', id: 'rpc:c1:0', value: 1 });
    expect(await call).toBe(1);
    peer.reply({ type: 'result', id: 'system:c0:2', value: null });
    expect(onError).toHaveBeenCalledOnce();
  });

  test('that our server cannot have are reported, and spoil no others', () => {
    const { session, open, onError } = setUp();
    const bad = ['a-b', '', '\ud800', 'a'.repeat(256)].map(topic =>
      session.subscribe(topic, () => undefined)
    );
    session.subscribe('t', () => undefined);
    expect(onError).not.toHaveBeenCalled();
    const peer = open();
    expect(peer.asked).toEqual([['wslink_jupyter.subscribe', 't']]);
    expect(onError).toHaveBeenCalledTimes(4);
    expect(onError.mock.calls[0][0]).toMatchObject({
      name: 'InvalidParams',
      message: expect.stringContaining("got 'a-b'")
    });
    bad.forEach(subscription => subscription.dispose());
    expect(peer.asked).toHaveLength(1);
    expect(session.status.state).toBe('open');
  });

  test('who is told of such a topic may close the session', () => {
    const { session, open, onError } = setUp();
    onError.mockImplementation(() => session.close());
    session.subscribe('a-b', () => undefined);
    open();
    expect(session.status.state).toBe('closed');
  });
});

describe('receipts', () => {
  const WANTED = { ...HELLO_RESULT, receipts: true };
  const LARGE = new Uint8Array(100_000);

  /** A peer that counts what it sends, frames with their headers. */
  function setUpCounted(hello: unknown) {
    const { session, clock } = setUp();
    const connect = () => {
      const sent = { bytes: 0 };
      const peer = new Peer(frame => {
        sent.bytes += frame.byteLength;
        session.receiveFrame(frame);
      });
      session.attach(peer);
      peer.acceptHello(hello);
      return { peer, sent };
    };
    return { session, clock, connect };
  }

  test('count all frames, that of the hello too, and want no reply', () => {
    const { clock, connect } = setUpCounted(WANTED);
    const { peer, sent } = connect();
    expect(peer.requests).toHaveLength(1);
    peer.publish('t', LARGE);
    const [first] = peer.asked;
    // With the frame that made it due, not with the message.
    expect(first?.[0]).toBe('wslink_jupyter.received');
    expect(first?.[1]).toBeGreaterThanOrEqual(32 * 1024);
    expect(first?.[1]).toBeLessThan(32 * 1024 + 4096);
    clock.advance(0.006);
    expect(peer.last).toEqual({
      type: 'system',
      id: 'system:c0:2',
      method: 'wslink_jupyter.received',
      args: [sent.bytes],
      kwargs: {}
    });
    expect(sent.bytes).toBeGreaterThan(LARGE.byteLength);
    expect(peer.asked).toHaveLength(2);
  });

  test('go out before what the frame completes is dealt with', () => {
    const { session, connect } = setUpCounted(WANTED);
    const { peer } = connect();
    const before: unknown[] = [];
    session.subscribe('t', () => before.push(peer.asked.at(-1)?.[0]));
    peer.publish('t', new Uint8Array(32 * 1024 - 100));
    expect(before).toEqual(['wslink_jupyter.received']);
  });

  test.each([HELLO_RESULT, { ...HELLO_RESULT, receipts: 1 }, STOCK_HELLO])(
    'go to nobody who does not say that it wants them: %o',
    hello => {
      const { clock, connect } = setUpCounted(hello);
      const { peer } = connect();
      peer.publish('t', LARGE);
      expect(clock.pending).toBe(0);
      expect(peer.requests).toHaveLength(1);
    }
  );

  test('begin anew with each connection, and end with it', () => {
    const { session, clock, connect } = setUpCounted(WANTED);
    const first = connect();
    first.peer.publish('t', LARGE);
    expect(clock.pending).toBe(1);
    session.detach(1006, 'lost');
    expect(clock.pending).toBe(0);
    const second = connect();
    clock.advance(1);
    expect(first.peer.asked).toHaveLength(1);
    expect(second.peer.asked).toEqual([]);
    second.peer.publish('t', LARGE);
    clock.advance(1);
    expect(second.peer.asked.at(-1)).toEqual([
      'wslink_jupyter.received',
      second.sent.bytes
    ]);
    second.peer.publish('t', LARGE);
    session.close();
    expect(clock.pending).toBe(0);
  });
});

describe('acknowledgements', () => {
  test('go out when the subscribers have returned, and want no reply', () => {
    const { session, open } = setUp();
    const peer = open();
    const before: unknown[] = [];
    session.subscribe('t', () => before.push(peer.asked.length));
    session.subscribe('t', () => before.push(peer.asked.length));
    peer.publish('t', 'value', 41, true);
    expect(before).toEqual([1, 1]);
    expect(peer.last).toEqual({
      type: 'system',
      id: 'system:c0:2',
      method: 'wslink_jupyter.ack',
      args: ['t', 41],
      kwargs: {}
    });
    peer.publish('t', 'not asked for', 42);
    expect(peer.asked).toHaveLength(2);
  });

  test('of what nobody listens to go out at once, as of a ping', () => {
    const { session, open } = setUp();
    const peer = open();
    peer.publish('jupyter.ping', null, 3, true);
    session.subscribe('t', () => undefined).dispose();
    peer.publish('t', 1, 9, true);
    expect(peer.asked).toEqual([
      ['wslink_jupyter.ack', 'jupyter.ping', 3],
      ['wslink_jupyter.subscribe', 't'],
      ['wslink_jupyter.unsubscribe', 't'],
      ['wslink_jupyter.ack', 't', 9]
    ]);
  });

  test('go out although a subscriber throws or rejects', async () => {
    const { session, open, onError } = setUp();
    const peer = open();
    session.subscribe('now', () => {
      throw new Error('now');
    });
    session.subscribe('later', async () => {
      throw new Error('later');
    });
    peer.publish('now', 1, 1, true);
    expect(peer.asked.at(-1)).toEqual(['wslink_jupyter.ack', 'now', 1]);
    peer.publish('later', 1, 2, true);
    await settle();
    expect(peer.asked.at(-1)).toEqual(['wslink_jupyter.ack', 'later', 2]);
    expect(onError.mock.calls.flat()).toEqual([
      new Error('now'),
      new Error('later')
    ]);
  });

  test('wait for what an async subscriber promised, in order', async () => {
    const { session, open } = setUp();
    const peer = open();
    const drawn = [promised(), promised(), promised()];
    const drawing: number[] = [];
    session.subscribe('t', (value: number) => {
      drawing.push(value);
      return drawn[value].promise;
    });
    const acks = (): unknown[] =>
      peer.asked
        .filter(([method]) => method === 'wslink_jupyter.ack')
        .map(([, ...args]) => args);
    peer.publish('t', 0, 10, true);
    peer.publish('t', 1, 11, true);
    expect(drawing).toEqual([0, 1]);
    drawn[1].resolve();
    peer.publish('other', 0, 1, true);
    await settle();
    expect(acks()).toEqual([['other', 1]]);
    drawn[0].resolve();
    await settle();
    expect(acks()).toEqual([
      ['other', 1],
      ['t', 11]
    ]);
    peer.publish('t', 2, 15, true);
    drawn[2].reject(new Error('mine'));
    await settle();
    expect(acks().at(-1)).toEqual(['t', 15]);
  });

  test('do not wait for a subscriber whose signal is aborted', () => {
    const { session, open } = setUp();
    const peer = open();
    const controller = new AbortController();
    const { signal } = controller;
    session.subscribe('t', () => new Promise(() => undefined), { signal });
    peer.publish('t', 1, 5, true);
    expect(peer.asked).toHaveLength(1);
    controller.abort();
    expect(peer.asked.slice(1)).toEqual([
      ['wslink_jupyter.unsubscribe', 't'],
      ['wslink_jupyter.ack', 't', 5]
    ]);
  });

  test('belong to the connection that the value came on', async () => {
    const { session, open } = setUp();
    const first = open();
    const drawn = promised();
    session.subscribe('t', () => drawn.promise);
    first.publish('t', 1, 5, true);
    session.detach(1006, 'lost');
    const second = open();
    second.publish('t', 2, 6, true);
    const asked = first.asked.length;
    drawn.resolve();
    await settle();
    expect(first.asked).toHaveLength(asked);
    expect(second.asked).toEqual([
      ['wslink_jupyter.subscribe', 't'],
      ['wslink_jupyter.ack', 't', 6]
    ]);
  });

  test('end with the session, also from inside a subscriber', () => {
    const { session, open } = setUp();
    const peer = open();
    session.subscribe('t', () => session.close());
    peer.publish('t', 1, 5, true);
    expect(peer.asked).toHaveLength(1);
    expect(session.status.state).toBe('closed');
  });
});

test('a stock server is asked for no topics, and told nothing', async () => {
  const { session, open, onError } = setUp();
  const got = vi.fn();
  session.subscribe('before', got);
  const peer = open(STOCK_HELLO);
  session.subscribe('a-b', got);
  const late = session.subscribe('t', () => Promise.resolve());
  peer.publish('before', 1, 0, true);
  peer.publish('a-b', 2);
  peer.publish('t', 3, 1, true);
  await settle();
  late.dispose();
  expect(got.mock.calls.map(([value]) => value)).toEqual([1, 2]);
  expect(peer.requests).toHaveLength(1);
  expect(onError).not.toHaveBeenCalled();
});

describe('a call that waits in the kernel', () => {
  const told = (id: string, state = 'queued'): unknown => ({
    id,
    state,
    reason: state === 'queued' ? 'queued behind a running cell' : ''
  });

  test('is told so, it alone, and when it runs', async () => {
    const { session, open, onError } = setUp();
    const peer = open();
    const one = vi.fn();
    const two = vi.fn();
    const call = session.call('a', [], {}, { onState: one });
    void session.call('b', [], {}, { onState: two }).catch(() => undefined);
    void session.call('c').catch(() => undefined);
    for (const id of ['rpc:c1:0', 'rpc:c1:2', 'rpc:c9:9']) {
      peer.publish('jupyter.call', told(id));
    }
    expect(one.mock.calls).toEqual([
      ['queued', 'queued behind a running cell']
    ]);
    peer.publish('jupyter.call', told('rpc:c1:0', 'running'));
    peer.publish('jupyter.call', told('rpc:c1:0', 'odd'));
    peer.publish('jupyter.call', null);
    expect(one.mock.lastCall).toEqual(['running', '']);
    peer.reply({ type: 'result', id: 'rpc:c1:0', value: 1 });
    peer.publish('jupyter.call', told('rpc:c1:0'));
    expect(await call).toBe(1);
    expect(one).toHaveBeenCalledTimes(2);
    expect(two).not.toHaveBeenCalled();
    expect(onError).not.toHaveBeenCalled();
    // Nothing was asked for: the server sends it to the caller by itself.
    expect(peer.asked).toEqual([]);
  });

  test('is told nothing once it was given up', async () => {
    const { session, open } = setUp();
    const peer = open();
    const onState = vi.fn();
    const controller = new AbortController();
    const { signal } = controller;
    const call = session.call('a', [], {}, { onState, signal });
    controller.abort();
    peer.publish('jupyter.call', told('rpc:c1:0'));
    await expect(call).rejects.toBe(signal.reason);
    expect(onState).not.toHaveBeenCalled();
  });

  test('a fault on being told is reported, and the call goes on', async () => {
    const { session, open, onError } = setUp();
    const peer = open();
    const onState = (): void => {
      throw new Error('mine');
    };
    const call = session.call('a', [], {}, { onState });
    peer.publish('jupyter.call', told('rpc:c1:0'));
    peer.reply({ type: 'result', id: 'rpc:c1:0', value: 1 });
    expect(await call).toBe(1);
    expect(onError).toHaveBeenCalledExactlyOnceWith(new Error('mine'));
  });

  test('may be watched by a subscriber, too', () => {
    const { session, open } = setUp();
    const peer = open();
    const got = vi.fn();
    const onState = vi.fn();
    session.subscribe('jupyter.call', got);
    void session.call('a', [], {}, { onState }).catch(() => undefined);
    peer.publish('jupyter.call', told('rpc:c1:0'));
    expect(onState).toHaveBeenCalledOnce();
    expect(got.mock.calls[0][0]).toEqual(told('rpc:c1:0'));
  });
});
