/** Callbacks of users, whose faults must not reach the callbacks beside them. */

/**
 * Return `callback` as one that never throws.
 *
 * @param callback - May be async: such a function fails later, and unseen.
 * @param onError - Told of what it throws, at once or later.
 */
export function guarded<A extends unknown[]>(
  callback: (...args: A) => unknown,
  onError: (error: unknown) => void
): (...args: A) => void {
  return (...args) => {
    try {
      const returned = callback(...args);
      if (returned instanceof Promise) {
        returned.catch(onError);
      }
    } catch (error) {
      onError(error);
    }
  };
}
