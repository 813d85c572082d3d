/**
 * One look at one kernel: it lasts while somebody looks.
 */

import { Signal } from '@lumino/signaling';

import { IClock } from '../session/clock';
import { IDisposable, ISessionStatus } from '../session/types';
import { ISessionHandle } from '../tokens';
import { CallLog, faultText } from './callLog';
import {
  IProcedure,
  ISessionReport,
  ITopic,
  PROCEDURES_METHOD,
  readProcedures,
  readSessions,
  readTopics,
  SESSIONS_METHOD,
  TOPICS_TOPIC
} from './inspectReports';

/** Where the kernel tells that procedures were bound or removed. */
export const API_CHANGED_TOPIC = 'jupyter.api.changed';

/** Every answer costs the kernel's clients a ping. */
const SESSIONS_INTERVAL_MS = 2000;

/** Asks the kernel, and listens; the kernel tells no one without being asked. */
export class Inspection implements IDisposable {
  /**
   * @param handle - A share in the session; it is ours from now on.
   * @param log - Where the calls go that the page makes meanwhile.
   * @param clock - Time.
   */
  constructor(handle: ISessionHandle, log: CallLog, clock: IClock) {
    this._handle = handle;
    this._clock = clock;
    const { session } = handle;
    this._wasOpen = session.status.state === 'open';
    this._held = [
      log.follow(handle.kernelId, session),
      session.onStatus(() => this._onStatus()),
      session.subscribe(TOPICS_TOPIC, value => {
        this._topics = readTopics(value);
        this.changed.emit();
      }),
      session.subscribe(API_CHANGED_TOPIC, () => void this._askProcedures())
    ];
    if (this._wasOpen) {
      this._ask();
    }
  }

  /** Emitted when anything but the round trip to the server has changed. */
  readonly changed = new Signal<this, void>(this);

  get kernelId(): string {
    return this._handle.kernelId;
  }

  get status(): ISessionStatus {
    return this._handle.session.status;
  }

  /** Whether the session is or has been open. */
  get wasOpen(): boolean {
    return this._wasOpen;
  }

  /** Seconds to the server and back. */
  get serverRoundTripS(): number | null {
    return this._handle.session.roundTripS;
  }

  /** Seconds to the kernel and back. */
  get kernelRoundTripS(): number | null {
    return this._sessions.find(({ isOwn }) => isOwn)?.roundTripS ?? null;
  }

  /** What can be called; null before the kernel has said so. */
  get procedures(): readonly IProcedure[] | null {
    return this._procedures;
  }

  get topics(): readonly ITopic[] {
    return this._topics;
  }

  /** Who is connected, this page first. */
  get sessions(): readonly ISessionReport[] {
    return this._sessions;
  }

  /** Why the kernel does not answer, in a line; '' if it does. */
  get fault(): string {
    return this._fault;
  }

  dispose(): void {
    if (this._isOver) {
      return;
    }
    this._isOver = true;
    this._clock.clearTimeout(this._timer);
    this._held.forEach(held => held.dispose());
    this._handle.dispose();
    Signal.clearData(this);
  }

  private _onStatus(): void {
    if (this.status.state === 'open') {
      this._wasOpen = true;
      this._ask();
    } else {
      this._clock.clearTimeout(this._timer);
      this._topics = [];
      this._sessions = [];
    }
    this.changed.emit();
  }

  /** Ask for everything that has to be asked for, now and then again. */
  private _ask(): void {
    this._clock.clearTimeout(this._timer);
    void this._askProcedures();
    void this._askSessions();
  }

  private async _askProcedures(): Promise<void> {
    const answer = await this._call(PROCEDURES_METHOD);
    if (answer !== undefined) {
      this._procedures = readProcedures(answer);
      this.changed.emit();
    }
  }

  private async _askSessions(): Promise<void> {
    const answer = await this._call(SESSIONS_METHOD);
    if (answer === undefined) {
      return;
    }
    this._sessions = readSessions(answer);
    this.changed.emit();
    this._clock.clearTimeout(this._timer);
    this._timer = this._clock.setTimeout(
      () => void this._askSessions(),
      SESSIONS_INTERVAL_MS
    );
  }

  /** Return an answer; undefined if there is none, or nobody looks any more. */
  private async _call(method: string): Promise<unknown> {
    const { session } = this._handle;
    if (session.status.state !== 'open') {
      return undefined; // it would wait, and another will be asked then
    }
    try {
      const answer: unknown = await session.call(method);
      this._fault = '';
      return this._isOver ? undefined : answer;
    } catch (error) {
      // A lost connection is told by the status.
      if (!this._isOver && session.status.state === 'open') {
        this._fault = faultText(error);
        this.changed.emit();
      }
      return undefined;
    }
  }

  private readonly _handle: ISessionHandle;
  private readonly _clock: IClock;
  private readonly _held: readonly IDisposable[];
  private _procedures: readonly IProcedure[] | null = null;
  private _topics: readonly ITopic[] = [];
  private _sessions: readonly ISessionReport[] = [];
  private _fault = '';
  private _wasOpen: boolean;
  private _isOver = false;
  private _timer: unknown;
}
