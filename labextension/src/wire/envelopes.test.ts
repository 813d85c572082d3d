// @vitest-environment node
import { expect, test } from 'vitest';

import type { Reply, Request } from './envelopes';
import {
  dumpReply,
  dumpRequest,
  parseHelloResult,
  parseReply,
  parseRequest
} from './envelopes';
import { InvalidEnvelope } from './errors';

const CALL = {
  wslink: '1.0',
  id: 'rpc:c1:0',
  method: 'a.b',
  args: [],
  kwargs: {}
};

test.each<Request>([
  {
    type: 'hello',
    id: 'system:c0:0',
    secret: 's',
    client: 'wslink-jupyter',
    version: '0.1.0',
    protocol: 1,
    receipts: true
  },
  {
    type: 'hello',
    id: 'system:c0:0',
    secret: 's',
    client: null,
    version: null,
    protocol: 0,
    receipts: false
  },
  { type: 'call', id: 'rpc:c1:0', method: 'a.b', args: [1], kwargs: { x: 2 } },
  {
    type: 'system',
    id: 'system:c0:1',
    method: 'wslink_jupyter.cancel',
    args: ['rpc:c1:0'],
    kwargs: {}
  }
])('request $type comes back', request => {
  expect(parseRequest(dumpRequest(request))).toEqual(request);
});

test.each<Reply>([
  { type: 'result', id: 'rpc:c1:0', value: null },
  { type: 'failure', id: 'rpc:c1:0', code: -1, message: 'm' },
  { type: 'failure', id: 'publish:t:0', code: -1, message: 'm', data: [1] },
  {
    type: 'publication',
    topic: 't',
    number: 3,
    value: { a: 1 },
    ack: false,
    retain: false
  },
  {
    type: 'publication',
    topic: 't',
    number: 4,
    value: null,
    ack: true,
    retain: true
  }
])('reply $type comes back', reply => {
  expect(parseReply(dumpReply(reply))).toEqual(reply);
});

test('keys are in the order of stock, and success has no error', () => {
  const hello = dumpRequest({
    type: 'hello',
    id: 'system:c0:0',
    secret: '',
    client: 'wslink-jupyter',
    version: '0.1.0',
    protocol: 1,
    receipts: true
  });
  expect(JSON.stringify(hello)).toBe(
    '{"wslink":"1.0","id":"system:c0:0","method":"wslink.hello",' +
      '"args":[{"secret":"","client":"wslink-jupyter","version":"0.1.0",' +
      '"protocol":1,"receipts":true}],"kwargs":{}}'
  );
  const result = dumpReply({ type: 'result', id: 'rpc:c1:0', value: 1 });
  expect(Object.keys(result)).toEqual(['wslink', 'id', 'result']);
  const publication = { type: 'publication', topic: 't', number: 1 } as const;
  const stock = dumpReply({
    ...publication,
    value: 1,
    ack: false,
    retain: false
  });
  expect(Object.keys(stock)).toEqual(['wslink', 'id', 'result']);
  const ours = dumpReply({ ...publication, value: 1, ack: true, retain: true });
  expect(Object.keys(ours)).toEqual([
    'wslink',
    'id',
    'ack',
    'retain',
    'result'
  ]);
});

test.each([1, 'true', null, {}, false])('ack %o asks for nothing', ack => {
  const reply = parseReply({ wslink: '1.0', id: 'publish:t:1', ack });
  expect(reply).toMatchObject({
    type: 'publication',
    ack: false,
    retain: false
  });
});

test.each<[unknown, string, string]>([
  [null, '$', 'expected a map, got null - at $'],
  [[], '$', 'expected a map, got a list - at $'],
  [{ ...CALL, id: 7 }, '$.id', 'expected a string, got Number - at $.id'],
  [{ ...CALL, id: 'x' }, '$.id', "expected an rpc or system id, got 'x'"],
  [{ ...CALL, method: undefined }, '$.method', 'got nothing - at $.method'],
  [{ ...CALL, args: {} }, '$.args', 'expected a list, got a map'],
  [{ ...CALL, kwargs: [] }, '$.kwargs', 'expected a map, got a list'],
  [
    { ...CALL, id: 'system:c0:0', method: 'wslink.hello' },
    '$.args[0]',
    'expected a map, got nothing'
  ],
  [
    {
      ...CALL,
      id: 'system:c0:0',
      method: 'wslink.hello',
      args: [{ secret: 1 }]
    },
    '$.args[0].secret',
    'expected a string'
  ]
])('request %o is refused', (value, path, text) => {
  expect(() => parseRequest(value)).toThrow(InvalidEnvelope);
  expect(() => parseRequest(value)).toThrow(text);
  expect(() => parseRequest(value)).toThrow(expect.objectContaining({ path }));
});

test('absent or null arguments are empty', () => {
  const request = parseRequest({ id: 'rpc:c1:0', method: 'm', args: null });
  expect(request).toMatchObject({ args: [], kwargs: {} });
});

test.each<[Record<string, unknown>, string]>([
  [{ id: 'notify:x', result: 1 }, '$.id'],
  [{ result: 1 }, '$.id'],
  [{ id: 'rpc:c1:0', error: 'boom' }, '$.error'],
  [{ id: 'rpc:c1:0', error: { message: 'm' } }, '$.error.code'],
  [{ id: 'rpc:c1:0', error: { code: 'x' } }, '$.error.code']
])('reply %o is refused', (fields, path) => {
  expect(() => parseReply({ wslink: '1.0', ...fields })).toThrow(
    expect.objectContaining({ name: 'InvalidEnvelope', path })
  );
});

test.each([null, 0, ''])('error %o beside a result is a success', error => {
  expect(
    parseReply({ wslink: '1.0', id: 'rpc:c1:0', result: 5, error })
  ).toEqual({ type: 'result', id: 'rpc:c1:0', value: 5 });
});

test('a hello result of stock and of ours', () => {
  expect(parseHelloResult({ clientID: 'c1', maxMsgSize: 100 })).toEqual({
    clientId: 'c1',
    maxFrameBytes: 100,
    protocol: 0,
    version: null,
    epoch: null,
    receipts: false
  });
  expect(
    parseHelloResult({
      clientID: 'c1',
      maxMsgSize: 12,
      protocol: 1,
      version: '0.1.0',
      epoch: 'e',
      receipts: true
    })
  ).toEqual({
    clientId: 'c1',
    maxFrameBytes: null,
    protocol: 1,
    version: '0.1.0',
    epoch: 'e',
    receipts: true
  });
  expect(() => parseHelloResult(null)).toThrow('$.result');
  expect(() => parseHelloResult({})).toThrow('$.result.clientID');
  expect(() => parseHelloResult({ clientID: '' })).toThrow('$.result.clientID');
});
