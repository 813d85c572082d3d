// @vitest-environment node
import { expect, test } from 'vitest';

import { HELLO_ID, isName, parseId, publishId, rpcId, systemId } from './ids';

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

test('our server takes dotted ASCII words as topics', () => {
  for (const text of ['a', 'A_1', 'membrane.u', '0.1', 'a'.repeat(255)]) {
    expect(isName(text)).toBe(true);
  }
  const others = ['', '.a', 'a.', 'a..b', 'a-b', 'a b', 'a\n', 'é', '\ud800'];
  for (const text of [...others, 'a'.repeat(256)]) {
    expect(isName(text)).toBe(false);
  }
});
