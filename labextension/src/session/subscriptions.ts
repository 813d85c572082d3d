/** Topic to callbacks. */

import type { Publication } from '../wire/envelopes';
import { guarded } from './guarded';
import type { IDisposable, IPublicationInfo, ISubscribeOptions } from './types';

type Callback = (value: any, publication: IPublicationInfo) => unknown;
type Entry = {
  readonly deliver: (
    value: unknown,
    publication: IPublicationInfo
  ) => Promise<void> | undefined;
  /** One for each value that is still being dealt with: stops waiting for it. */
  readonly releases: Set<() => void>;
};

/** Hands publications to their subscribers, in order. */
export class Subscriptions {
  private readonly entries = new Map<string, Set<Entry>>();
  /** The last value of topics that have one for later subscribers. */
  private readonly retained = new Map<string, Publication>();

  /**
   * @param onError - Told of what a subscriber throws; the others go on.
   * @param onChange - Told of a topic, and whether it has subscribers from now on.
   */
  constructor(
    private readonly onError: (error: unknown) => void,
    private readonly onChange: (topic: string, isHeard: boolean) => void
  ) {}

  /** Callbacks of all topics. */
  get size(): number {
    let size = 0;
    for (const entries of this.entries.values()) {
      size += entries.size;
    }
    return size;
  }

  /** The topics that have subscribers. */
  get topics(): string[] {
    return [...this.entries.keys()];
  }

  /**
   * Call `callback` with every value of `topic` until disposed or aborted.
   *
   * @throws {TypeError} If `topic` is no name.
   */
  add(
    topic: string,
    callback: Callback,
    { signal }: ISubscribeOptions = {}
  ): IDisposable {
    if (typeof topic !== 'string') {
      throw new TypeError(
        `subscribe: expected the name of a topic, got ${typeof topic}`
      );
    }
    if (signal?.aborted) {
      return { dispose: () => undefined };
    }
    // An object of its own, so that one function may subscribe twice.
    const entry: Entry = {
      deliver: guarded(callback, this.onError),
      releases: new Set()
    };
    const dispose = (): void => {
      signal?.removeEventListener('abort', dispose);
      this.remove(topic, entry);
    };
    signal?.addEventListener('abort', dispose);
    const entries = this.entries.get(topic);
    const last = this.retained.get(topic);
    if (entries) {
      entries.add(entry);
      // Not from within: who subscribes does not expect a call yet.
      void Promise.resolve().then(() =>
        this.deliverRetained(topic, entry, last)
      );
    } else {
      this.entries.set(topic, new Set([entry]));
      this.onChange(topic, true);
    }
    return { dispose };
  }

  /**
   * Hand `publication` to whoever subscribed to its topic.
   *
   * @param onDone - Called once every subscriber has dealt with it, has failed
   *   to, or is a subscriber no more.
   */
  deliver(publication: Publication, onDone = (): void => undefined): void {
    const { topic, number, value } = publication;
    const entries = this.entries.get(topic) ?? new Set<Entry>();
    this.retained.delete(topic); // also if it is not retained any more
    if (publication.retain && entries.size > 0) {
      this.retained.set(topic, publication);
    }
    const info = { topic, sequence: number };
    let busy = 1;
    const release = (): void => {
      if (--busy === 0) {
        onDone();
      }
    };
    // A copy: subscribers may come and go while this runs.
    for (const entry of [...entries]) {
      const work = entries.has(entry) && entry.deliver(value, info);
      if (work && entries.has(entry)) {
        busy++;
        holdUntil(work, entry, release);
      }
    }
    release();
  }

  clear(): void {
    this.entries.clear();
    this.retained.clear();
  }

  /** Hand the value that was there to a newcomer, unless it has a newer one. */
  private deliverRetained(
    topic: string,
    entry: Entry,
    last: Publication | undefined
  ): void {
    const isThere = this.entries.get(topic)?.has(entry) ?? false;
    if (last && isThere && this.retained.get(topic) === last) {
      void entry.deliver(last.value, { topic, sequence: last.number });
    }
  }

  private remove(topic: string, entry: Entry): void {
    const entries = this.entries.get(topic);
    if (entries?.delete(entry) && entries.size === 0) {
      this.entries.delete(topic);
      this.retained.delete(topic);
      this.onChange(topic, false);
    }
    // What it began may never end, and the next value of the topic must come.
    entry.releases.forEach(release => release());
  }
}

/** Call `release` once, when `work` is done or its subscriber goes. */
function holdUntil(
  work: Promise<void>,
  { releases }: Entry,
  release: () => void
): void {
  const releaseOnce = (): void => {
    if (releases.delete(releaseOnce)) {
      release();
    }
  };
  releases.add(releaseOnce);
  void work.then(releaseOnce, releaseOnce);
}
