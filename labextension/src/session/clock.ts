/** Time, as a session is given it. */
export interface IClock {
  /** Monotonic, seconds; on some systems it stands while the computer sleeps. */
  now(): number;
  /** Time of day, seconds; may be set to another at any moment. */
  wallS(): number;
  /** Call `callback` once after `delayMs` milliseconds; return a handle. */
  setTimeout(callback: () => void, delayMs: number): unknown;
  clearTimeout(handle: unknown): void;
  /** Whether timers fire late for now: those of hidden pages do once a second. */
  isLate(): boolean;
}
