import { describe, expect, test, vi } from 'vitest';

import { FakeClock } from '../testing/fakeClock';
import type { FakeWebSocket } from '../testing/fakeWebSocket';
import { fakeWebSockets } from '../testing/fakeWebSocket';
import { HELLO_RESULT } from '../testing/peer';
import type { IConnectOptions } from './connect';
import { connect } from './connect';

function setUp(
  options: IConnectOptions = {},
  url: string | (() => string) = 'ws://h/wslink-jupyter/kernels/k/default/ws'
) {
  const clock = new FakeClock();
  const { WebSocket, sockets } = fakeWebSockets();
  const onError = vi.fn();
  const session = connect(url, {
    WebSocket,
    clock,
    random: () => 1,
    onError,
    ...options
  });
  const open = (): FakeWebSocket => {
    const web = sockets.at(-1)!;
    web.accept();
    web.peer.acceptHello();
    return web;
  };
  return { session, clock, sockets, open, onError };
}

describe('a lost connection', () => {
  test('is made again, and calls go on', async () => {
    const { session, clock, sockets, open } = setUp();
    open();
    const sent = session.call('sent');
    sockets[0].drop(1001);
    await expect(sent).rejects.toMatchObject({ code: 1001 });
    const waits = session.call('waits');
    expect(session.status).toMatchObject({
      state: 'waiting',
      reason: 'the connection was lost'
    });
    clock.advance(0.29);
    expect(sockets).toHaveLength(1);
    clock.advance(0.02);
    expect(session.status.state).toBe('connecting');
    const { peer } = open();
    peer.reply({ type: 'result', id: peer.calls[0].id, value: 1 });
    expect(await waits).toBe(1);
    expect(session.status.state).toBe('open');
  });

  test('is made again at once, if someone wants that', () => {
    const { session, clock, sockets, open } = setUp();
    open();
    session.reconnect();
    for (let tries = 0; tries < 6; tries++) {
      sockets.at(-1)!.drop();
      clock.advance(5);
    }
    expect(sockets).toHaveLength(7);
    sockets.at(-1)!.drop();
    session.reconnect(); // rather than within the five seconds of now
    clock.advance(0.3);
    expect(sockets).toHaveLength(8);
    session.close();
    session.reconnect();
    clock.advance(60);
    expect(sockets).toHaveLength(8);
  });

  test('backs off unless it lasted 5 s', () => {
    const { clock, sockets, open } = setUp();
    const flap = (seconds: number): number => {
      const { length } = sockets;
      open();
      clock.advance(seconds);
      sockets.at(-1)!.drop();
      const startS = clock.now();
      while (sockets.length === length) {
        clock.advance(0.1);
      }
      return Math.round((clock.now() - startS) * 10) / 10;
    };
    expect([flap(1), flap(1), flap(1)]).toEqual([0.3, 0.6, 1.2]);
    expect([flap(5), flap(1)]).toEqual([0.3, 0.6]);
  });

  test('waits as long as the server asked', () => {
    const { clock, sockets, open } = setUp();
    open().receiveText({ type: 'retry', after_s: 7 });
    sockets[0].drop(4029);
    clock.advance(7);
    expect(sockets).toHaveLength(1);
    clock.advance(0.4);
    expect(sockets).toHaveLength(2);
  });

  test.each([1003, 4000, 4001, 4003, 4009, 4011])('with %i is final', code => {
    const { session, clock, sockets, open } = setUp();
    open();
    sockets[0].drop(code, 'the reason');
    clock.advance(3600);
    expect(sockets).toHaveLength(1);
    expect(session.status).toMatchObject({
      state: 'closed',
      reason: expect.stringMatching(/^the reason/)
    });
    expect(clock.pending).toBe(0);
  });

  test('is final where nobody wants it back', () => {
    const { session, sockets, clock, open } = setUp({ reconnect: false });
    open();
    sockets[0].drop();
    expect(session.status.state).toBe('closed');
    expect(clock.pending).toBe(0);
  });

  test('is tried for ever, at most 30 s apart', () => {
    const { session, clock, sockets } = setUp();
    for (let i = 0; i < 200; i++) {
      sockets.at(-1)!.drop();
      for (let s = 0; s < 31 && sockets.length < i + 2; s++) {
        clock.advance(1);
      }
      expect(sockets).toHaveLength(i + 2);
    }
    expect(clock.now()).toBeGreaterThan(1000 + 1800);
    expect(session.status.reason).toBe(
      'the server did not accept the connection'
    );
  });
});

describe('a handshake that fails', () => {
  test.each([
    [4011, 'dead', 'the kernel is gone'],
    [4003, 'unknown', 'not allowed any more: log in to Jupyter again']
  ])('asks whether to go on; %i ends it', async (code, kernel, reason) => {
    const verdict = vi.fn().mockResolvedValueOnce(null);
    verdict.mockResolvedValue(code);
    const { session, clock, sockets } = setUp({ verdict });
    sockets[0].drop();
    clock.advance(1);
    await turn();
    sockets[1].drop();
    clock.advance(2);
    expect(sockets).toHaveLength(3);
    await turn();
    expect(session.status).toEqual({
      state: 'closed',
      kernel,
      epoch: null,
      reason
    });
    await expect(session.call('a')).rejects.toMatchObject({ code });
    // The third was being made.
    expect(sockets[2].closedWith).not.toBeNull();
    expect(clock.pending).toBe(0);
  });

  test.each<[string, () => Promise<number | null>]>([
    ['rejects', () => Promise.reject(new Error('offline'))],
    [
      'throws',
      () => {
        throw new Error('no fetch');
      }
    ],
    ['hangs', () => new Promise(() => undefined)],
    ['says nothing', () => Promise.resolve(undefined as unknown as null)]
  ])('goes on where the verdict %s', async (_, verdict) => {
    const { session, clock, sockets } = setUp({ verdict });
    for (let i = 0; i < 5; i++) {
      sockets.at(-1)!.drop();
      expect(clock.pending).toBe(1);
      await turn();
      clock.advance(6);
      expect(sockets).toHaveLength(i + 2);
    }
    expect(session.status.state).toBe('connecting');
  });

  test('asks once at a time', async () => {
    let answer = (_code: number | null): void => undefined;
    const verdict = vi.fn(
      () => new Promise<number | null>(resolve => (answer = resolve))
    );
    const { clock, sockets } = setUp({ verdict });
    for (let i = 0; i < 3; i++) {
      sockets.at(-1)!.drop();
      clock.advance(5);
    }
    expect(verdict).toHaveBeenCalledTimes(1);
    answer(null);
    await turn();
    sockets.at(-1)!.drop();
    expect(verdict).toHaveBeenCalledTimes(2);
  });

  test('does not heed what a connection has refuted', async () => {
    let answer = (_code: number | null): void => undefined;
    const verdict = (): Promise<number | null> =>
      new Promise(resolve => (answer = resolve));
    for (const again of [false, true]) {
      const { session, clock, sockets, open } = setUp({ verdict });
      sockets[0].drop();
      clock.advance(1);
      open();
      if (again) {
        sockets[1].drop();
      }
      answer(4011);
      await turn();
      expect(session.status.state).toBe(again ? 'waiting' : 'open');
    }
  });

  test('does not ask for one that was open', () => {
    const verdict = vi.fn();
    const { clock, sockets, open } = setUp({ verdict });
    open();
    sockets[0].drop();
    clock.advance(1);
    expect(verdict).not.toHaveBeenCalled();
    expect(sockets).toHaveLength(2);
  });
});

describe('waking up', () => {
  test('probes what is open', () => {
    const { session, clock, sockets, open } = setUp();
    open();
    clock.advance(10);
    window.dispatchEvent(new Event('online'));
    clock.advance(3.5);
    expect(sockets).toHaveLength(2);
    expect(session.status.state).toBe('connecting');
  });

  test('does not wait for the backoff', () => {
    const { clock, sockets } = setUp();
    for (let i = 0; i < 10; i++) {
      sockets.at(-1)!.drop();
      clock.advance(5);
    }
    sockets.at(-1)!.drop();
    const { length } = sockets;
    window.dispatchEvent(new Event('online'));
    clock.advance(0.3);
    expect(sockets).toHaveLength(length + 1);
  });
});

describe('closing', () => {
  test('tells the server and stops everything', async () => {
    const { session, clock, sockets, open } = setUp();
    open();
    const call = session.call('a');
    session.close();
    await expect(call).rejects.toMatchObject({ name: 'ConnectionClosed' });
    expect(sockets[0].closedWith?.code).toBe(1000);
    window.dispatchEvent(new Event('online'));
    clock.advance(3600);
    expect(sockets).toHaveLength(1);
    expect(clock.pending).toBe(0);
  });

  test('also while it waits', () => {
    const { session, clock, sockets } = setUp();
    sockets[0].drop();
    session.close();
    clock.advance(3600);
    expect(sockets).toHaveLength(1);
    expect(session.status.state).toBe('closed');
  });

  test('also while it asks', async () => {
    let answer = (_code: number | null): void => undefined;
    const verdict = (): Promise<number | null> =>
      new Promise(resolve => (answer = resolve));
    const { session, clock, sockets } = setUp({ verdict });
    sockets[0].drop();
    session.close();
    answer(4011);
    await turn();
    expect(session.status.reason).toBe('closed by this page');
    clock.advance(3600);
    expect(sockets).toHaveLength(1);
  });

  test('before it is open closes the socket that is being made', () => {
    const { session, clock, sockets } = setUp();
    session.close();
    expect(sockets[0].closedWith?.code).toBe(1000);
    expect(clock.pending).toBe(0);
  });

  test('schedules no return, not even to cancel it', () => {
    const { session, clock, open } = setUp();
    open();
    const setTimeout = vi.spyOn(clock, 'setTimeout');
    session.close();
    expect(setTimeout).not.toHaveBeenCalled();
  });

  test('by a listener of the status makes no socket', () => {
    const { session, clock, sockets } = setUp();
    sockets[0].drop();
    session.onStatus(({ state }) => state === 'connecting' && session.close());
    clock.advance(5);
    expect(sockets).toHaveLength(1);
    expect(session.status.state).toBe('closed');
    expect(clock.pending).toBe(0);
  });
});

/** Let everything that is already promised happen. */
const turn = (): Promise<void> => new Promise(resolve => setTimeout(resolve));

test('what the relay tells of the kernel is in the status', () => {
  const { session, sockets, clock } = setUp();
  sockets[0].accept();
  sockets[0].receiveText({
    type: 'kernel',
    state: 'absent',
    epoch: null,
    reason: 'run %load_ext wslink_jupyter'
  });
  expect(session.status).toMatchObject({
    state: 'connecting',
    kernel: 'absent',
    reason: 'run %load_ext wslink_jupyter'
  });
  clock.advance(0.125);
  sockets[0].receiveText({ type: 'pong', id: 1 });
  expect(session.roundTripS).toBe(0.125);
});

test('a fault in the frames is final, and said', () => {
  const { session, sockets, open, onError } = setUp();
  open().receive(new ArrayBuffer(3));
  expect(session.status.state).toBe('closed');
  expect(session.status.reason).toContain('expected at least 12 bytes, got 3');
  expect(sockets[0].closedWith?.code).toBe(4000);
  expect(onError).toHaveBeenCalledOnce();
});

test('the URL is asked for before every try', () => {
  let token = 1;
  const { clock, sockets } = setUp({}, () => `ws://h/x?token=${token++}`);
  sockets[0].drop();
  clock.advance(1);
  expect(sockets.map(({ url }) => url)).toEqual([
    'ws://h/x?token=1',
    'ws://h/x?token=2'
  ]);
});

test('a URL that cannot be is a closed session, not a loop', async () => {
  const { session, clock } = setUp({}, () => {
    throw new TypeError('no such kernel');
  });
  expect(session.status).toMatchObject({
    state: 'closed',
    reason: 'cannot connect: TypeError: no such kernel'
  });
  await expect(session.call('a')).rejects.toThrow('no such kernel');
  expect(clock.pending).toBe(0);
});

test('a relative URL is one of the page', () => {
  const { sockets } = setUp({}, '/wslink-jupyter/kernels/k/default/ws');
  expect(sockets[0].url).toBe(
    `ws://${location.host}/wslink-jupyter/kernels/k/default/ws`
  );
  expect(sockets[0].protocols).toEqual(['v1.wslink-jupyter']);
});

test('a message that stopped is noticed by a pong', () => {
  const { session, sockets, clock, open } = setUp();
  const web = open();
  const frames: ArrayBuffer[] = [];
  const receive = vi
    .spyOn(web, 'receive')
    .mockImplementation(data => void frames.push(data as ArrayBuffer));
  web.peer.publish('t', 'x'.repeat(9000));
  receive.mockRestore();
  web.receive(frames[0]);
  for (let id = 1; id < 4; id++) {
    web.receiveText({ type: 'pong', id });
    clock.advance(20);
  }
  expect(sockets[0].closedWith?.code).toBe(4012);
  expect(session.status.state).not.toBe('open');
});

test('without a WebSocket class the remedy is named', () => {
  vi.stubGlobal('WebSocket', undefined);
  expect(() => connect('ws://h/x')).toThrow('options.WebSocket');
  vi.unstubAllGlobals();
});

test('the subprotocol is offered to our server alone, or as told', () => {
  const offered = (options: IConnectOptions, url?: string): unknown =>
    setUp(options, url).sockets[0].protocols;
  expect(offered({})).toEqual(['v1.wslink-jupyter']);
  expect(offered({}, 'ws://h:1234/ws')).toBeUndefined();
  expect(offered({ protocols: true }, 'ws://h/x')).toBeDefined();
  expect(offered({ protocols: false })).toBeUndefined();
});

describe('a server that is none of ours', () => {
  const stock = () => setUp({ reconnect: false }, 'ws://h/ws');

  test('has 20 s to answer the hello', () => {
    const { session, clock, sockets } = stock();
    sockets[0].accept('');
    clock.advance(19.9);
    expect(session.status.state).toBe('connecting');
    clock.advance(0.2);
    expect(session.status).toMatchObject({
      state: 'closed',
      reason:
        'expected an answer to the hello, got none within 20 s: is it a wslink 2 server?'
    });
  });

  test('has all the time in the world once it has', () => {
    const { session, clock, sockets } = stock();
    sockets[0].accept('');
    sockets[0].peer.acceptHello({ clientID: 'c1' });
    clock.advance(3600);
    expect(session.status.state).toBe('open');
  });

  test.each([
    ['', 'the end of the connection'],
    ['no such thing', 'no such thing']
  ])('may end the connection on the hello (%j)', (reason, got) => {
    const { session, sockets } = stock();
    sockets[0].accept('');
    sockets[0].drop(1006, reason);
    expect(session.status.reason).toBe(
      `expected an answer to the hello, got ${got}: is it a wslink 2 server?`
    );
  });

  test('may say text, as wslink 1.x does', () => {
    const { session, sockets } = setUp({}, 'ws://h/ws');
    sockets[0].accept('');
    sockets[0].receiveText({ wslink: '1.0' });
    expect(session.status).toMatchObject({
      state: 'closed',
      reason:
        'expected an answer to the hello, got text in place of binary messages, as of wslink 1.x: is it a wslink 2 server?'
    });
  });
});

test('the secret goes to a stock server', () => {
  const { sockets, session } = setUp({ secret: 'wslink-secret' });
  sockets[0].accept('');
  expect(sockets[0].peer.last).toMatchObject({ secret: 'wslink-secret' });
  sockets[0].peer.acceptHello({ ...HELLO_RESULT, protocol: undefined });
  expect(session.status.state).toBe('open');
});
