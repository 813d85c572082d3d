/** What the owner of a session gives it. */

import type { ILimits } from '../wire/limits';
import type { IClock } from './clock';

/** What a session is made of. */
export interface ISessionOptions {
  readonly clock: IClock;
  /** Return a random uint32, the id of an outgoing message. */
  readonly randomUint32: () => number;
  /** What the hello says to a stock server; '' by default. */
  readonly secret?: string;
  readonly limits?: ILimits;
  /** Told of faults that belong to no call, such as a throwing subscriber. */
  readonly onError?: (error: unknown) => void;
  /** Told that someone wants the next try to connect now, or to know that it lives. */
  readonly onReconnect?: () => void;
  /** Told once that the session is over, and why. */
  readonly onEnd?: (code: number, reason: string) => void;
}
