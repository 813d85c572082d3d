/**
 * The loops that report their progress from one kernel.
 */

import { Signal } from '@lumino/signaling';

import { IDisposable, ISession } from '../session/types';

/** Where `wl.progress` publishes. */
export const PROGRESS_TOPIC = 'jupyter.progress';

/** How far one loop is. */
export interface IProgressBar {
  readonly id: string;
  readonly title: string;
  readonly done: number;
  /** Null if nobody knows. */
  readonly total: number | null;
  readonly elapsedS: number;
}

/** What is published of a loop. */
export interface IProgressUpdate extends IProgressBar {
  readonly isRunning: boolean;
}

/** Read a published value; null if it is none that we understand. */
export function readProgress(value: unknown): IProgressUpdate | null {
  if (typeof value !== 'object' || value === null) {
    return null;
  }
  const { id, title, done, total, elapsed_s, state } = value as Record<
    string,
    unknown
  >;
  if (typeof id !== 'string' || typeof done !== 'number') {
    return null;
  }
  return {
    id,
    title: typeof title === 'string' ? title : '',
    done,
    total: typeof total === 'number' && total > 0 ? total : null,
    elapsedS: typeof elapsed_s === 'number' ? elapsed_s : 0,
    isRunning: state === 'running'
  };
}

/** Follows the loops that run; forgets those that ended. */
export class ProgressBars implements IDisposable {
  constructor(session: ISession) {
    this._heard = session.subscribe(PROGRESS_TOPIC, value => this._take(value));
  }

  /** The loops that run, oldest first. */
  get running(): readonly IProgressBar[] {
    return [...this._bars.values()];
  }

  /** Emitted when `running` has changed. */
  readonly changed = new Signal<this, void>(this);

  /**
   * Forget all of them: they may end without our hearing of it.
   *
   * Those that still run say so with their next item.
   */
  clear(): void {
    if (this._bars.size > 0) {
      this._bars.clear();
      this.changed.emit();
    }
  }

  dispose(): void {
    this._heard.dispose();
    Signal.clearData(this);
  }

  private _take(value: unknown): void {
    const update = readProgress(value);
    if (update === null) {
      return;
    }
    const { isRunning, ...bar } = update;
    if (isRunning) {
      this._bars.set(bar.id, bar);
    } else if (!this._bars.delete(bar.id)) {
      return;
    }
    this.changed.emit();
  }

  private readonly _heard: IDisposable;
  private readonly _bars = new Map<string, IProgressBar>();
}
