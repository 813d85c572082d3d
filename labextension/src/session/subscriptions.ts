/** Topic to callbacks. */

import type { Publication } from '../wire/envelopes';
import { guarded } from './guarded';
import type { IDisposable, IPublicationInfo, ISubscribeOptions } from './types';

type Callback = (value: any, publication: IPublicationInfo) => unknown;
type Entry = { readonly deliver: Callback };

/** Hands publications to their subscribers, in order. */
export class Subscriptions {
  private readonly topics = new Map<string, Set<Entry>>();

  /** @param onError - Told of what a subscriber throws; the others go on. */
  constructor(private readonly onError: (error: unknown) => void) {}

  /** Callbacks of all topics. */
  get size(): number {
    let size = 0;
    for (const entries of this.topics.values()) {
      size += entries.size;
    }
    return size;
  }

  /** Call `callback` with every value of `topic` until disposed or aborted. */
  add(
    topic: string,
    callback: Callback,
    { signal }: ISubscribeOptions = {}
  ): IDisposable {
    if (signal?.aborted) {
      return { dispose: () => undefined };
    }
    // An object of its own, so that one function may subscribe twice.
    const entry = { deliver: guarded(callback, this.onError) };
    const entries = this.topics.get(topic) ?? new Set<Entry>();
    this.topics.set(topic, entries.add(entry));
    const dispose = (): void => {
      signal?.removeEventListener('abort', dispose);
      if (entries.delete(entry) && entries.size === 0) {
        this.topics.delete(topic);
      }
    };
    signal?.addEventListener('abort', dispose);
    return { dispose };
  }

  /** Hand `publication` to whoever subscribed to its topic. */
  deliver(publication: Publication): void {
    const entries = this.topics.get(publication.topic);
    if (!entries) {
      return;
    }
    const info = { topic: publication.topic, sequence: publication.number };
    // A copy: subscribers may come and go while this runs.
    for (const entry of [...entries]) {
      if (entries.has(entry)) {
        entry.deliver(publication.value, info);
      }
    }
  }

  clear(): void {
    this.topics.clear();
  }
}
