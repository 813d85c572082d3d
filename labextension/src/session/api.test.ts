// @vitest-environment node
import { expect, test, vi } from 'vitest';

import { makeApi } from './api';
import type { IApi, ISession } from './types';

function recorded(): { api: any; call: ReturnType<typeof vi.fn> } {
  const call = vi.fn((name: string, args: unknown[]) =>
    Promise.resolve([name, args])
  );
  return { api: makeApi(call), call };
}

test('a path of names is a procedure', async () => {
  const { api } = recorded();
  expect(await api.membrane.poke(0.5, 1)).toEqual(['membrane.poke', [0.5, 1]]);
  expect(await api.vtk['camera.reset']()).toEqual(['vtk.camera.reset', []]);
  // Names that functions have of their own.
  expect(await api.call.name.length.apply(1)).toEqual([
    'call.name.length.apply',
    [1]
  ]);
});

test('a procedure can be kept, and is the same each time', async () => {
  const { api } = recorded();
  const { poke } = api.membrane;
  expect(poke).toBe(api.membrane.poke);
  expect(await poke(1)).toEqual(['membrane.poke', [1]]);
});

test('what the language asks for calls nothing', async () => {
  const { api, call } = recorded();
  expect(await api.membrane).toBe(api.membrane);
  expect(await api).toBe(api);
  expect(JSON.stringify({ api })).toBe('{}');
  expect(`${api.membrane.poke}`).toBe('api.membrane.poke');
  expect([...Object.keys(api)]).toEqual([]);
  expect(api[Symbol.iterator]).toBeUndefined();
  expect(() => {
    'use strict';
    api.x = 1;
  }).toThrow(TypeError);
  await Promise.all([api.a, api.b.c]);
  expect(call).not.toHaveBeenCalled();
});

test('the root is no procedure', async () => {
  const { api, call } = recorded();
  await expect(api(1)).rejects.toThrow('expected the name of a procedure');
  expect(call).not.toHaveBeenCalled();
});

test('the types know procedures, whatever functions have of that name', async () => {
  const api: IApi = recorded().api;
  // What is checked here is that it compiles.
  const [name, args]: [string, unknown[]] = await api.phone.call('home');
  expect([name, args]).toEqual(['phone.call', ['home']]);
  expect((await api.user.name())[0]).toBe('user.name');
  expect((await api.list.length())[0]).toBe('list.length');
  expect((await api.form.bind(1))[0]).toBe('form.bind');
  expect((await api.filter.apply.now(1))[0]).toBe('filter.apply.now');
  const typed = (session: ISession): Promise<number> =>
    session.call<number>('math.add', [1, 2]);
  const untyped = async (session: ISession): Promise<string> =>
    (await session.call('text.upper', ['a'])).trim();
  expect([typed, untyped]).toBeDefined();
});
