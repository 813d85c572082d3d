/** The clock of the page, or of Node. */

import type { IClock } from '../session/clock';

/** Real time. */
export const SYSTEM_CLOCK: IClock = {
  now: () => performance.now() / 1000,
  wallS: () => Date.now() / 1000,
  setTimeout: (callback, delayMs) => setTimeout(callback, delayMs),
  clearTimeout: handle => clearTimeout(handle as number),
  isLate: () => typeof document !== 'undefined' && document.hidden
};
