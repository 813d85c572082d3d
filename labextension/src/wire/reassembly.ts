/**
 * Join chunks to messages, within bounds.
 *
 * Stock wslink allocates what a header claims and counts bytes instead of
 * placing them (npm wslink 2.5.0, `chunking.js:75-98`). Here memory follows the
 * bytes received: the content of every chunk is kept as it came and joined once,
 * when the intervals cover the message. Overlap is refused, so a hole can never
 * be counted away.
 */

import {
  InvalidChunk,
  MessageStalled,
  MessageTooBig,
  TooManyPending
} from './errors';
import type { ChunkHeader } from './header';
import { decodeHeader } from './header';
import type { ILimits } from './limits';
import { HEADER_BYTES } from './limits';

/** Chunks that a message may have beyond those its size explains. */
const SPARE_CHUNKS = 16;

type Placed = Readonly<{ offset: number; content: Uint8Array }>;

/** The chunks of one unfinished message, sorted by offset. */
class Pending {
  readonly chunks: Placed[] = [];
  received = 0;
  lastS = 0;

  constructor(readonly total: number) {}

  /** Keep `content` at `offset`; return false if it overlaps another. */
  place(offset: number, content: Uint8Array): boolean {
    const at = this.firstFrom(offset);
    const next = this.chunks[at];
    const previous = this.chunks[at - 1];
    if (next && offset + content.byteLength > next.offset) {
      return false;
    }
    if (previous && previous.offset + previous.content.byteLength > offset) {
      return false;
    }
    this.chunks.splice(at, 0, { offset, content });
    this.received += content.byteLength;
    return true;
  }

  join(): Uint8Array {
    const message = new Uint8Array(this.total);
    for (const { offset, content } of this.chunks) {
      message.set(content, offset);
    }
    return message;
  }

  /** Index of the first chunk at or behind `offset`. */
  private firstFrom(offset: number): number {
    let low = 0;
    let high = this.chunks.length;
    // Chunks nearly always come in order: look at the end first.
    const last = this.chunks[high - 1];
    if (!last || last.offset < offset) {
      return high;
    }
    while (low < high) {
      const middle = (low + high) >>> 1;
      const chunk = this.chunks[middle];
      if (chunk && chunk.offset < offset) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }
}

/** The unfinished messages of one direction of one connection. */
export class Reassembler {
  private readonly pending = new Map<number, Pending>();
  private heldBytes = 0;

  constructor(private readonly limits: ILimits) {}

  /** Content bytes held for unfinished messages. */
  get pendingBytes(): number {
    return this.heldBytes;
  }

  /** Unfinished messages. */
  get pendingMessages(): number {
    return this.pending.size;
  }

  /**
   * Take one frame; return the message that it completes, if any.
   *
   * On every error the message concerned is forgotten and nothing else changes.
   *
   * @param frame - Must not change afterwards: its content is kept, not copied.
   * @param nowS - Monotonic time, seconds.
   * @returns The message (a view of `frame` when one chunk is all of it), or null.
   * @throws {InvalidChunk} If the header is short, the content empty, the place
   *   outside the message or taken, the total 0 or changed, the chunks too many.
   * @throws {MessageTooBig} If the claimed total, or the bytes held, exceed their limit.
   * @throws {TooManyPending} If one more message would be unfinished than allowed.
   */
  feed(frame: Uint8Array, nowS: number): Uint8Array | null {
    const header = decodeHeader(frame);
    const content = frame.subarray(HEADER_BYTES);
    try {
      this.check(header, content.byteLength);
      if (content.byteLength === header.total) {
        return content;
      }
      return this.keep(header, content, nowS);
    } catch (error) {
      this.forget(header.messageId);
      throw error;
    }
  }

  /**
   * Forget a message that got no chunk for `pendingTimeoutS`.
   *
   * @throws {MessageStalled} If there was one; call again for the next.
   */
  expire(nowS: number): void {
    const timeoutS = this.limits.pendingTimeoutS;
    for (const [messageId, pending] of this.pending) {
      const idleS = nowS - pending.lastS;
      if (idleS >= timeoutS) {
        this.forget(messageId);
        throw new MessageStalled(messageId, idleS, timeoutS);
      }
    }
  }

  private check(header: ChunkHeader, size: number): void {
    const { messageId, offset, total } = header;
    const { maxMessageBytes, maxPendingMessages } = this.limits;
    const place = `chunk of message ${messageId}`;
    if (total === 0) {
      throw new InvalidChunk(
        `${place}: expected a total of at least 1 byte, got 0`
      );
    }
    if (total > maxMessageBytes) {
      throw new MessageTooBig(total, maxMessageBytes, `message ${messageId}`);
    }
    if (size === 0) {
      throw new InvalidChunk(`${place}: expected content, got none`);
    }
    if (offset + size > total) {
      throw new InvalidChunk(
        `${place}: ends at byte ${offset + size}, expected at most ${total}`
      );
    }
    const pending = this.pending.get(messageId);
    if (!pending) {
      if (size < total && this.pending.size >= maxPendingMessages) {
        throw new TooManyPending(this.pending.size + 1, maxPendingMessages);
      }
    } else if (pending.total !== total) {
      throw new InvalidChunk(
        `${place}: expected a total of ${pending.total}, got ${total}`
      );
    } else if (size === total) {
      throw new InvalidChunk(
        `${place}: bytes ${offset} to ${offset + size} came twice`
      );
    }
  }

  private keep(
    { messageId, offset, total }: ChunkHeader,
    content: Uint8Array,
    nowS: number
  ): Uint8Array | null {
    const { maxPendingBytes, minChunkBytes } = this.limits;
    const held = this.heldBytes + content.byteLength;
    if (held > maxPendingBytes) {
      throw new MessageTooBig(held, maxPendingBytes, 'all unfinished messages');
    }
    let pending = this.pending.get(messageId);
    if (!pending) {
      pending = new Pending(total);
      this.pending.set(messageId, pending);
    }
    if (!pending.place(offset, content)) {
      throw new InvalidChunk(
        `chunk of message ${messageId}: bytes ${offset} to ` +
          `${offset + content.byteLength} came twice in part or whole`
      );
    }
    this.heldBytes = held;
    pending.lastS = nowS;
    if (pending.received === total) {
      this.forget(messageId);
      return pending.join();
    }
    const most = Math.floor(pending.received / minChunkBytes) + SPARE_CHUNKS;
    if (pending.chunks.length > most) {
      throw new InvalidChunk(
        `message ${messageId}: expected at most ${most} chunks for ` +
          `${pending.received} bytes, got ${pending.chunks.length}`
      );
    }
    return null;
  }

  private forget(messageId: number): void {
    this.heldBytes -= this.pending.get(messageId)?.received ?? 0;
    this.pending.delete(messageId);
  }
}
