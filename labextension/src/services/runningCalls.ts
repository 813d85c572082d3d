/**
 * The calls of the page's views to one kernel that last long enough to be told.
 */

import { Signal } from '@lumino/signaling';

import { IClock } from '../session/clock';
import { CallState } from '../session/types';
import { SYSTEM_CLOCK } from '../transport/clock';

/** Who waits for less does not look for a button. */
const LONG_S = 0.5;
/** Timers may fire a little early. */
const EARLY_S = 0.005;

/** A call that has not ended. */
export interface IRunningCall {
  readonly name: string;
  /** What it waits for in the kernel; null once it runs, or if it need not wait. */
  readonly waitsFor: string | null;
  /** End it here, and ask the kernel to. */
  readonly cancel: () => void;
}

interface ICall extends IRunningCall {
  readonly beganS: number;
  waitsFor: string | null;
}

/**
 * Sorts out the long calls.
 *
 * Views make hundreds of calls per second while something is dragged: each costs
 * an entry in a set, and one timer serves them all.
 */
export class RunningCalls {
  /** @param clock - Time; the page's own by default. */
  constructor(clock: IClock = SYSTEM_CLOCK) {
    this._clock = clock;
  }

  /** Those that have lasted for half a second, oldest first. */
  get long(): readonly IRunningCall[] {
    return [...this._long];
  }

  /** Emitted when `long`, or what one of them waits for, has changed. */
  readonly changed = new Signal<this, void>(this);

  /**
   * Note that a call begins.
   *
   * @returns Stands for the call.
   */
  begin(name: string, cancel: () => void): IRunningCall {
    const beganS = this._clock.now();
    const call: ICall = { name, cancel, beganS, waitsFor: null };
    this._young.add(call);
    if (!this._isTimed) {
      this._schedule(LONG_S);
    }
    return call;
  }

  /** Note what the kernel tells of a call. */
  note(call: IRunningCall, state: CallState, reason: string): void {
    (call as ICall).waitsFor = state === 'queued' ? reason : null;
    if (this._long.has(call as ICall)) {
      this.changed.emit();
    }
  }

  /** Note that a call has ended. */
  end(call: IRunningCall): void {
    this._young.delete(call as ICall);
    if (this._long.delete(call as ICall)) {
      this.changed.emit();
    }
  }

  private _schedule(delayS: number): void {
    this._isTimed = true;
    this._clock.setTimeout(() => this._sort(), delayS * 1000);
  }

  private _sort(): void {
    this._isTimed = false;
    const nowS = this._clock.now();
    const before = this._long.size;
    for (const call of this._young) {
      const leftS = call.beganS + LONG_S - nowS;
      if (leftS > EARLY_S) {
        this._schedule(leftS); // all that follow are younger
        break;
      }
      this._young.delete(call);
      this._long.add(call);
    }
    if (this._long.size > before) {
      this.changed.emit();
    }
  }

  private readonly _clock: IClock;
  private readonly _young = new Set<ICall>();
  private readonly _long = new Set<ICall>();
  private _isTimed = false;
}
