/**
 * The calls of one view that wait in the kernel.
 */

import { CallState } from '../session/types';

/** Counts them, and tells of every change. */
export class WaitingCalls {
  /** @param onChange - Told how many wait, and what the oldest one waits for. */
  constructor(onChange: (calls: number, reason: string) => void) {
    this._onChange = onChange;
  }

  /**
   * Note what the kernel tells of a call.
   *
   * @param call - Stands for the call: any object of its own.
   */
  note(call: object, state: CallState, reason: string): void {
    if (state === 'queued') {
      this._reasons.set(call, reason);
      this._tell();
    } else {
      this.settled(call);
    }
  }

  /** Note that a call waits no more, if it did. */
  settled(call: object): void {
    if (this._reasons.delete(call)) {
      this._tell();
    }
  }

  /** Forget all of them: the view has ended. */
  clear(): void {
    if (this._reasons.size > 0) {
      this._reasons.clear();
      this._tell();
    }
  }

  private _tell(): void {
    const [oldest = ''] = this._reasons.values();
    this._onChange(this._reasons.size, oldest);
  }

  private readonly _onChange: (calls: number, reason: string) => void;
  /** Call to what it waits for, oldest first. */
  private readonly _reasons = new Map<object, string>();
}
