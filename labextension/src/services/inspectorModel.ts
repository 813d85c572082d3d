/**
 * Looks at the kernel of whatever the user looks at, while the inspector is visible.
 */

import { Signal } from '@lumino/signaling';

import { IClock } from '../session/clock';
import { ICallOptions, IDisposable } from '../session/types';
import { IWslinkSessions } from '../tokens';
import { SYSTEM_CLOCK } from '../transport/clock';
import { ICallArguments } from './callArguments';
import { CallLog } from './callLog';
import { Inspection } from './inspection';
import { ICurrentKernel } from './statusModel';

/** Begins to follow the current kernel. */
export type KernelFollower = () => ICurrentKernel & IDisposable;

/** Invariant: while it is not visible, it listens to nothing and holds no session. */
export class InspectorModel {
  /**
   * @param follow - Follows the user from one kernel to another.
   * @param sessions - The page's table of sessions.
   * @param clock - Time; the page's own by default.
   */
  constructor(
    follow: KernelFollower,
    sessions: IWslinkSessions,
    clock: IClock = SYSTEM_CLOCK
  ) {
    this._follow = follow;
    this._sessions = sessions;
    this._clock = clock;
    this.log = new CallLog(clock);
  }

  /** The calls of the page that ended while the inspector was visible. */
  readonly log: CallLog;

  /** Emitted when anything but the log and the round trip to the server has changed. */
  readonly changed = new Signal<this, void>(this);

  /** The name of the document whose kernel it is; '' if there is none. */
  get document(): string {
    return this._current?.document ?? '';
  }

  /** What is seen; null if nothing is looked at. */
  get inspection(): Inspection | null {
    return this._inspection;
  }

  /** Look, or look away. */
  setVisible(isVisible: boolean): void {
    if (isVisible === (this._current !== null)) {
      return;
    }
    if (isVisible) {
      this._current = this._follow();
      this._current.changed.connect(this._update, this);
      this._sessions.changed.connect(this._update, this);
    } else {
      this._sessions.changed.disconnect(this._update, this);
      this._current?.dispose();
      this._current = null;
    }
    this._update();
  }

  /**
   * Call a procedure.
   *
   * It goes on when the inspector is no longer visible.
   */
  async call(
    kernelId: string,
    method: string,
    { args, kwargs }: ICallArguments,
    options: ICallOptions
  ): Promise<unknown> {
    const handle = this._sessions.session(kernelId);
    try {
      return await handle.session.call<unknown>(method, args, kwargs, options);
    } finally {
      handle.dispose();
    }
  }

  private readonly _update = (): void => {
    if (this._isMoving) {
      return; // the table of sessions tells of what we do to it
    }
    const kernelId = this._current?.kernelId ?? null;
    const old = this._inspection;
    if (kernelId !== (old?.kernelId ?? null) || this._isReplaced(old)) {
      this._isMoving = true;
      try {
        old?.dispose();
        this._inspection = kernelId === null ? null : this._look(kernelId);
      } finally {
        this._isMoving = false;
      }
    }
    this.changed.emit(); // or else the document may have another name
  };

  private _look(kernelId: string): Inspection {
    const handle = this._sessions.session(kernelId);
    const inspection = new Inspection(handle, this.log, this._clock);
    inspection.changed.connect(() => this.changed.emit());
    return inspection;
  }

  /** Whether others have a newer session, since what we look at was closed. */
  private _isReplaced(inspection: Inspection | null): boolean {
    if (inspection?.status.state !== 'closed') {
      return false;
    }
    const newest = this._sessions.current(inspection.kernelId);
    return newest !== null && newest.session.status.state !== 'closed';
  }

  private readonly _follow: KernelFollower;
  private readonly _sessions: IWslinkSessions;
  private readonly _clock: IClock;
  private _current: ReturnType<KernelFollower> | null = null;
  private _inspection: Inspection | null = null;
  private _isMoving = false;
}
