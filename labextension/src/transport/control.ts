/** Text messages of the relay: JSON objects beside the frames. */

import type { KernelState } from '../session/types';

/** The subprotocol under which text messages exist at all. */
export const SUBPROTOCOL = 'v1.wslink-jupyter';

/** What the relay says. */
export type ControlMessage =
  | Readonly<{ type: 'pong'; id: number }>
  | Readonly<{
      type: 'kernel';
      state: KernelState;
      epoch: string | null;
      reason: string;
    }>
  | Readonly<{ type: 'retry'; afterS: number }>;

/** A server that asks for more is not believed. */
const MAX_RETRY_S = 600;

const KERNEL_STATES: readonly string[] = [
  'absent',
  'ready',
  'busy',
  'restarted',
  'dead'
];

/** Return the text of a ping. */
export function pingText(id: number): string {
  return JSON.stringify({ type: 'ping', id });
}

/**
 * Read a text message.
 *
 * @returns null for what this version does not know: a later server may say more.
 */
export function parseControl(text: string): ControlMessage | null {
  let fields: Record<string, unknown>;
  try {
    const value: unknown = JSON.parse(text);
    fields = Object(value) as Record<string, unknown>;
  } catch {
    return null;
  }
  const { type, id, state, epoch, reason, after_s: afterS } = fields;
  if (type === 'pong' && typeof id === 'number') {
    return { type, id };
  }
  if (
    type === 'kernel' &&
    typeof state === 'string' &&
    KERNEL_STATES.includes(state)
  ) {
    return {
      type,
      state: state as KernelState,
      epoch: typeof epoch === 'string' ? epoch : null,
      reason: typeof reason === 'string' ? reason : ''
    };
  }
  if (type === 'retry' && typeof afterS === 'number' && afterS >= 0) {
    return { type, afterS: Math.min(afterS, MAX_RETRY_S) };
  }
  return null;
}
