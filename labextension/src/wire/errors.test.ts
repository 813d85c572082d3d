// @vitest-environment node
import { expect, test } from 'vitest';

import { CloseCode, RpcCode } from './codes';
import * as errors from './errors';

test.each<[number, string]>([
  [-32000, 'AuthenticationFailed'],
  [-32601, 'MethodNotFound'],
  [-32602, 'InvalidParams'],
  [-32001, 'ProcedureRaised'],
  [-32002, 'NotSerializable'],
  [-32004, 'TooManyCalls'],
  [-32005, 'CallCancelled'],
  [-32006, 'DeadlineExceeded'],
  [-32600, 'RpcError'],
  [-1, 'RpcError']
])('code %i is %s', (code, name) => {
  const error = errors.RpcError.fromWire(code, 'm', { d: 1 });
  expect(error).toMatchObject({ name, code, message: 'm', data: { d: 1 } });
  expect(error).toBeInstanceOf(errors.RpcError);
  expect(error).toBeInstanceOf(errors.WslinkJupyterError);
});

test.each([
  ['a', { exception: "ValueError('x')" }, "a: ValueError('x')"],
  ['a', 'b.c', 'a: b.c'],
  ['a: b.c', 'b.c', 'a: b.c'],
  ['a', { exception: 5 }, 'a'],
  ['a', undefined, 'a'],
  ['a', null, 'a']
])('what a stock server says beside %j (%j)', (message, data, sentence) => {
  const error = errors.RpcError.fromWire(-32001, message, data);
  expect(error).toMatchObject({ message: sentence, data });
});

test('every class has its own name written out', () => {
  for (const [name, value] of Object.entries(errors)) {
    const shown = name === 'CallAborted' ? 'AbortError' : name;
    expect(new (value as any)('x', 1, 2).name).toBe(shown);
  }
});

test('a closed connection says what it means for the call', () => {
  expect(new errors.ConnectionClosed(4010, 'restarted', true).message).toBe(
    'connection closed (4010): restarted; the call was sent and may have run'
  );
  expect(new errors.ConnectionClosed().message).toBe(
    'connection closed (1006)'
  );
});

test('codes are unique', () => {
  for (const codes of [RpcCode, CloseCode]) {
    const numbers = Object.values(codes);
    expect(new Set(numbers).size).toBe(numbers.length);
  }
});
