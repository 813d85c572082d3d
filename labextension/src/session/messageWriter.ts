/** Frames on their way out: what must not wait passes long messages. */

import { CHUNK_FRAME_BYTES, MAX_CHUNK_FRAME_BYTES } from '../wire/limits';
import type { IClock } from './clock';
import type { IFramePipe } from './conversation';

/** Those of one message, made when they are needed. */
type Frames = Generator<Uint8Array<ArrayBuffer>, void>;

const KIB = 1024;

/** Frames that what the browser may hold should be made of. */
const HELD_FRAMES = 8;
/** What the browser may hold, of a line that takes little. */
const LEAST_HELD_BYTES = 256 * KIB;
/** ... and of one that takes it faster than timers fire. */
const MOST_HELD_BYTES = 16 * 1024 * KIB;
/** Milliseconds until it is looked again. */
const PAUSE_MS = 5;

/**
 * Hands the frames of one connection to the browser, a little at a time.
 *
 * It never takes back what it has been given: on a slow line, an upload that it
 * held whole would be in the way of all that follows.
 */
export class MessageWriter {
  private readonly waiting: Frames[] = [];
  private mostHeldBytes = LEAST_HELD_BYTES;
  private timer: unknown = null;

  constructor(
    private readonly pipe: IFramePipe,
    private readonly clock: IClock
  ) {}

  /** How large a frame should be on this line. */
  get frameBytes(): number {
    return Math.min(
      Math.max(this.mostHeldBytes / HELD_FRAMES, CHUNK_FRAME_BYTES),
      MAX_CHUNK_FRAME_BYTES
    );
  }

  /** Send the frames of a message, behind the messages before it. */
  write(frames: Frames): void {
    this.waiting.push(frames);
    if (this.timer === null) {
      this.handOver();
    }
  }

  /** Send the frames of a message that passes all others. */
  writeUrgent(frames: Frames): void {
    for (const frame of frames) {
      this.pipe.send(frame);
    }
  }

  /** Send nothing more. */
  end(): void {
    this.waiting.length = 0;
    this.clock.clearTimeout(this.timer);
    this.timer = null;
  }

  private handOver(): void {
    let frames = this.waiting[0];
    while (frames) {
      if (this.isFull()) {
        this.timer = this.clock.setTimeout(() => this.goOn(), PAUSE_MS);
        return;
      }
      const { done, value } = frames.next();
      if (done) {
        this.waiting.shift();
      } else {
        this.pipe.send(value);
      }
      frames = this.waiting[0];
    }
  }

  private goOn(): void {
    this.timer = null;
    // A line that was idle meanwhile takes more; one that is still busy, less.
    const factor = this.pipe.bufferedBytes() === 0 ? 2 : 0.5;
    this.mostHeldBytes = Math.min(
      Math.max(this.mostHeldBytes * factor, LEAST_HELD_BYTES),
      MOST_HELD_BYTES
    );
    this.handOver();
  }

  private isFull(): boolean {
    // Late timers would hold the upload up.
    return (
      this.pipe.bufferedBytes() >= this.mostHeldBytes && !this.clock.isLate()
    );
  }
}
