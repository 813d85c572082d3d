/** A clock that moves when told. */

import type { IClock } from '../session/clock';

type Timer = { dueS: number; callback: () => void };

export class FakeClock implements IClock {
  /** Whether the page is hidden. */
  isHidden = false;
  private nowS = 1000;
  private aheadS = 1e9;
  private readonly timers = new Map<number, Timer>();
  private nextHandle = 1;

  /** Timers that have not fired. */
  get pending(): number {
    return this.timers.size;
  }

  now(): number {
    return this.nowS;
  }

  wallS(): number {
    return this.nowS + this.aheadS;
  }

  setTimeout(callback: () => void, delayMs: number): unknown {
    const handle = this.nextHandle++;
    this.timers.set(handle, { dueS: this.nowS + delayMs / 1000, callback });
    return handle;
  }

  clearTimeout(handle: unknown): void {
    this.timers.delete(handle as number);
  }

  isLate(): boolean {
    return this.isHidden;
  }

  /** Let `seconds` pass, firing timers in order. */
  advance(seconds: number): void {
    const endS = this.nowS + seconds;
    for (;;) {
      const next = [...this.timers]
        .filter(([, timer]) => timer.dueS <= endS)
        .sort(([, a], [, b]) => a.dueS - b.dueS)[0];
      if (!next) {
        break;
      }
      const [handle, timer] = next;
      this.timers.delete(handle);
      this.nowS = Math.max(this.nowS, timer.dueS);
      timer.callback();
    }
    this.nowS = endS;
  }

  /** Let `seconds` pass as while a computer sleeps: timers fire late, at the end. */
  sleep(seconds: number): void {
    this.nowS += seconds;
    this.advance(0);
  }

  /** Let `seconds` pass as where the monotonic clock stands during sleep. */
  suspend(seconds: number): void {
    this.aheadS += seconds;
  }
}
