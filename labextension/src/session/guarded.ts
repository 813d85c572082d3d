/** Callbacks of users, whose faults must not reach the callbacks beside them. */

/**
 * Return `callback` as one that never throws.
 *
 * @param callback - May be async: such a function fails later, and unseen.
 * @param onError - Told of what it throws, at once or later.
 * @returns A function; it returns what is fulfilled when an async callback has
 *   ended, well or not, and undefined when all is done already.
 */
export function guarded<A extends unknown[]>(
  callback: (...args: A) => unknown,
  onError: (error: unknown) => void
): (...args: A) => Promise<void> | undefined {
  return (...args) => {
    try {
      const returned = callback(...args);
      if (isThenable(returned)) {
        return Promise.resolve(returned).then(() => undefined, onError);
      }
    } catch (error) {
      onError(error);
    }
    return undefined;
  };
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof (value as Partial<PromiseLike<unknown>>).then === 'function'
  );
}
