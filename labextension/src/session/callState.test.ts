// @vitest-environment node
import { expect, test } from 'vitest';

import { readCallState } from './callState';

const QUEUED = {
  id: 'rpc:c1:0',
  state: 'queued',
  reason: 'queued behind a running cell'
};

test('a change is read, whatever else it says', () => {
  expect(readCallState({ ...QUEUED, more: 1 })).toEqual(QUEUED);
  const running = { id: 'rpc:c1:0', state: 'running', reason: '' };
  expect(readCallState(running)).toEqual(running);
});

test.each([
  null,
  'queued',
  [],
  { ...QUEUED, id: 7 },
  { ...QUEUED, state: 'paused' },
  { ...QUEUED, reason: null }
])('%o is none', value => {
  expect(readCallState(value)).toBeNull();
});
