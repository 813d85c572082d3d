// @vitest-environment node
import { expect, test } from 'vitest';

import { ReconnectSchedule, closeSentence, isFinal } from './reconnect';

test('codes that end a session', () => {
  const final = [1003, 4000, 4001, 4003, 4009, 4011];
  const others = [
    1000, 1001, 1005, 1006, 1011, 1012, 4004, 4008, 4010, 4012, 4013, 4029, 4999
  ];
  expect(final.map(isFinal)).toEqual(final.map(() => true));
  expect(others.map(isFinal)).toEqual(others.map(() => false));
});

test('the reason of the server comes first', () => {
  expect(closeSentence(4004, 'run this')).toBe('run this');
  expect(closeSentence(4003, '')).toContain('log in to Jupyter again');
  expect(closeSentence(4003, 'not allowed any more')).toBe(
    'not allowed any more: log in to Jupyter again'
  );
  const expired = 'login expired: log in again';
  expect(closeSentence(4003, expired)).toBe(expired);
  expect(closeSentence(4011, '')).toBe('the kernel is gone');
  expect(closeSentence(1006, '')).toBe('the connection was lost');
});

test('ceilings double from 0.3 s to 5 s, and to 30 s after 10 min', () => {
  const schedule = new ReconnectSchedule(() => 1);
  const delays = [0, 1, 2, 3, 4, 5, 6].map(s => schedule.nextDelayS(s));
  expect(delays).toEqual([0.3, 0.6, 1.2, 2.4, 4.8, 5, 5]);
  expect(schedule.nextDelayS(599)).toBe(5);
  expect(schedule.nextDelayS(600)).toBe(30);
  schedule.reset();
  expect(schedule.nextDelayS(700)).toBe(0.3);
});

test('jitter is full', () => {
  let random = 0;
  const schedule = new ReconnectSchedule(() => random);
  expect(schedule.nextDelayS(0)).toBe(0);
  random = 0.5;
  expect(schedule.nextDelayS(0)).toBe(0.3);
});

test('the wish of the server is kept, with jitter on top', () => {
  const schedule = new ReconnectSchedule(() => 1);
  expect(schedule.nextDelayS(0, 10)).toBe(10.3);
  expect(schedule.nextDelayS(0, -1)).toBe(0.6);
});
