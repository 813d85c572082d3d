/** Whether the server is still there, as seen by pings of our own. */

import type { IClock } from '../session/clock';

/** Seconds between pings. */
const INTERVAL_S = 20;
/** Seconds without any data after which the connection counts as lost. */
const SILENCE_S = 40;
/** Seconds to answer a probe. */
const PROBE_S = 3;
/** Seconds a timer may be late, by either clock, before we believe that the page slept. */
const LATE_S = 3;

/** What a heartbeat works on. */
export interface IHeartbeatOptions {
  readonly clock: IClock;
  /** Send a ping with this number. */
  readonly ping: (id: number) => void;
  /** Return the bytes that were ever sent. */
  readonly sentBytes: () => number;
  /** Return those of them that have not left the page. */
  readonly bufferedBytes: () => number;
  /** Told of the seconds that a ping took. */
  readonly onRoundTrip: (roundTripS: number) => void;
  /** Told once that the server is silent. */
  readonly onLost: () => void;
}

/** Pings every 20 s; any data counts as life. */
export class Heartbeat {
  private heardS: number;
  private lastBuffered = 0;
  private lastLeft = 0;
  private pingId = 0;
  private pingedS: number | null = null;
  private dueS = 0;
  private dueWallS = 0;
  private timer: unknown = null;
  private probeTimer: unknown = null;
  private stopped = false;

  constructor(private readonly options: IHeartbeatOptions) {
    this.heardS = options.clock.now();
  }

  start(): void {
    this.sendPing();
    this.schedule(INTERVAL_S);
  }

  stop(): void {
    this.stopped = true;
    this.options.clock.clearTimeout(this.timer);
    this.endProbe();
  }

  /** Data came. */
  heard(): void {
    this.heardS = this.options.clock.now();
    this.endProbe();
  }

  /** The pong of ping `id` came. */
  pong(id: number): void {
    if (id === this.pingId && this.pingedS !== null) {
      this.options.onRoundTrip(this.options.clock.now() - this.pingedS);
      this.pingedS = null;
    }
  }

  /** Find out within 3 s, as after the page slept or the network came back. */
  probe(): void {
    if (this.stopped || this.probeTimer !== null) {
      return;
    }
    this.noteProgress();
    this.sendPing();
    this.probeTimer = this.options.clock.setTimeout(() => {
      this.probeTimer = null;
      const uploads = this.noteProgress();
      if (!uploads) {
        this.lose();
      }
    }, PROBE_S * 1000);
  }

  private tick(): void {
    const { clock } = this.options;
    const nowS = clock.now();
    this.noteProgress();
    // The monotonic clock stands during sleep on some systems, the wall never.
    const lateS = Math.max(nowS - this.dueS, clock.wallS() - this.dueWallS);
    if (lateS > LATE_S) {
      // The page slept: what came meanwhile may not have been handed over yet.
      this.probe();
      this.schedule(INTERVAL_S);
      return;
    }
    const silenceS = nowS - this.heardS;
    if (silenceS >= SILENCE_S) {
      this.lose();
      return;
    }
    this.sendPing();
    this.schedule(Math.min(INTERVAL_S, SILENCE_S - silenceS));
  }

  /**
   * A ping waits behind an upload: as long as that leaves, the line lives.
   *
   * What is buffered may grow all the while, so what has left counts; but only
   * where something had to wait, since a dead line swallows small messages.
   */
  private noteProgress(): boolean {
    const buffered = this.options.bufferedBytes();
    const left = this.options.sentBytes() - buffered;
    const progressed = this.lastBuffered > 0 && left > this.lastLeft;
    this.lastBuffered = buffered;
    this.lastLeft = left;
    if (progressed) {
      this.heardS = this.options.clock.now();
    }
    return progressed;
  }

  private sendPing(): void {
    this.pingId++;
    this.pingedS = this.options.clock.now();
    this.options.ping(this.pingId);
  }

  private schedule(delayS: number): void {
    const { clock } = this.options;
    this.dueS = clock.now() + delayS;
    this.dueWallS = clock.wallS() + delayS;
    this.timer = clock.setTimeout(() => this.tick(), delayS * 1000);
  }

  private endProbe(): void {
    this.options.clock.clearTimeout(this.probeTimer);
    this.probeTimer = null;
  }

  private lose(): void {
    if (!this.stopped) {
      this.stop();
      this.options.onLost();
    }
  }
}
