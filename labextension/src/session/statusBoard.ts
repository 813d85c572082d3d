/** The status of a session, and who is told of its changes. */

import { CloseCode } from '../wire/codes';
import type { IDisposable, ISessionStatus, KernelState } from './types';

type Listener = (status: ISessionStatus) => void;

const START: ISessionStatus = {
  state: 'connecting',
  kernel: 'unknown',
  epoch: null,
  reason: ''
};

/** Return what the end of a connection tells of the kernel. */
export function kernelAfter(closeCode: number): KernelState {
  switch (closeCode) {
    case CloseCode.KERNEL_RESTARTED:
      return 'restarted';
    case CloseCode.NO_RUNTIME:
      return 'absent';
    case CloseCode.KERNEL_DEAD:
      return 'dead';
    default:
      return 'unknown';
  }
}

/** Holds one status at a time; tells of every change once. */
export class StatusBoard {
  private current = START;
  private readonly listeners = new Set<{ listener: Listener }>();

  /** @param onError - Told of what a listener throws; the others go on. */
  constructor(private readonly onError: (error: unknown) => void) {}

  get status(): ISessionStatus {
    return this.current;
  }

  /** Call `listener` after each change. */
  listen(listener: Listener): IDisposable {
    const entry = { listener };
    this.listeners.add(entry);
    return { dispose: () => void this.listeners.delete(entry) };
  }

  /** Change the fields in `change`; equal values are no change. */
  update(change: Partial<ISessionStatus>): void {
    const before = this.current;
    const after = { ...before, ...change };
    if (
      after.state === before.state &&
      after.kernel === before.kernel &&
      after.epoch === before.epoch &&
      after.reason === before.reason
    ) {
      return;
    }
    this.current = after;
    for (const { listener } of [...this.listeners]) {
      // A listener may have changed the status again; the rest learn the latest.
      if (this.current !== after) {
        return;
      }
      try {
        listener(after);
      } catch (error) {
        this.onError(error);
      }
    }
  }

  clear(): void {
    this.listeners.clear();
  }
}
