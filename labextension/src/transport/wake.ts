/** The moments at which a page should look whether its connections live. */

import type { IDisposable } from '../session/types';

/**
 * Call `callback` when the network comes back, when the page is looked at or used
 * again, and when the browser takes it out of its freezer.
 *
 * Does nothing where there is no page, as in Node or a worker.
 */
export function onWake(callback: () => void): IDisposable {
  const stops: Array<() => void> = [];
  const listen = (
    target: EventTarget | undefined,
    type: string,
    listener: () => void
  ): void => {
    target?.addEventListener(type, listener);
    stops.push(() => target?.removeEventListener(type, listener));
  };
  const page = typeof document === 'undefined' ? undefined : document;
  const frame = typeof window === 'undefined' ? undefined : window;
  for (const type of ['online', 'focus', 'pageshow']) {
    listen(frame, type, callback);
  }
  listen(page, 'resume', callback);
  listen(page, 'visibilitychange', () => {
    if (page?.visibilityState === 'visible') {
      callback();
    }
  });
  return { dispose: () => stops.splice(0).forEach(stop => stop()) };
}
