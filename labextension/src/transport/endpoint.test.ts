import { expect, test, vi } from 'vitest';

import { endpointUrl, fileUrl, isEndpointUrl, socketUrl } from './endpoint';

const ID = '0b1c';

test.each([
  ['ws://host:8888/', 'ws://host:8888/wslink-jupyter/kernels/0b1c/default/ws'],
  ['wss://host', 'wss://host/wslink-jupyter/kernels/0b1c/default/ws'],
  [
    'https://hub/user/a%40b/',
    'wss://hub/user/a%40b/wslink-jupyter/kernels/0b1c/default/ws'
  ],
  [
    'http://host/base?x=1#y',
    'ws://host/base/wslink-jupyter/kernels/0b1c/default/ws'
  ]
])('%s', (baseUrl, url) => {
  expect(endpointUrl(baseUrl, ID)).toBe(url);
});

test('names and tokens are encoded', () => {
  expect(endpointUrl('ws://h/', 'a/../b?c', 'my app', 't&k=n+ ü')).toBe(
    'ws://h/wslink-jupyter/kernels/a%2F..%2Fb%3Fc/my%20app/ws?token=t%26k%3Dn%2B%20%C3%BC'
  );
});

test.each(['', '.', '..'])('%o is no name', name => {
  expect(() => endpointUrl('ws://h/', name)).toThrow('kernel id');
  expect(() => endpointUrl('ws://h/', ID, name || '.')).toThrow('endpoint');
});

test('our URLs are known from those of stock servers', () => {
  expect(isEndpointUrl(endpointUrl('ws://h/b/', ID, 'app', 't'))).toBe(true);
  expect(isEndpointUrl('ws://h:1234/ws')).toBe(false);
  expect(isEndpointUrl('ws://h/ws?x=/wslink-jupyter/kernels/a/ws')).toBe(false);
});

test('other schemes are refused', () => {
  expect(() => endpointUrl('file:///x', ID)).toThrow('got file:');
});

test('a URL of a page becomes one of a socket', () => {
  const base = vi.spyOn(document, 'baseURI', 'get');
  base.mockReturnValue('https://hub/user/a/lab/');
  expect(socketUrl('wss://h/x?token=a%20b')).toBe('wss://h/x?token=a%20b');
  expect(socketUrl('http://h/x')).toBe('ws://h/x');
  expect(socketUrl('/user/a/x')).toBe('wss://hub/user/a/x');
  expect(socketUrl('../x')).toBe('wss://hub/user/a/x');
  expect(() => socketUrl('file:///x')).toThrow('got file:');
  vi.stubGlobal('document', undefined);
  expect(socketUrl('https://h/x')).toBe('wss://h/x');
  expect(() => socketUrl('/x')).toThrow(TypeError);
  vi.unstubAllGlobals();
});

test('the URL of a file', () => {
  expect(
    fileUrl('http://h/a%20b/', ID, 'default', 'my view/3/lib/ü.js', 't')
  ).toBe(
    'http://h/a%20b/wslink-jupyter/kernels/0b1c/default/www/my%20view/3/lib/%C3%BC.js?token=t'
  );
  expect(fileUrl('wss://h/', ID, 'default', 'a.js')).toMatch(/^https:/);
  expect(() => fileUrl('ws://h/', ID, 'default', '../a')).toThrow('file');
});
