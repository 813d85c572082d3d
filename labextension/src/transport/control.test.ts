// @vitest-environment node
import { expect, test } from 'vitest';

import { parseControl, pingText } from './control';

test('a ping is what the contract says', () => {
  expect(pingText(3)).toBe('{"type":"ping","id":3}');
});

test.each([
  ['{"type":"pong","id":3}', { type: 'pong', id: 3 }],
  [
    '{"type":"kernel","state":"busy","epoch":"e","reason":""}',
    { type: 'kernel', state: 'busy', epoch: 'e', reason: '' }
  ],
  [
    '{"type":"kernel","state":"absent","epoch":null}',
    { type: 'kernel', state: 'absent', epoch: null, reason: '' }
  ],
  ['{"type":"retry","after_s":1e9}', { type: 'retry', afterS: 600 }],
  ['{"type":"retry","after_s":2.5}', { type: 'retry', afterS: 2.5 }]
])('%s is understood', (text, message) => {
  expect(parseControl(text)).toEqual(message);
});

test.each([
  '',
  'null',
  '[]',
  '7',
  '{',
  '{"type":"later"}',
  '{"type":"pong"}',
  '{"type":"kernel","state":"new"}',
  '{"type":"retry","after_s":-1}'
])('%o is ignored', text => {
  expect(parseControl(text)).toBeNull();
});
