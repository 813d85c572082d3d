// @vitest-environment node
import { expect, test } from 'vitest';

import { HELLO_ID, parseId, publishId, rpcId, systemId } from './ids';

test('ids are made and read', () => {
  expect(systemId(0)).toBe(HELLO_ID);
  expect(parseId(rpcId('c1', 3))).toEqual({
    kind: 'rpc',
    name: 'c1',
    number: 3
  });
  expect(parseId(publishId('a.b', 0))).toEqual({
    kind: 'publish',
    name: 'a.b',
    number: 0
  });
});

test('topics that stock loses are kept', () => {
  expect(parseId('publish:größe/x:y:7')?.name).toBe('größe/x:y');
});

test.each(['', 'rpc', 'rpc:c1', 'rpc::1', 'rpc:c1:x', 'notify:x:1'])(
  '%o is no id',
  id => expect(parseId(id)).toBeNull()
);
