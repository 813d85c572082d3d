/** How much of what the server sent over one connection is here, told back to it. */

import type { IClock } from './clock';

const KIB = 1024;

/** So much is told of, though not oftener than every `PAUSE_MS`. */
const RECEIPT_BYTES = 32 * KIB;
/** So much is told of without a pause: on a fast line, the server waits to send more. */
const AT_ONCE_BYTES = 4 * 1024 * KIB;
/** Milliseconds between two receipts. */
const PAUSE_MS = 5;

/**
 * Counts what arrives, and tells of it while much arrives.
 *
 * A server that knows leaves little on the way, in the buffers of proxies, where
 * what is urgent would have to wait behind it. A receipt goes out with the frame
 * that makes it due wherever that may be, and where timers are late, always: the
 * server may be waiting for it.
 */
export class Receipts {
  private receivedBytes = 0;
  private toldBytes = 0;
  private toldS = -Infinity;
  private timer: unknown = null;
  private isWanted = false;

  /**
   * @param clock - Time.
   * @param send - Sends one receipt: the bytes that came since the connection opened.
   */
  constructor(
    private readonly clock: IClock,
    private readonly send: (bytes: number) => void
  ) {}

  /** Tell from now on; what came before is counted, too. */
  start(): void {
    this.isWanted = true;
  }

  /** Tell no more. */
  end(): void {
    this.isWanted = false;
    this.clock.clearTimeout(this.timer);
  }

  /** Note that a frame of `bytes` came. */
  received(bytes: number): void {
    this.receivedBytes += bytes;
    const untoldBytes = this.receivedBytes - this.toldBytes;
    if (!this.isWanted || untoldBytes < RECEIPT_BYTES) {
      return;
    }
    const pausedMs = (this.clock.now() - this.toldS) * 1000;
    if (
      untoldBytes >= AT_ONCE_BYTES ||
      pausedMs >= PAUSE_MS ||
      this.clock.isLate()
    ) {
      this.tell();
    } else {
      this.timer ??= this.clock.setTimeout(() => this.tell(), PAUSE_MS);
    }
  }

  private tell(): void {
    this.clock.clearTimeout(this.timer);
    this.timer = null;
    this.toldBytes = this.receivedBytes;
    this.toldS = this.clock.now();
    this.send(this.receivedBytes);
  }
}
