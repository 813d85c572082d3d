/**
 * A session as one view has it: whatever the view began ends with the view.
 */

import { makeApi } from '../session/api';
import {
  IAbortSignal,
  IApi,
  ICallOptions,
  IDisposable,
  IPublicationInfo,
  ISession,
  ISessionStatus,
  ISubscribeOptions
} from '../session/types';

/** What views really hand over: `async` functions are subscribers, too. */
type Subscriber = (value: any, publication: IPublicationInfo) => unknown;

/**
 * Passes everything on to the page's shared session, with a signal of its own.
 *
 * Calls and subscriptions that the view makes end when the scope ends; what it
 * tries to make later never starts.
 */
export class ScopedSession implements ISession {
  /**
   * @param session - The shared session; never closed from here.
   * @param scope - Aborted when the view ends.
   * @param onError - Told of what a subscriber of the view throws.
   */
  constructor(
    session: ISession,
    scope: AbortSignal,
    onError: (error: unknown) => void
  ) {
    this._session = session;
    this._onError = onError;
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

  async call(
    name: string,
    args?: readonly unknown[],
    kwargs?: Readonly<Record<string, unknown>>,
    options: ICallOptions = {}
  ): Promise<unknown> {
    const both = this._both(options.signal);
    try {
      return await this._session.call(name, args, kwargs, {
        ...options,
        signal: both.signal
      });
    } finally {
      both.dispose();
    }
  }

  subscribe(
    topic: string,
    callback: (value: any, publication: IPublicationInfo) => void,
    options: ISubscribeOptions = {}
  ): IDisposable {
    const both = this._both(options.signal);
    if (both.signal.aborted) {
      return both;
    }
    const subscription = this._session.subscribe(
      topic,
      (value: unknown, publication) => {
        // Shown in the view, rather than thrown among the other subscribers.
        try {
          const returned = (callback as Subscriber)(value, publication);
          if (returned instanceof Promise) {
            returned.catch(this._onError);
          }
        } catch (error) {
          this._onError(error);
        }
      },
      { signal: both.signal }
    );
    return this._until(both.signal, () => {
      subscription.dispose();
      both.dispose();
    });
  }

  onStatus(callback: (status: ISessionStatus) => void): IDisposable {
    const { signal } = this._controller;
    if (signal.aborted) {
      return { dispose: () => undefined };
    }
    const heard = this._session.onStatus(callback);
    return this._until(signal, () => heard.dispose());
  }

  /** End what this view began. The page's session goes on for the others. */
  close(): void {
    this._controller.abort(
      new DOMException('the view has ended', 'AbortError')
    );
  }

  /** Run `end` once: when asked to, or when the signal is aborted. */
  private _until(signal: IAbortSignal, end: () => void): IDisposable {
    let isOver = false;
    const dispose = (): void => {
      if (!isOver) {
        isOver = true;
        signal.removeEventListener('abort', dispose);
        end();
      }
    };
    signal.addEventListener('abort', dispose);
    return { dispose };
  }

  /** A signal that is aborted with the view or with the caller's own one. */
  private _both(
    own: IAbortSignal | undefined
  ): IDisposable & { readonly signal: AbortSignal } {
    const scope = this._controller.signal;
    const controller = new AbortController();
    const sources = own === undefined ? [scope] : [scope, own];
    const listeners = sources.map(source => ({
      source,
      listener: (): void => controller.abort(source.reason)
    }));
    const dispose = (): void => {
      for (const { source, listener } of listeners) {
        source.removeEventListener('abort', listener);
      }
    };
    for (const { source, listener } of listeners) {
      if (source.aborted) {
        controller.abort(source.reason);
      } else {
        source.addEventListener('abort', listener);
      }
    }
    return { signal: controller.signal, dispose };
  }

  private readonly _session: ISession;
  private readonly _onError: (error: unknown) => void;
  private readonly _controller = new AbortController();
}
