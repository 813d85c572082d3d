/**
 * A session as one view has it: whatever the view began ends with the view.
 */

import { makeApi } from '../session/api';
import { guarded } from '../session/guarded';
import {
  CallState,
  IAbortSignal,
  IApi,
  ICallOptions,
  IDisposable,
  IPublicationInfo,
  ISession,
  ISessionStatus,
  ISubscribeOptions
} from '../session/types';
import { RunningCalls } from './runningCalls';
import { WaitingCalls } from './waitingCalls';

/**
 * Passes everything on to the page's shared session, with a signal of its own.
 *
 * Calls and subscriptions that the view makes end when the scope ends; what it
 * tries to make later never starts.
 */
export class ScopedSession implements ISession {
  /**
   * @param session - The shared session; never closed from here.
   * @param calls - Told of the view's calls while they last; may cancel them.
   * @param scope - Aborted when the view ends.
   * @param onError - Told of what callbacks of the view throw.
   * @param onWaiting - Told how many calls of the view wait in the kernel, and
   * for what.
   */
  constructor(
    session: ISession,
    calls: RunningCalls,
    scope: AbortSignal,
    onError: (error: unknown) => void,
    onWaiting: (calls: number, reason: string) => void
  ) {
    this._session = session;
    this._running = calls;
    this._onError = onError;
    this._waiting = new WaitingCalls(onWaiting);
    this.api = makeApi((name, args) => this.call(name, args));
    if (scope.aborted) {
      this.close();
    } else {
      scope.addEventListener('abort', () => this.close(), {
        signal: this._controller.signal
      });
    }
  }

  readonly api: IApi;

  get status(): ISessionStatus {
    return this._session.status;
  }

  get roundTripS(): number | null {
    return this._session.roundTripS;
  }

  async call<T = any>(
    name: string,
    args?: readonly unknown[],
    kwargs?: Readonly<Record<string, unknown>>,
    options: ICallOptions = {}
  ): Promise<T> {
    const cancel = new AbortController();
    const signal = AbortSignal.any([cancel.signal, this._with(options.signal)]);
    const call = this._running.begin(name, () => {
      const reason = new DOMException(`${name}: cancelled`, 'AbortError');
      this._cancellations.add(reason);
      cancel.abort(reason);
    });
    const tell = (state: CallState, reason: string): unknown => {
      this._running.note(call, state, reason);
      this._waiting.note(call, state, reason);
      return options.onState?.(state, reason);
    };
    try {
      return await this._session.call<T>(name, args, kwargs, {
        ...options,
        signal,
        onState: guarded(tell, this._onError)
      });
    } catch (error) {
      if (typeof error === 'object' && error !== null) {
        this._failures.add(error);
      }
      throw error;
    } finally {
      this._running.end(call);
      this._waiting.settled(call);
    }
  }

  /** Whether a call of this view ended with `error`. */
  hasFailed(error: unknown): boolean {
    return (
      typeof error === 'object' && error !== null && this._failures.has(error)
    );
  }

  /** Whether `error` is that of a call which the user cancelled. */
  wasCancelled(error: unknown): boolean {
    return (
      typeof error === 'object' &&
      error !== null &&
      this._cancellations.has(error)
    );
  }

  subscribe(
    topic: string,
    callback: (value: any, publication: IPublicationInfo) => unknown,
    options: ISubscribeOptions = {}
  ): IDisposable {
    // Errors are shown in the view, rather than told among other subscribers'.
    return this._session.subscribe(topic, guarded(callback, this._onError), {
      signal: this._with(options.signal)
    });
  }

  onStatus(callback: (status: ISessionStatus) => unknown): IDisposable {
    const { signal } = this._controller;
    if (signal.aborted) {
      return { dispose: () => undefined };
    }
    const heard = this._session.onStatus(guarded(callback, this._onError));
    const dispose = (): void => {
      signal.removeEventListener('abort', dispose);
      heard.dispose();
    };
    signal.addEventListener('abort', dispose);
    return { dispose };
  }

  reconnect(): void {
    this._session.reconnect(); // good for the other views, too
  }

  /** End what this view began. The page's session goes on for the others. */
  close(): void {
    this._controller.abort(
      new DOMException('the view has ended', 'AbortError')
    );
    // At once: what is rejected above settles later, when another view may be on.
    this._waiting.clear();
  }

  /** A signal that is aborted with the view or with the caller's own one. */
  private _with(own: IAbortSignal | undefined): AbortSignal {
    const scope = this._controller.signal;
    return own === undefined
      ? scope
      : AbortSignal.any([scope, own as AbortSignal]);
  }

  private readonly _session: ISession;
  private readonly _running: RunningCalls;
  private readonly _onError: (error: unknown) => void;
  private readonly _waiting: WaitingCalls;
  private readonly _controller = new AbortController();
  private readonly _failures = new WeakSet<object>();
  private readonly _cancellations = new WeakSet<object>();
}
