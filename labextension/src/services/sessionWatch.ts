/**
 * Keeps an eye on every session of the page, without having a share in any.
 */

import { Signal } from '@lumino/signaling';

import { IDisposable, ISessionStatus } from '../session/types';
import { IOpenSession, IWslinkSessions } from '../tokens';
import { LossPolicy } from './lossPolicy';
import { IProgressBar, ProgressBars } from './progressBars';
import { IRunningCall } from './runningCalls';

/** What there is to see of one session. */
export class SessionWatch implements IDisposable {
  /** @param open - A session that someone else has a share in. */
  constructor(open: IOpenSession) {
    this.open = open;
    const { session, calls } = open;
    this._progress = new ProgressBars(session);
    this._wasOpen = session.status.state === 'open';
    this._heard = session.onStatus(() => this._onStatus());
    this._progress.changed.connect(this._tell, this);
    calls.changed.connect(this._tell, this);
  }

  readonly open: IOpenSession;

  /** Emitted when anything but the round trip has changed. */
  readonly changed = new Signal<this, void>(this);

  get status(): ISessionStatus {
    return this.open.session.status;
  }

  /** Whether it is or has been open. */
  get wasOpen(): boolean {
    return this._wasOpen;
  }

  get roundTripS(): number | null {
    return this.open.session.roundTripS;
  }

  get bars(): readonly IProgressBar[] {
    return this._progress.running;
  }

  get calls(): readonly IRunningCall[] {
    return this.open.calls.long;
  }

  dispose(): void {
    this._heard.dispose();
    this._progress.dispose();
    Signal.clearData(this);
  }

  private _onStatus(): void {
    if (this.status.state === 'open') {
      this._wasOpen = true;
    } else {
      this._progress.clear(); // the end of a loop may be among what we miss
    }
    this._tell();
  }

  private readonly _tell = (): void => {
    this.changed.emit();
  };

  private readonly _progress: ProgressBars;
  private readonly _heard: IDisposable;
  private _wasOpen: boolean;
}

/** Invariant: one watch for each session in the table. */
export class SessionWatches {
  /**
   * @param sessions - The page's table of sessions.
   * @param losses - Told of the status of each.
   */
  constructor(sessions: IWslinkSessions, losses: LossPolicy) {
    this._sessions = sessions;
    this._losses = losses;
    sessions.changed.connect(this._update, this);
    this._update();
  }

  /** Emitted when what `get` returns for some kernel is another, or has changed. */
  readonly changed = new Signal<this, void>(this);

  get(kernelId: string): SessionWatch | null {
    return this._watches.get(kernelId) ?? null;
  }

  private readonly _update = (): void => {
    for (const [kernelId, watch] of [...this._watches]) {
      const open = this._sessions.current(kernelId);
      if (open !== watch.open) {
        watch.dispose();
        this._watches.delete(kernelId);
        this._losses.forget(kernelId);
      }
    }
    for (const kernelId of this._sessions.kernelIds) {
      const open = this._sessions.current(kernelId);
      if (open !== null && !this._watches.has(kernelId)) {
        this._add(kernelId, new SessionWatch(open));
      }
    }
    this.changed.emit();
  };

  private _add(kernelId: string, watch: SessionWatch): void {
    this._watches.set(kernelId, watch);
    const note = (): void => this._losses.note(kernelId, watch.status);
    note();
    watch.changed.connect(() => {
      note();
      this.changed.emit();
    });
  }

  private readonly _sessions: IWslinkSessions;
  private readonly _losses: LossPolicy;
  private readonly _watches = new Map<string, SessionWatch>();
}
