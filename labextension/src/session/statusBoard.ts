/** The status of a session, and who is told of its changes. */

import { CloseCode } from '../wire/codes';
import { guarded } from './guarded';
import type {
  IDisposable,
  ISessionStatus,
  KernelState,
  SessionState
} from './types';

type Listener = (status: ISessionStatus) => unknown;

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
  /** What the server last told of the kernel over the connection of now. */
  private told: Pick<ISessionStatus, 'kernel' | 'reason'> | null = null;
  private readonly listeners = new Set<{ listener: Listener }>();

  /** @param onError - Told of what a listener throws; the others go on. */
  constructor(private readonly onError: (error: unknown) => void) {}

  get status(): ISessionStatus {
    return this.current;
  }

  /** Call `listener` after each change. */
  listen(listener: Listener): IDisposable {
    const entry = { listener: guarded(listener, this.onError) };
    this.listeners.add(entry);
    return { dispose: () => void this.listeners.delete(entry) };
  }

  /** Note what the server tells of the kernel. */
  tell(kernel: KernelState, epoch: string | null, reason: string): void {
    this.told = { kernel, reason };
    const isOpen = this.current.state === 'open';
    this.update({ kernel, epoch, reason: isOpen ? '' : reason });
  }

  /** Forget what was told: another connection begins. */
  forgetTold(): void {
    this.told = null;
  }

  /**
   * Return the reason of a close, or what was told of the same state of the kernel
   * if that says more: close frames hold 123 bytes.
   */
  fullReason(closeCode: number, reason: string): string {
    const told =
      this.told?.kernel === kernelAfter(closeCode) ? this.told.reason : '';
    return told.length > reason.length ? told : reason;
  }

  /**
   * Change to open.
   *
   * @param epoch - What the hello said of it; null from a stock server.
   */
  open(epoch: string | null): void {
    const { kernel, epoch: last } = this.current;
    this.update({
      state: 'open',
      // A stock server tells nothing of kernels; ours has one that answered.
      kernel: epoch !== null && kernel !== 'busy' ? 'ready' : kernel,
      epoch: epoch ?? last,
      reason: ''
    });
  }

  /** Change to `state`, because the connection ended. */
  lose(state: SessionState, closeCode: number, reason: string): void {
    this.update({ state, kernel: kernelAfter(closeCode), reason });
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
      listener(after);
    }
  }

  clear(): void {
    this.listeners.clear();
  }
}
