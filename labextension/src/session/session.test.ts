// @vitest-environment node
import { describe, expect, test, vi } from 'vitest';

import { FakeClock } from '../testing/fakeClock';
import { HELLO_RESULT, Peer } from '../testing/peer';
import { pack } from '../wire/codec';
import { NdArray } from '../wire/arrays';
import { Session } from './session';
import type { ISessionStatus } from './types';

function setUp(options: { secret?: string } = {}) {
  const clock = new FakeClock();
  const onError = vi.fn();
  const onEnd = vi.fn();
  let messageId = 0;
  const session = new Session({
    clock,
    randomUint32: () => messageId++,
    onError,
    onEnd,
    ...options
  });
  const statuses: ISessionStatus[] = [];
  session.onStatus(status => statuses.push(status));
  const connect = (): Peer => {
    const peer = new Peer(frame => session.receiveFrame(frame));
    session.attach(peer);
    return peer;
  };
  const open = (): Peer => {
    const peer = connect();
    peer.acceptHello();
    return peer;
  };
  return { session, clock, onError, onEnd, statuses, connect, open };
}

describe('hello', () => {
  test('says who we are', () => {
    const { connect, session } = setUp();
    const peer = connect();
    expect(peer.requests).toEqual([
      {
        type: 'hello',
        id: 'system:c0:0',
        secret: '',
        client: 'wslink-jupyter',
        version: '0.1.0',
        protocol: 1,
        receipts: true
      }
    ]);
    expect(session.status.state).toBe('connecting');
  });

  test('accepted, the session is open', () => {
    const { session, open, statuses } = setUp();
    open();
    expect(session.status).toEqual({
      state: 'open',
      kernel: 'ready',
      epoch: 'e1',
      reason: ''
    });
    expect(statuses).toHaveLength(1);
  });

  test('of a stock server tells nothing of kernels', () => {
    const { session, connect } = setUp({ secret: 'wslink-secret' });
    const peer = connect();
    expect(peer.requests[0]).toMatchObject({ secret: 'wslink-secret' });
    peer.acceptHello({ clientID: 'c1', maxMsgSize: 4194304 });
    expect(session.status).toMatchObject({ state: 'open', kernel: 'unknown' });
  });

  test.each([
    [-32000, 4003, 'expected the secret of this server, got another: no, why'],
    [-32600, 4000, 'no, why']
  ])('refused with %i ends the session', async (code, closeCode, reason) => {
    const { session, connect, onEnd } = setUp();
    const waits = session.call('a');
    const peer = connect();
    const message = 'no, why';
    peer.reply({ type: 'failure', id: 'system:c0:0', code, message });
    expect(session.status).toMatchObject({
      state: 'closed',
      reason: `hello: ${reason}`
    });
    expect(peer.closed?.code).toBe(closeCode);
    expect(onEnd).toHaveBeenCalledOnce();
    await expect(waits).rejects.toMatchObject({ maybeExecuted: false });
  });

  test('with a result that names no client ends the session', () => {
    const { session, connect } = setUp();
    connect().acceptHello({});
    expect(session.status.state).toBe('closed');
    expect(session.status.reason).toContain('$.result.clientID');
  });

  test('sent again changes the client id and the size of frames', async () => {
    const { session, open } = setUp();
    const peer = open();
    peer.acceptHello({ ...HELLO_RESULT, clientID: 'c2', maxMsgSize: 64 });
    void session.call('a', ['x'.repeat(200)]).catch(() => undefined);
    expect(peer.last.id).toBe('rpc:c2:0');
    expect(peer.frames.at(-2)?.byteLength).toBe(64);
    expect(session.status.state).toBe('open');
  });
});

describe('calls', () => {
  test('end with their result, whatever the order of the replies', async () => {
    const { session, open } = setUp();
    const peer = open();
    const one = session.call('a.b', [1], { x: 2 });
    const two = session.api.c.d(3);
    expect(peer.calls).toEqual([
      {
        type: 'call',
        id: 'rpc:c1:0',
        method: 'a.b',
        args: [1],
        kwargs: { x: 2 }
      },
      { type: 'call', id: 'rpc:c1:1', method: 'c.d', args: [3], kwargs: {} }
    ]);
    peer.reply({ type: 'result', id: 'rpc:c1:1', value: 'two' });
    peer.reply({ type: 'result', id: 'rpc:c1:0', value: 'one' });
    expect(await Promise.all([one, two])).toEqual(['one', 'two']);
  });

  test('are the bytes that stock would send', () => {
    const { session, open } = setUp();
    const peer = open();
    void session.call('m', [1], { k: 2 });
    expect(peer.frames.at(-1)?.subarray(12)).toEqual(
      pack({
        wslink: '1.0',
        id: 'rpc:c1:0',
        method: 'm',
        args: [1],
        kwargs: { k: 2 }
      })
    );
  });

  test('end with a typed error', async () => {
    const { session, open } = setUp();
    const peer = open();
    const call = session.call('a');
    peer.reply({
      type: 'failure',
      id: 'rpc:c1:0',
      code: -32001,
      message: 'ValueError: no',
      data: { type: 'ValueError' }
    });
    await expect(call).rejects.toMatchObject({
      name: 'ProcedureRaised',
      code: -32001,
      message: 'ValueError: no',
      data: { type: 'ValueError' }
    });
  });

  test('made early wait in order, with the arguments of then', async () => {
    const { session, connect } = setUp();
    const list = [1];
    const first = session.call('first', [list]);
    list.push(2);
    session.onStatus(({ state }) => {
      if (state === 'open') {
        void session.call('fromListener');
      }
    });
    const peer = connect();
    void session.call('second');
    expect(peer.calls).toEqual([]);
    peer.acceptHello();
    expect(peer.calls.map(({ method, args }) => [method, args])).toEqual([
      ['first', [[1]]],
      ['second', []],
      ['fromListener', []]
    ]);
    peer.reply({ type: 'result', id: 'rpc:c1:0', value: 1 });
    expect(await first).toBe(1);
  });

  test('that cannot be sent reject with a path, and cost nothing', async () => {
    const { session, open } = setUp();
    const peer = open();
    await expect(
      session.call('a', [], { x: [new Set()] })
    ).rejects.toMatchObject({
      name: 'NotSerializable',
      message: "kwargs['x'][0]: Set cannot be encoded; send Array.from(set)"
    });
    expect(peer.calls).toEqual([]);
    void session.call('b');
    expect(peer.last.id).toBe('rpc:c1:0');
  });

  test('carry arrays both ways', async () => {
    const { session, open } = setUp();
    const peer = open();
    const array = new NdArray('<f4', [1, 2], Float32Array.from([1, 2]));
    const call = session.call('a', [array, Int16Array.from([3])]);
    expect(peer.calls[0].args).toEqual([
      array,
      new NdArray('<i2', [1], Int16Array.from([3]))
    ]);
    peer.reply({ type: 'result', id: 'rpc:c1:0', value: array });
    expect(await call).toEqual(array);
  });

  test('end when their reply cannot be read, and the session goes on', async () => {
    const { session, open, onError } = setUp();
    const peer = open();
    const one = session.call('a');
    const two = session.call('b');
    const message = pack({ wslink: '1.0', id: 'rpc:c1:0', result: 7 });
    message[message.byteLength - 1] = 0xc1;
    peer.sendMessage(message);
    await expect(one).rejects.toMatchObject({ name: 'InvalidMessage' });
    peer.sendMessage(pack({ wslink: '1.0', id: 'rpc:c1:1', error: 'text' }));
    await expect(two).rejects.toMatchObject({
      name: 'InvalidEnvelope',
      path: '$.error'
    });
    expect(onError).not.toHaveBeenCalled();
    peer.sendMessage(pack({ wslink: '1.0', id: 'notify:x:1' }));
    expect(onError).toHaveBeenCalledOnce();
    expect(session.status.state).toBe('open');
  });
});

describe('a call that cannot be', () => {
  test.each([undefined, null, '', 7, {}])('named %o rejects', async name => {
    const { session, open } = setUp();
    const peer = open();
    const call = session.call(name as string);
    await expect(call).rejects.toBeInstanceOf(TypeError);
    await expect(call).rejects.toThrow('expected the name of a procedure');
    expect(peer.calls).toEqual([]);
  });

  test.each<[unknown, unknown]>([
    [{ x: 1 }, {}],
    [new Float32Array(2), {}],
    [null, {}],
    ['ab', {}],
    [[], null],
    [[], [1]]
  ])('with arguments %o, %o rejects', async (args, kwargs) => {
    const { session, open } = setUp();
    const peer = open();
    const call = session.call(
      'a',
      args as [],
      kwargs as Record<string, unknown>
    );
    await expect(call).rejects.toBeInstanceOf(TypeError);
    expect(peer.calls).toEqual([]);
  });

  test('named by a proxy of the api rejects, open or not', async () => {
    const { session, open, connect } = setUp();
    const name = session.api.membrane.poke as unknown as string;
    await expect(session.call(name)).rejects.toThrow('got a function');
    const peer = connect();
    await expect(session.call('\ud800')).rejects.toThrow('method: a string');
    peer.acceptHello();
    expect(session.status.state).toBe('open');
    expect(open().calls).toEqual([]);
  });
});

describe('frames', () => {
  const sizes = async (maxMsgSize: unknown, bytes: number) => {
    const { session, connect } = setUp();
    const peer = connect();
    peer.acceptHello({ ...HELLO_RESULT, maxMsgSize });
    const before = peer.frames.length;
    void session.call('a', [new Uint8Array(bytes)]).catch(() => undefined);
    return peer.frames.slice(before).map(frame => frame.byteLength);
  };

  test('are of 256 KiB, however large the server takes them', async () => {
    for (const maxMsgSize of [4194304, undefined, 12, 0]) {
      const got = await sizes(maxMsgSize, 600 * 1024);
      expect(got.slice(0, 2)).toEqual([262144, 262144]);
      expect(got).toHaveLength(3);
    }
  });

  test('are smaller where the server says so', async () => {
    expect((await sizes(65536, 100_000))[0]).toBe(65536);
  });
});

describe('giving up', () => {
  test('abort rejects at once and asks for a cancel', async () => {
    const { session, open, onError } = setUp();
    const peer = open();
    const controller = new AbortController();
    const { signal } = controller;
    const call = session.call('a', [], {}, { signal });
    controller.abort();
    await expect(call).rejects.toBe(signal.reason);
    expect(peer.last).toEqual({
      type: 'system',
      id: 'system:c0:1',
      method: 'wslink_jupyter.cancel',
      args: ['rpc:c1:0'],
      kwargs: {}
    });
    // Both replies come all the same, and mean nothing any more.
    peer.reply({ type: 'result', id: 'system:c0:1', value: true });
    peer.reply({ type: 'failure', id: 'rpc:c1:0', code: -32005, message: '' });
    expect(onError).not.toHaveBeenCalled();
  });

  test('an aborted signal sends nothing', async () => {
    const { session, open } = setUp();
    const peer = open();
    const signal = AbortSignal.abort('early');
    await expect(session.call('a', [], {}, { signal })).rejects.toBe('early');
    expect(peer.calls).toEqual([]);
  });

  test('a deadline does the same', async () => {
    const { session, open, clock } = setUp();
    const peer = open();
    const call = session.call('a', [], {}, { timeout: 500 });
    clock.advance(0.5);
    await expect(call).rejects.toMatchObject({ name: 'DeadlineExceeded' });
    expect(peer.last).toMatchObject({ args: ['rpc:c1:0'] });
  });

  test('a stock server is asked nothing', async () => {
    const { session, connect } = setUp();
    const peer = connect();
    peer.acceptHello({ clientID: 'c1', maxMsgSize: 4194304 });
    const controller = new AbortController();
    const call = session.call('a', [], {}, { signal: controller.signal });
    controller.abort();
    await expect(call).rejects.toBeDefined();
    expect(peer.requests).toHaveLength(2);
  });
});

describe('publications', () => {
  test('reach subscribers as they are, in order, over reconnections', () => {
    const { session, open } = setUp();
    const got: unknown[] = [];
    session.subscribe('t', (value, { sequence }) =>
      got.push([value, sequence])
    );
    const first = open();
    first.publish('t', 'a', 1);
    first.publish('other', 'never');
    session.detach(1006, 'lost');
    open().publish('t', ['b'], 2);
    expect(got).toEqual([
      ['a', 1],
      [['b'], 2]
    ]);
  });

  test('a subscriber that throws is reported', () => {
    const { session, open, onError } = setUp();
    session.subscribe('t', () => {
      throw new Error('mine');
    });
    const got = vi.fn();
    session.subscribe('t', got);
    open().publish('t', 1);
    expect(onError).toHaveBeenCalledOnce();
    expect(got).toHaveBeenCalledOnce();
    expect(session.status.state).toBe('open');
  });

  test('that could not be encoded are reported', () => {
    const { open, onError } = setUp();
    open().reply({
      type: 'failure',
      id: 'publish:t:0',
      code: -32002,
      message: 'cannot'
    });
    expect(onError.mock.calls[0][0].name).toBe('NotSerializable');
  });
});

describe('connections that end', () => {
  test('reject what was sent, and keep what was not', async () => {
    const { session, open, connect } = setUp();
    open();
    const sent = session.call('sent');
    session.detach(4010, 'the kernel restarted');
    const waits = session.call('waits');
    await expect(sent).rejects.toMatchObject({
      name: 'ConnectionClosed',
      code: 4010,
      reason: 'the kernel restarted',
      maybeExecuted: true
    });
    expect(session.status).toMatchObject({
      state: 'waiting',
      kernel: 'restarted',
      reason: 'the kernel restarted'
    });
    const peer = connect();
    peer.acceptHello({ ...HELLO_RESULT, clientID: 'c9' });
    expect(peer.calls).toMatchObject([{ id: 'rpc:c9:0', method: 'waits' }]);
    peer.reply({ type: 'result', id: 'rpc:c9:0', value: 1 });
    expect(await waits).toBe(1);
    expect(session.status).toMatchObject({ state: 'open' });
  });

  test('a restart ends the calls that waited: they meant other objects', async () => {
    const { session, open, connect } = setUp();
    open();
    session.detach(1006, 'lost');
    const waits = session.call('waits');
    const peer = connect();
    peer.acceptHello({ ...HELLO_RESULT, epoch: 'e2' });
    await expect(waits).rejects.toMatchObject({
      name: 'ConnectionClosed',
      code: 4010,
      reason: 'the kernel restarted',
      maybeExecuted: false
    });
    expect(peer.calls).toEqual([]);
    expect(session.status).toMatchObject({ state: 'open', epoch: 'e2' });
    void session.call('next').catch(() => undefined);
    expect(peer.calls).toHaveLength(1);
  });

  test('every call has an error of its own', async () => {
    const { session, open } = setUp();
    open();
    const errorOf = (call: Promise<unknown>): Promise<unknown> =>
      call.catch((error: unknown) => error);
    const calls = [errorOf(session.call('a')), errorOf(session.call('b'))];
    session.detach(1006, 'lost');
    calls.push(errorOf(session.call('c')), errorOf(session.call('d')));
    session.close();
    calls.push(errorOf(session.call('e')), errorOf(session.call('f')));
    expect(new Set(await Promise.all(calls)).size).toBe(6);
  });

  test('1024 calls wait for a connection, and no more', async () => {
    const { session, open } = setUp();
    const calls = Array.from({ length: 1024 }, () => session.call('a'));
    await expect(session.call('b')).rejects.toMatchObject({
      name: 'TooManyCalls',
      message: expect.stringContaining('at most 1024 calls that wait')
    });
    const peer = open();
    expect(peer.calls).toHaveLength(1024);
    calls.forEach(call => void call.catch(() => undefined));
    void session.call('c').catch(() => undefined);
    expect(peer.calls).toHaveLength(1025);
    session.close();
  });

  test('the reason is the longer one, told before in full', () => {
    const { session, open, connect } = setUp();
    open();
    const long = 'the kernel restarted: '.repeat(8);
    session.updateKernel('restarted', null, long);
    session.detach(4010, long.slice(0, 123));
    expect(session.status.reason).toBe(long);
    connect();
    session.updateKernel('absent', null, long);
    session.detach(1006, 'lost');
    expect(session.status.reason).toBe('lost');
    connect();
    // What was told over another connection is of no account.
    session.detach(4004, 'absent');
    expect(session.status.reason).toBe('absent');
    connect();
    session.updateKernel('dead', null, long);
    session.end(4011, long.slice(0, 123));
    expect(session.status.reason).toBe(long);
  });

  test('a listener of the status may close the session at any change', () => {
    for (const state of ['connecting', 'waiting', 'open']) {
      const { session, open, connect } = setUp();
      session.detach(1006, 'not yet');
      session.onStatus(status => status.state === state && session.close());
      if (state === 'waiting') {
        open();
        session.detach(1006, 'lost');
      } else {
        connect().acceptHello();
      }
      expect(session.status.state).toBe('closed');
    }
  });

  test.each([
    [4004, 'absent'],
    [4010, 'restarted'],
    [1006, 'unknown']
  ])('with %i, the kernel is %s', (code, kernel) => {
    const { session, open } = setUp();
    open();
    session.detach(code, 'why');
    expect(session.status.kernel).toBe(kernel);
  });

  test('a half message of the old one is not continued by the new one', () => {
    const { session, connect } = setUp();
    const got = vi.fn();
    session.subscribe('t', got);
    const frames: Uint8Array[] = [];
    const sender = new Peer(frame => frames.push(frame));
    sender.publish('t', 'x'.repeat(9000));
    const peer = connect();
    peer.acceptHello();
    session.receiveFrame(frames[0]);
    session.detach(1006, 'lost');
    session.receiveFrame(frames[1]);
    connect().acceptHello();
    frames.forEach(frame => session.receiveFrame(frame));
    expect(got).toHaveBeenCalledOnce();
  });

  test('for good reject everything, once', async () => {
    const { session, open, onEnd } = setUp();
    open();
    const sent = session.call('sent');
    session.detach(1006, 'lost');
    const waits = session.call('waits');
    session.end(4011, 'the kernel is gone');
    session.end(1000, 'again');
    session.detach(1006, 'again');
    session.updateKernel('ready', null, '');
    session.connecting();
    await expect(sent).rejects.toMatchObject({ code: 1006 });
    const gone = {
      name: 'ConnectionClosed',
      code: 4011,
      maybeExecuted: false
    };
    await expect(waits).rejects.toMatchObject(gone);
    await expect(session.call('late')).rejects.toMatchObject(gone);
    expect(session.status).toEqual({
      state: 'closed',
      kernel: 'dead',
      epoch: 'e1',
      reason: 'the kernel is gone'
    });
    expect(onEnd).toHaveBeenCalledOnce();
  });

  test('by our close: calls that were sent may have run', async () => {
    const { session, open, clock } = setUp();
    const peer = open();
    const call = session.call('a', [], {}, { timeout: 1000 });
    session.close();
    session.close();
    await expect(call).rejects.toMatchObject({
      code: 1000,
      maybeExecuted: true
    });
    expect(peer.closed).toEqual({ code: 1000, reason: 'closed by this page' });
    expect(clock.pending).toBe(0);
    const late = new Peer(() => undefined);
    session.attach(late);
    expect(late.closed?.code).toBe(1000);
  });
});

describe('faults of the server', () => {
  test('a bad frame closes with 4000 and the numbers', () => {
    const { session, open, onError } = setUp();
    const peer = open();
    session.receiveFrame(new Uint8Array(3));
    expect(peer.closed).toEqual({
      code: 4000,
      reason: 'frame: expected at least 12 bytes, got 3'
    });
    expect(onError).toHaveBeenCalledOnce();
  });

  test('a message that stops closes as silence does', () => {
    const { session, open, clock } = setUp();
    const peer = open();
    const frames: Uint8Array[] = [];
    new Peer(frame => frames.push(frame)).publish('t', 'x'.repeat(9000));
    session.receiveFrame(frames[0]);
    // Slow is not stalled: the chunk that is late still counts.
    clock.advance(35);
    session.receiveFrame(frames[1]);
    expect(peer.closed).toBeNull();
    clock.advance(35);
    new Peer(frame => {
      frame[0] = 99;
      session.receiveFrame(frame);
    }).publish('t', 1);
    expect(peer.closed?.code).toBe(4012);
  });
});

test('a message that stopped is noticed by the answer to a ping', () => {
  const { session, open, clock, onError } = setUp();
  const peer = open();
  const frames: Uint8Array[] = [];
  new Peer(frame => frames.push(frame)).publish('t', 'x'.repeat(9000));
  session.receiveFrame(frames[0]);
  clock.advance(20);
  session.receiveRoundTrip(0.25);
  expect(session.roundTripS).toBe(0.25);
  expect(peer.closed).toBeNull();
  clock.advance(20);
  session.receiveRoundTrip(0.25);
  expect(peer.closed?.code).toBe(4012);
  expect(onError.mock.calls[0][0].name).toBe('MessageStalled');
});

describe('the kernel', () => {
  test('what the relay tells is in the status', () => {
    const { session, connect } = setUp();
    const peer = connect();
    session.updateKernel('absent', null, 'run %load_ext wslink_jupyter');
    expect(session.status).toMatchObject({
      state: 'connecting',
      kernel: 'absent',
      reason: 'run %load_ext wslink_jupyter'
    });
    session.updateKernel('busy', 'e1', '');
    peer.acceptHello();
    expect(session.status).toMatchObject({ state: 'open', kernel: 'busy' });
    session.updateKernel('ready', 'e1', 'ignored while open');
    expect(session.status).toMatchObject({ kernel: 'ready', reason: '' });
  });
});
