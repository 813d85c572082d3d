/** Calls that have not ended: each promise settles exactly once. */

import { CallAborted, DeadlineExceeded, TooManyCalls } from '../wire/errors';
import type { ICallStateChange } from './callState';
import type { IClock } from './clock';
import { guarded } from './guarded';
import type {
  CallState,
  ICallOptions,
  IDisposable,
  IObservedCall
} from './types';

/** The longest delay timers take, milliseconds: longer ones fire at once. */
const LONGEST_DELAY_MS = 2 ** 31 - 1;

/** Calls that wait for a connection: as many as a kernel takes at a time. */
const MAX_WAITING = 1024;

const NOTHING = new Uint8Array(0);

/** One call from `call()` to the end of its promise. */
export class PendingCall implements IObservedCall {
  /** Set when the call is sent. */
  id: string | null = null;
  /** Told what becomes of the call in the kernel; never throws. */
  tell: ((state: CallState, reason: string) => unknown) | null = null;
  private payload: Uint8Array;
  readonly promise: Promise<unknown>;
  private settle: {
    resolve: (value: unknown) => void;
    reject: (error: unknown) => void;
  } | null = null;
  private releases: Array<() => void> = [];

  /** @param payload - Its name and arguments, encoded when it was made. */
  constructor(
    readonly method: string,
    payload: Uint8Array
  ) {
    this.payload = payload;
    this.promise = new Promise((resolve, reject) => {
      this.settle = { resolve, reject };
    });
  }

  /** Do `release` when the promise settles. */
  whenSettled(release: () => void): void {
    this.releases.push(release);
  }

  /** Take what is encoded, which is kept no longer. */
  send(id: string): Uint8Array {
    const { payload } = this;
    this.id = id;
    this.payload = NOTHING;
    return payload;
  }

  resolve(value: unknown): void {
    this.finish()?.resolve(value);
  }

  reject(error: unknown): void {
    this.finish()?.reject(error);
  }

  private finish(): PendingCall['settle'] {
    const { settle, releases } = this;
    this.settle = null;
    this.releases = [];
    releases.forEach(release => release());
    return settle;
  }
}

/** The calls of one session that wait to be sent, or for their reply. */
export class PendingCalls {
  private readonly waiting = new Set<PendingCall>();
  private readonly sent = new Map<string, PendingCall>();
  /** Empty, unless somebody looks. */
  private readonly observers = new Set<(call: PendingCall) => unknown>();

  /**
   * @param clock - Runs the deadlines.
   * @param onGivenUp - Told of a sent call that its caller gave up.
   * @param onError - Told of what an `onState` throws.
   */
  constructor(
    private readonly clock: IClock,
    private readonly onGivenUp: (id: string) => void,
    private readonly onError: (error: unknown) => void
  ) {}

  /** Calls that have not ended. */
  get size(): number {
    return this.waiting.size + this.sent.size;
  }

  /**
   * Start a call; it waits until `markSent`.
   *
   * @throws {TooManyCalls} If as many as may wait do so.
   */
  add(
    method: string,
    payload: Uint8Array,
    { signal, timeout, onState }: ICallOptions = {}
  ): PendingCall {
    if (this.waiting.size >= MAX_WAITING) {
      throw new TooManyCalls(
        `${method}: expected at most ${MAX_WAITING} calls that wait for a connection, got more`
      );
    }
    const call = new PendingCall(method, payload);
    this.waiting.add(call);
    this.observers.forEach(observe => observe(call));
    call.tell = onState ? guarded(onState, this.onError) : null;
    if (signal) {
      const abort = (): void =>
        this.giveUp(
          call,
          signal.reason ?? new CallAborted(`${method}: aborted`)
        );
      if (signal.aborted) {
        abort();
        return call;
      }
      signal.addEventListener('abort', abort);
      call.whenSettled(() => signal.removeEventListener('abort', abort));
    }
    if (timeout !== undefined && timeout > 0 && timeout !== Infinity) {
      const expire = (): void =>
        this.giveUp(
          call,
          new DeadlineExceeded(
            `${method}: expected a reply within ${timeout} ms, got none`
          )
        );
      const timer = this.clock.setTimeout(
        expire,
        Math.min(timeout, LONGEST_DELAY_MS)
      );
      call.whenSettled(() => this.clock.clearTimeout(timer));
    }
    return call;
  }

  /** Tell `callback` of every call that begins from now on. */
  observe(callback: (call: IObservedCall) => unknown): IDisposable {
    const observer = guarded(callback, this.onError);
    this.observers.add(observer);
    return { dispose: () => void this.observers.delete(observer) };
  }

  /** The oldest call that was not sent. */
  nextUnsent(): PendingCall | undefined {
    return this.waiting.values().next().value;
  }

  /** Note that `call` leaves under `id`; return what to send. */
  markSent(call: PendingCall, id: string): Uint8Array {
    this.waiting.delete(call);
    this.sent.set(id, call);
    return call.send(id);
  }

  /** Tell the caller what becomes of a sent call that has to wait. */
  tell(change: ICallStateChange | null): void {
    if (change) {
      this.sent.get(change.id)?.tell?.(change.state, change.reason);
    }
  }

  /** End the call `id` with a value; return whether it waited for one. */
  resolve(id: string, value: unknown): boolean {
    const call = this.take(id);
    call?.resolve(value);
    return call !== undefined;
  }

  /** End the call `id` with an error; return whether it waited for a reply. */
  reject(id: string, error: unknown): boolean {
    const call = this.take(id);
    call?.reject(error);
    return call !== undefined;
  }

  /**
   * End every call that was sent: its reply can no longer come.
   *
   * @param makeError - Makes one for each: callers must not share what they may
   *   change, or tell apart by.
   */
  rejectSent(makeError: () => unknown): void {
    const calls = [...this.sent.values()];
    this.sent.clear();
    calls.forEach(call => call.reject(makeError()));
  }

  /** End every call that was not sent. */
  rejectUnsent(makeError: () => unknown): void {
    const calls = [...this.waiting];
    this.waiting.clear();
    calls.forEach(call => call.reject(makeError()));
  }

  private take(id: string): PendingCall | undefined {
    const call = this.sent.get(id);
    this.sent.delete(id);
    return call;
  }

  private giveUp(call: PendingCall, error: unknown): void {
    this.waiting.delete(call);
    const { id } = call;
    const wasSent = id !== null && this.sent.delete(id);
    call.reject(error);
    if (wasSent) {
      this.onGivenUp(id);
    }
  }
}
