/** Time, as a session is given it. */
export interface IClock {
  /** Monotonic, seconds. */
  now(): number;
  /** Call `callback` once after `delayMs` milliseconds; return a handle. */
  setTimeout(callback: () => void, delayMs: number): unknown;
  clearTimeout(handle: unknown): void;
}
