/**
 * The faces a session shows: what front-end code calls, and nothing of how it
 * is done. Pure: no DOM, so every name here exists in a page, a worker or Node.
 */

/** The part of `AbortSignal` that sessions use. */
export interface IAbortSignal {
  readonly aborted: boolean;
  readonly reason?: unknown;
  addEventListener(type: 'abort', listener: () => void): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

/** Something to give back; giving back twice is harmless. */
export interface IDisposable {
  dispose(): void;
}

/** Options of one call. */
export interface ICallOptions {
  /** Aborting ends the call here at once and asks the kernel to cancel it. */
  signal?: IAbortSignal;
  /** Milliseconds until the call ends with a deadline error; none by default. */
  timeout?: number;
  /**
   * Told when the call has to wait in the kernel, `'queued'` and behind what, and
   * when it then begins, `'running'`. A call that need not wait is told nothing.
   * May be async; what it throws is reported.
   */
  onState?: (state: CallState, reason: string) => unknown;
}

/** What becomes of a call that cannot begin at once. */
export type CallState = 'queued' | 'running';

/** Options of one subscription. */
export interface ISubscribeOptions {
  /** Aborting ends the subscription. */
  signal?: IAbortSignal;
}

/** What is known of the kernel behind the socket. */
export type KernelState =
  'unknown' | 'absent' | 'ready' | 'busy' | 'restarted' | 'dead';

/** Where the session stands. `closed` is final. */
export type SessionState = 'connecting' | 'open' | 'waiting' | 'closed';

/** One change of what a user should be told. */
export interface ISessionStatus {
  readonly state: SessionState;
  readonly kernel: KernelState;
  /**
   * Random per kernel start; null while the server knows of no runtime. After a
   * lost connection it is the last one until the next is known: `kernel` tells.
   */
  readonly epoch: string | null;
  /** One sentence for people: why we wait, why it was closed; '' when open. */
  readonly reason: string;
}

/** `api.membrane.poke(x, y)` calls the procedure `membrane.poke`. */
export interface IApi {
  (...args: unknown[]): Promise<any>;
  readonly [name: string]: IApi;
  // At run time all of these are procedures as well; TypeScript would take them
  // for what functions have.
  readonly name: IApi;
  readonly length: IApi;
  readonly call: IApi;
  readonly apply: IApi;
  readonly bind: IApi;
  readonly arguments: IApi;
  readonly caller: IApi;
}

/** One client in conversation with one endpoint. */
export interface ISession {
  readonly status: ISessionStatus;
  /** Seconds to the server and back, by the last ping; null before the first. */
  readonly roundTripS: number | null;
  /** Proxies: `session.api.membrane.poke(0.5, 0.5)`. */
  readonly api: IApi;
  /** Call a procedure; the promise always settles, exactly once. */
  call<T = any>(
    name: string,
    args?: readonly unknown[],
    kwargs?: Readonly<Record<string, unknown>>,
    options?: ICallOptions
  ): Promise<T>;
  /**
   * Receive what Python publishes under a topic, in order.
   *
   * The kernel hears of the first subscriber of a topic at once, before any later
   * call: what a procedure publishes because of that call is received.
   *
   * `callback` may be async; what it throws is reported, and disturbs nobody. Of a
   * topic with `delivery="latest"`, return a promise to get the next value when you
   * have drawn this one: at most two values are on their way or being drawn, and
   * the next one sent is the newest. So a value may come while the one before it is
   * still being drawn.
   *
   * @throws {TypeError} If `topic` is no text.
   */
  subscribe(
    topic: string,
    callback: (value: any, publication: IPublicationInfo) => unknown,
    options?: ISubscribeOptions
  ): IDisposable;
  /** Be told of every change of `status`. */
  onStatus(callback: (status: ISessionStatus) => unknown): IDisposable;
  /** Connect now, if the next try is waited for; an open connection is looked at. */
  reconnect(): void;
  /** Close for good; calls that wait are rejected with `ConnectionClosed`. */
  close(): void;
}

/** A call that goes on, for who looks on. */
export interface IObservedCall {
  readonly method: string;
  /** Under which it was sent; null before that. */
  readonly id: string | null;
  /** Settles as the caller's does. */
  readonly promise: Promise<unknown>;
}

/** A session that can be looked at. */
export interface IObservableSession extends ISession {
  /** Be told of every call that begins from now on, whoever makes it. */
  onCall(callback: (call: IObservedCall) => unknown): IDisposable;
}

/** What a subscriber learns besides the value. */
export interface IPublicationInfo {
  readonly topic: string;
  readonly sequence: number;
}
