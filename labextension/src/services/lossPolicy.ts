/**
 * When to speak of a lost connection. Decisions only.
 */

import { IClock } from '../session/clock';
import { ISessionStatus } from '../session/types';
import { phaseOf } from './badgeText';

/** Shorter losses are nobody's business. */
const PATIENCE_S = 2;

/**
 * How a loss ended: the session is open again; or the line is back, and the
 * kernel has restarted; or there is nothing left to come back to.
 */
export type LossEnd = 'recovered' | 'restarted' | 'over';

/** Speaks to the user. */
export interface ILossTeller {
  /** The connection to a kernel has been lost for a while. */
  lost(kernelId: string): void;
  /** What `lost` told of has ended. */
  ended(kernelId: string, how: LossEnd): void;
}

interface IStanding {
  wasOpen: boolean;
  timer: unknown;
  isTold: boolean;
}

/** Invariant: one `ended` for each `lost`, at most one `lost` of each kernel. */
export class LossPolicy {
  constructor(clock: IClock, teller: ILossTeller) {
    this._clock = clock;
    this._teller = teller;
  }

  /** Note the status of the session of a kernel. */
  note(kernelId: string, status: ISessionStatus): void {
    const standing = this._standing(kernelId);
    switch (phaseOf(status, standing.wasOpen)) {
      case 'connected':
        this._end(kernelId, standing, 'recovered');
        standing.wasOpen = true;
        break;
      case 'reconnecting':
        if (standing.timer === null && !standing.isTold) {
          standing.timer = this._clock.setTimeout(() => {
            standing.timer = null;
            standing.isTold = true;
            this._teller.lost(kernelId);
          }, PATIENCE_S * 1000);
        }
        break;
      case 'restarted':
        // The user did that, or is told by the application; the views say so, too.
        this._end(kernelId, standing, 'restarted');
        break;
      case 'gone':
      case 'closed':
        this.forget(kernelId);
        break;
      default:
        break; // it never was open: nothing is lost
    }
  }

  /** Note that nobody has the session of a kernel any more. */
  forget(kernelId: string): void {
    const standing = this._standings.get(kernelId);
    if (standing !== undefined) {
      this._standings.delete(kernelId);
      this._end(kernelId, standing, 'over');
    }
  }

  private _standing(kernelId: string): IStanding {
    let standing = this._standings.get(kernelId);
    if (standing === undefined) {
      standing = { wasOpen: false, timer: null, isTold: false };
      this._standings.set(kernelId, standing);
    }
    return standing;
  }

  private _end(kernelId: string, standing: IStanding, how: LossEnd): void {
    this._clock.clearTimeout(standing.timer);
    standing.timer = null;
    if (standing.isTold) {
      standing.isTold = false;
      this._teller.ended(kernelId, how);
    }
  }

  private readonly _clock: IClock;
  private readonly _teller: ILossTeller;
  private readonly _standings = new Map<string, IStanding>();
}
