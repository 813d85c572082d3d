/**
 * What the status bar shows: the session of the kernel that the user looks at.
 */

import { ISignal, Signal } from '@lumino/signaling';

import { SessionWatch } from './sessionWatch';

/** Says which kernel the user looks at. */
export interface ICurrentKernel {
  readonly kernelId: string | null;
  readonly document: string;
  readonly changed: ISignal<ICurrentKernel, void>;
}

/** Has the watches of all sessions. */
export interface IWatches {
  get(kernelId: string): SessionWatch | null;
  readonly changed: ISignal<IWatches, void>;
}

/** One kernel that has a session in this page. */
export interface IShownKernel {
  readonly kernelId: string;
  readonly document: string;
  readonly watch: SessionWatch;
}

/** Brings the two together. */
export class StatusModel {
  constructor(current: ICurrentKernel, watches: IWatches) {
    this._current = current;
    this._watches = watches;
    current.changed.connect(this._update, this);
    watches.changed.connect(this._update, this);
    this._update();
  }

  /** What is to be shown; null if there is nothing, and no badge then. */
  get shown(): IShownKernel | null {
    return this._shown;
  }

  /** Emitted when `shown`, or anything in it but the round trip, has changed. */
  readonly changed = new Signal<this, void>(this);
  /** Emitted when the badge appears or disappears. */
  readonly activeChanged = new Signal<this, void>(this);

  private readonly _update = (): void => {
    const { kernelId, document } = this._current;
    const wasActive = this._shown !== null;
    const watch = kernelId === null ? null : this._watches.get(kernelId);
    this._shown =
      kernelId === null || watch === null
        ? null
        : { kernelId, document, watch };
    const isActive = this._shown !== null;
    if (isActive || wasActive) {
      this.changed.emit();
    }
    if (isActive !== wasActive) {
      this.activeChanged.emit();
    }
  };

  private readonly _current: ICurrentKernel;
  private readonly _watches: IWatches;
  private _shown: IShownKernel | null = null;
}
