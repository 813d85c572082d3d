/** A session whose kernel is a test: answers, publishes and fails on demand. */

import { makeApi } from '../session/api';
import type {
  ICallOptions,
  IDisposable,
  IObservableSession,
  IObservedCall,
  IPublicationInfo,
  ISessionStatus,
  ISubscribeOptions
} from '../session/types';

type Subscriber = (value: unknown, publication: IPublicationInfo) => unknown;
type Procedure = (...args: unknown[]) => unknown;

export class FakeSession implements IObservableSession {
  status: ISessionStatus = {
    state: 'open',
    kernel: 'ready',
    epoch: 'e1',
    reason: ''
  };
  readonly roundTripS = null;
  readonly api = makeApi((name, args) => this.call(name, args));
  readonly procedures = new Map<string, Procedure>();
  readonly calls: { name: string; options: ICallOptions }[] = [];
  readonly subscribers = new Map<string, Set<Subscriber>>();
  readonly listeners = new Set<(status: ISessionStatus) => unknown>();
  readonly observers = new Set<(call: IObservedCall) => unknown>();
  isClosed = false;
  reconnects = 0;

  async call<T = any>(
    name: string,
    args: readonly unknown[] = [],
    _kwargs: Readonly<Record<string, unknown>> = {},
    options: ICallOptions = {}
  ): Promise<T> {
    this.calls.push({ name, options });
    const procedure = this.procedures.get(name);
    if (procedure === undefined) {
      throw new Error(`no such procedure: ${name}`);
    }
    return procedure(...args) as T;
  }

  subscribe(
    topic: string,
    callback: Subscriber,
    { signal }: ISubscribeOptions = {}
  ): IDisposable {
    if (signal?.aborted) {
      return { dispose: () => undefined };
    }
    const callbacks = this.subscribers.get(topic) ?? new Set();
    this.subscribers.set(topic, callbacks.add(callback));
    const dispose = (): void => void callbacks.delete(callback);
    signal?.addEventListener('abort', dispose);
    return { dispose };
  }

  onStatus(callback: (status: ISessionStatus) => unknown): IDisposable {
    this.listeners.add(callback);
    return { dispose: () => void this.listeners.delete(callback) };
  }

  onCall(callback: (call: IObservedCall) => unknown): IDisposable {
    this.observers.add(callback);
    return { dispose: () => void this.observers.delete(callback) };
  }

  reconnect(): void {
    this.reconnects++;
  }

  close(): void {
    this.isClosed = true;
    this.become({ state: 'closed' });
  }

  /** Hand out a value; return what the subscribers return. */
  publish(topic: string, value: unknown): unknown[] {
    const callbacks = [...(this.subscribers.get(topic) ?? [])];
    return callbacks.map(callback => callback(value, { topic, sequence: 1 }));
  }

  become(change: Partial<ISessionStatus>): void {
    this.status = { ...this.status, ...change };
    for (const listener of [...this.listeners]) {
      listener(this.status);
    }
  }

  /** Subscriptions and listeners that are still held. */
  get held(): number {
    let held = this.listeners.size + this.observers.size;
    for (const callbacks of this.subscribers.values()) {
      held += callbacks.size;
    }
    return held;
  }
}

/** Let everything that is already promised happen. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) {
    await Promise.resolve();
  }
}
