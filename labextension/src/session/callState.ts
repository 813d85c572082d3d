/** What the kernel tells of a call that waits in it: read and checked. */

import type { CallState } from './types';

/** The topic on which it does, to the caller alone and without a subscription. */
export const CALL_TOPIC = 'jupyter.call';

/** One value of the topic `jupyter.call`. */
export interface ICallStateChange {
  /** The id under which the call was sent. */
  readonly id: string;
  readonly state: CallState;
  readonly reason: string;
}

/**
 * Read one value of the topic `jupyter.call`.
 *
 * @returns The change, or null if it is of a shape or state we do not know.
 */
export function readCallState(value: unknown): ICallStateChange | null {
  if (typeof value !== 'object' || value === null) {
    return null;
  }
  const { id, state, reason } = value as Record<string, unknown>;
  if (
    typeof id !== 'string' ||
    (state !== 'queued' && state !== 'running') ||
    typeof reason !== 'string'
  ) {
    return null;
  }
  return { id, state, reason };
}
