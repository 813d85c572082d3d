/**
 * The conversation with the kernel about one picture. No DOM.
 */

import { ISession, ISessionStatus } from '../session/types';
import { addEvent, IPictureEvent } from './pictureEvents';

/** The topic of frames, and of errors: of all pictures of this page. */
export const FRAME_TOPIC = 'jupyter.pictures.frame';
const PROCEDURES = 'jupyter.pictures';

/** One frame to be drawn. */
export interface IPictureFrame {
  readonly number: number;
  readonly width: number;
  readonly height: number;
  readonly format: 'jpeg' | 'png';
  readonly data: Uint8Array<ArrayBuffer>;
}

/** The place of the picture, as the kernel has to know it. */
export interface IPicturePlace {
  /** In CSS pixels. */
  readonly width: number;
  readonly height: number;
  readonly pixelRatio: number;
  readonly isVisible: boolean;
}

/** The kernel could not draw, and says why. */
export class PictureError extends Error {
  override readonly name = 'PictureError';
}

export interface IPictureStreamOptions {
  /** The name of the view. */
  readonly name: string;
  /** Its calls and subscriptions end with the view. */
  readonly session: ISession;
  /** Says good-bye when the view has ended. */
  readonly pageSession: ISession;
  readonly signal: AbortSignal;
  readonly draw: (frame: IPictureFrame) => Promise<void>;
}

/**
 * Asks for frames, again whenever the connection comes back, and acknowledges
 * each when it's drawn.
 */
export class PictureStream {
  constructor(options: IPictureStreamOptions, place: IPicturePlace) {
    this._options = options;
    this._place = place;
    const { session, signal } = options;
    session.subscribe(FRAME_TOPIC, value => this._onFrame(value));
    session.onStatus(status => this._onStatus(status));
    this._onStatus(session.status);
    signal.addEventListener('abort', () => this._leave());
  }

  /** Tell the kernel where the picture is shown, if that has changed. */
  setPlace(place: IPicturePlace): void {
    const { width, height, pixelRatio, isVisible } = this._place;
    this._place = place;
    if (
      place.width !== width ||
      place.height !== height ||
      place.pixelRatio !== pixelRatio
    ) {
      void this._ask('resize', place.width, place.height, place.pixelRatio);
    }
    if (place.isVisible !== isVisible) {
      void this._ask('visible', place.isVisible);
    }
  }

  /** Note what the user did; `flush` tells it. */
  addEvent(event: IPictureEvent): void {
    addEvent(this._events, event);
  }

  /** Send the events that wait, in one call. */
  flush(): void {
    const events = this._events.splice(0);
    if (events.length > 0) {
      void this._ask('event', events);
    }
  }

  private _onStatus(status: ISessionStatus): void {
    const isOpen = status.state === 'open';
    if (isOpen && !this._isOpen) {
      void this._open();
    } else if (!isOpen) {
      this._stream = null; // the kernel forgets it with the connection
    }
    this._isOpen = isOpen;
  }

  private async _open(): Promise<void> {
    const asked = this._place;
    const { width, height, pixelRatio, isVisible } = asked;
    const args = [this._options.name, width, height, pixelRatio, isVisible];
    const answer = await this._call('open', args);
    if (answer === undefined) {
      return;
    }
    this._stream = (answer as { stream: number }).stream;
    if (this._options.signal.aborted) {
      this._leave();
      return;
    }
    const now = this._place;
    this._place = asked;
    this.setPlace(now); // it may have changed meanwhile
  }

  private async _ask(what: string, ...args: unknown[]): Promise<void> {
    if (this._stream !== null) {
      await this._call(what, [this._stream, ...args]);
    }
  }

  private async _call(what: string, args: unknown[]): Promise<unknown> {
    const { session, signal } = this._options;
    try {
      return await session.call(`${PROCEDURES}.${what}`, args);
    } catch (error) {
      // When the connection is back, all is asked for again.
      if (signal.aborted || session.status.state !== 'open') {
        return undefined;
      }
      throw error;
    }
  }

  private async _onFrame(value: unknown): Promise<void> {
    const frame = value as IPictureFrame & { stream: number; error?: string };
    if (frame.stream !== this._stream) {
      return; // another picture's, or from before the connection was lost
    }
    if (frame.error !== undefined) {
      throw new PictureError(frame.error);
    }
    // In order, whatever takes how long to decode.
    const drawn = this._drawn.then(() => this._options.draw(frame));
    this._drawn = drawn.catch(() => undefined);
    try {
      await drawn;
    } finally {
      void this._ask('ack', frame.number);
    }
  }

  private _leave(): void {
    const { pageSession } = this._options;
    if (this._stream !== null && pageSession.status.state === 'open') {
      const call = pageSession.call(`${PROCEDURES}.close`, [this._stream]);
      call.catch(() => undefined); // it ends with the connection, too
    }
    this._stream = null;
  }

  private readonly _options: IPictureStreamOptions;
  private _place: IPicturePlace;
  private readonly _events: IPictureEvent[] = [];
  private _stream: number | null = null;
  private _isOpen = false;
  private _drawn: Promise<void> = Promise.resolve();
}
