// @vitest-environment node
import { expect, test, vi } from 'vitest';

import { FakeClock } from '../testing/fakeClock';
import { fakeWebSockets } from '../testing/fakeWebSocket';
import { FrameSocket } from './socket';

function setUp(protocols = true) {
  const clock = new FakeClock();
  const { WebSocket, sockets } = fakeWebSockets();
  const listener = {
    opened: vi.fn(),
    frame: vi.fn(),
    control: vi.fn(),
    roundTrip: vi.fn(),
    closed: vi.fn()
  };
  const socket = new FrameSocket(
    'ws://h/x',
    { WebSocket, protocols, clock },
    listener
  );
  return { clock, listener, socket, web: sockets[0] };
}

test('offers the subprotocol, and takes buffers', () => {
  const { web } = setUp();
  expect(web.protocols).toEqual(['v1.wslink-jupyter']);
  expect(web.binaryType).toBe('arraybuffer');
  expect(setUp(false).web.protocols).toBeUndefined();
});

test('hands frames and control messages over in order', () => {
  const { web, listener } = setUp();
  web.accept();
  expect(listener.opened).toHaveBeenCalledOnce();
  web.receive(Uint8Array.from([1]).buffer);
  web.receiveText({ type: 'retry', after_s: 1 });
  web.receiveText({ type: 'unknown' });
  expect(listener.frame).toHaveBeenCalledExactlyOnceWith(Uint8Array.from([1]));
  expect(listener.control).toHaveBeenCalledExactlyOnceWith({
    type: 'retry',
    afterS: 1
  });
});

test('pings where the subprotocol was selected', () => {
  const { web, clock, listener } = setUp();
  web.accept();
  expect(web.texts).toEqual([{ type: 'ping', id: 1 }]);
  clock.advance(0.5);
  web.receiveText({ type: 'pong', id: 1 });
  expect(listener.roundTrip).toHaveBeenCalledExactlyOnceWith(0.5);
  clock.advance(39.9);
  expect(listener.closed).not.toHaveBeenCalled();
  clock.advance(0.2);
  expect(listener.closed).toHaveBeenCalledExactlyOnceWith(
    4012,
    'the connection went silent'
  );
  expect(web.closedWith?.code).toBe(4012);
});

test('a stock server, which selects none, sees no text', () => {
  const { web, clock, listener, socket } = setUp();
  web.accept('');
  socket.probe();
  clock.advance(600);
  expect(web.texts).toEqual([]);
  expect(listener.closed).not.toHaveBeenCalled();
});

test('who says text unasked is of wslink 1.x', () => {
  const { web, listener } = setUp();
  web.accept('');
  web.receiveText({ type: 'retry', after_s: 1 });
  expect(listener.control).not.toHaveBeenCalled();
  const sentence = 'text in place of binary messages, as of wslink 1.x';
  expect(listener.closed).toHaveBeenCalledWith(1003, sentence);
  expect(web.closedWith).toEqual({ code: 1000, reason: sentence });
});

test('a handshake that is not answered ends after 20 s', () => {
  const { web, clock, listener } = setUp();
  clock.advance(20);
  expect(listener.closed).toHaveBeenCalledOnce();
  expect(web.closedWith).not.toBeNull();
  web.accept();
  expect(listener.opened).not.toHaveBeenCalled();
});

test('one that is looked at after sleep ends after 3 s', () => {
  const { clock, listener, socket } = setUp();
  clock.advance(5);
  socket.probe();
  clock.advance(2);
  socket.probe(); // the user comes and goes: not put off again
  clock.advance(0.9);
  expect(listener.closed).not.toHaveBeenCalled();
  clock.advance(0.2);
  expect(listener.closed).toHaveBeenCalledExactlyOnceWith(
    4012,
    'the server did not answer'
  );
  expect(clock.pending).toBe(0);
});

test('a probe close to the end of the handshake does not put it off', () => {
  const { clock, listener, socket } = setUp();
  clock.advance(19);
  socket.probe();
  clock.advance(1);
  expect(listener.closed).toHaveBeenCalledOnce();
});

test('an upload that moves keeps the line, whatever is added to it', () => {
  const { web, clock, listener, socket } = setUp();
  web.accept();
  const frame = new Uint8Array(1000).fill(1);
  for (let i = 0; i < 10; i++) {
    web.peer.send = () => undefined;
    socket.send(frame);
    web.bufferedAmount += 900;
    clock.advance(20);
  }
  expect(listener.closed).not.toHaveBeenCalled();
});

test('the close of the server is told once, and nothing after it', () => {
  const { web, clock, listener, socket } = setUp();
  web.accept();
  web.drop(4010, 'restarted');
  web.drop(1006);
  web.receive(new ArrayBuffer(20));
  socket.close(1000, '');
  socket.send(new Uint8Array(20));
  expect(listener.closed).toHaveBeenCalledExactlyOnceWith(4010, 'restarted');
  expect(listener.frame).not.toHaveBeenCalled();
  expect(web.peer.frames).toEqual([]);
  expect(clock.pending).toBe(0);
});

test('our close is told at once, with what a close frame can carry', () => {
  const { web, listener, socket } = setUp();
  web.accept();
  socket.close(1006, 'ü'.repeat(100));
  expect(listener.closed).toHaveBeenCalledOnce();
  expect(web.closedWith).toEqual({ code: 1000, reason: 'ü'.repeat(61) });
});

test('a socket that is closing takes nothing', () => {
  const { web, socket } = setUp();
  web.accept();
  web.readyState = 2;
  socket.send(new Uint8Array(20));
  expect(web.peer.frames).toEqual([]);
});
