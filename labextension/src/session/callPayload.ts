/** What of a call is encoded when it is made: nothing can fail later. */

import { pack } from '../wire/codec';
import { dumpCallTail } from '../wire/envelopes';

/**
 * Return the name and arguments of a call as its message carries them.
 *
 * @throws {TypeError} If `name` is no name, or the arguments are no list or map.
 * @throws {NotSerializable} If an argument cannot be encoded.
 */
export function encodeCall(
  name: string,
  args: readonly unknown[],
  kwargs: Readonly<Record<string, unknown>>
): Uint8Array {
  if (typeof name !== 'string' || name === '') {
    throw new TypeError(
      `call: expected the name of a procedure, got ${describe(name)}`
    );
  }
  if (!Array.isArray(args)) {
    throw new TypeError(
      `call: expected a list of arguments, got ${typeof args}; ` +
        `call('${name}', [1, 2], { name: 3 })`
    );
  }
  if (Object.prototype.toString.call(kwargs) !== '[object Object]') {
    throw new TypeError(
      `call: expected an object of keyword arguments, got ${typeof kwargs}`
    );
  }
  return pack(dumpCallTail(name, args, kwargs));
}

function describe(name: unknown): string {
  switch (typeof name) {
    case 'string':
      return "''";
    case 'function':
      return (
        'a function; a procedure of the api is called itself, api.math.add(1, 2), ' +
        "or by its name, call('math.add', [1, 2])"
      );
    default:
      return name === null ? 'null' : typeof name;
  }
}
