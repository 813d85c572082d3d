/** `api.membrane.poke(x, y)` for `call('membrane.poke', [x, y])`. */

import type { IApi } from './types';

/**
 * Names that the language or a debugger asks of any object. `await api` looks
 * for `then`, `JSON.stringify` for `toJSON`: they must find nothing to call.
 */
const NEVER_PROCEDURES: ReadonlySet<string> = new Set([
  'then',
  'catch',
  'finally',
  'toJSON',
  'toString',
  'valueOf',
  'constructor',
  'prototype'
]);

/**
 * Return the proxy of all procedures.
 *
 * @param call - Makes the call; its promise is what a proxy returns.
 */
export function makeApi(
  call: (name: string, args: unknown[]) => Promise<unknown>
): IApi {
  return proxyOf([], call);
}

function proxyOf(
  path: readonly string[],
  call: (name: string, args: unknown[]) => Promise<unknown>
): IApi {
  const name = path.join('.');
  const children = new Map<string, IApi>();
  // An arrow function: it can be called, and has no `prototype` of its own that
  // a proxy would have to show.
  return new Proxy((() => undefined) as unknown as IApi, {
    get(_target, key) {
      if (typeof key === 'symbol') {
        return undefined;
      }
      if (NEVER_PROCEDURES.has(key)) {
        // Text made of a proxy, in a log or a template, says what it is.
        return key === 'toString' ? () => `api.${name}` : undefined;
      }
      let child = children.get(key);
      if (!child) {
        child = proxyOf([...path, key], call);
        children.set(key, child);
      }
      return child;
    },
    apply(_target, _this, args: unknown[]) {
      return name
        ? call(name, args)
        : Promise.reject(
            new TypeError(
              'api: expected the name of a procedure, such as api.math.add(1, 2), got none'
            )
          );
    },
    set: () => false,
    defineProperty: () => false,
    deleteProperty: () => false
  });
}
