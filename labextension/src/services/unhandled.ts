/**
 * Rejections that nobody handles, told to whom they concern.
 */

/** The browser tells of a rejection only after the code that caused it. */
const LINGER_MS = 1000;

/**
 * Hear of unhandled rejections, in place of the browser's console.
 *
 * @param isMine - Whether a reason concerns the caller; all others are left alone.
 * @param callback - Told of each; of none once the signal is aborted.
 * @param signal - Ends the listening: what the abort itself rejects is still
 * taken, and told to nobody.
 */
export function onUnhandled(
  isMine: (reason: unknown) => boolean,
  callback: (reason: unknown) => void,
  signal: AbortSignal
): void {
  const listener = (event: PromiseRejectionEvent): void => {
    if (!isMine(event.reason)) {
      return;
    }
    event.preventDefault();
    if (!signal.aborted) {
      callback(event.reason);
    }
  };
  const page = window; // tests take the global away before the timer fires
  const stop = (): void => {
    setTimeout(
      () => page.removeEventListener('unhandledrejection', listener),
      LINGER_MS
    );
  };
  page.addEventListener('unhandledrejection', listener);
  signal.addEventListener('abort', stop, { once: true });
}
