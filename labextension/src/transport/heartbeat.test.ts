// @vitest-environment node
import { expect, test, vi } from 'vitest';

import { FakeClock } from '../testing/fakeClock';
import { Heartbeat } from './heartbeat';

function setUp() {
  const clock = new FakeClock();
  const pings: number[] = [];
  const onLost = vi.fn();
  const onRoundTrip = vi.fn();
  const line = { sent: 0, buffered: 0 };
  const heartbeat = new Heartbeat({
    clock,
    ping: id => pings.push(id),
    sentBytes: () => line.sent,
    bufferedBytes: () => line.buffered,
    onRoundTrip,
    onLost
  });
  heartbeat.start();
  const answer = (): void => {
    heartbeat.heard();
    heartbeat.pong(pings.at(-1)!);
  };
  return { clock, pings, onLost, onRoundTrip, heartbeat, line, answer };
}

test('pings every 20 s and measures', () => {
  const { clock, pings, onLost, onRoundTrip, answer } = setUp();
  for (let i = 0; i < 10; i++) {
    clock.advance(0.25);
    answer();
    clock.advance(19.75);
  }
  expect(pings).toHaveLength(11);
  expect(onRoundTrip).toHaveBeenCalledTimes(10);
  expect(onRoundTrip).toHaveBeenLastCalledWith(0.25);
  expect(onLost).not.toHaveBeenCalled();
});

test('40 s of silence is a loss, told once', () => {
  const { clock, onLost, heartbeat } = setUp();
  clock.advance(19);
  heartbeat.heard();
  clock.advance(39.9);
  expect(onLost).not.toHaveBeenCalled();
  clock.advance(0.2);
  expect(onLost).toHaveBeenCalledOnce();
  expect(clock.pending).toBe(0);
  heartbeat.probe();
  expect(clock.pending).toBe(0);
});

test('any data is life, without any pong', () => {
  const { clock, onLost, heartbeat } = setUp();
  for (let i = 0; i < 20; i++) {
    clock.advance(35);
    heartbeat.heard();
  }
  expect(onLost).not.toHaveBeenCalled();
});

test('an upload that moves is life, one that stands is not', () => {
  const { clock, onLost, line } = setUp();
  line.buffered = line.sent = 1000;
  for (let i = 0; i < 20; i++) {
    clock.advance(20);
    line.buffered--;
  }
  expect(onLost).not.toHaveBeenCalled();
  clock.advance(80);
  expect(onLost).toHaveBeenCalledOnce();
});

test('an upload that moves is life though more is added than leaves', () => {
  const { clock, onLost, line } = setUp();
  line.buffered = line.sent = 1000;
  for (let i = 0; i < 20; i++) {
    clock.advance(20);
    line.sent += 1000;
    line.buffered += 999;
  }
  expect(onLost).not.toHaveBeenCalled();
  for (let i = 0; i < 4; i++) {
    clock.advance(20);
    line.sent += 1000;
    line.buffered += 1000;
  }
  expect(onLost).toHaveBeenCalledOnce();
});

test('small messages that leave at once are no life', () => {
  const { clock, onLost, line } = setUp();
  for (let i = 0; i < 41; i++) {
    clock.advance(1);
    line.sent += 100;
  }
  expect(onLost).toHaveBeenCalledOnce();
});

test('a probe is answered within 3 s or the line is lost', () => {
  const { clock, pings, onLost, heartbeat, answer } = setUp();
  heartbeat.probe();
  heartbeat.probe();
  expect(pings).toHaveLength(2);
  clock.advance(2.9);
  answer();
  clock.advance(10);
  expect(onLost).not.toHaveBeenCalled();
  heartbeat.probe();
  clock.advance(3);
  expect(onLost).toHaveBeenCalledOnce();
});

test('after sleep the line is probed, not given up', () => {
  const { clock, onLost, answer } = setUp();
  clock.sleep(3600);
  expect(onLost).not.toHaveBeenCalled();
  clock.advance(1);
  answer();
  clock.advance(30);
  expect(onLost).not.toHaveBeenCalled();
  clock.sleep(3600);
  clock.advance(3);
  expect(onLost).toHaveBeenCalledOnce();
});

test('sleep shows by the wall clock where the other one stood', () => {
  const { clock, pings, onLost, answer } = setUp();
  answer();
  clock.advance(19);
  clock.suspend(3600);
  clock.advance(1);
  expect(pings).toHaveLength(2);
  clock.advance(3);
  expect(onLost).toHaveBeenCalledOnce();
});

test('a wall clock that is set back is no sleep', () => {
  const { clock, onLost, answer } = setUp();
  answer();
  clock.suspend(-3600);
  clock.advance(25);
  expect(onLost).not.toHaveBeenCalled();
});

test('stopped, it does nothing more', () => {
  const { clock, pings, heartbeat } = setUp();
  heartbeat.probe();
  heartbeat.stop();
  clock.advance(1000);
  expect(pings).toHaveLength(2);
  expect(clock.pending).toBe(0);
});

test('a pong of another ping measures nothing', () => {
  const { heartbeat, onRoundTrip } = setUp();
  heartbeat.pong(99);
  heartbeat.pong(1);
  heartbeat.pong(1);
  expect(onRoundTrip).toHaveBeenCalledOnce();
});
