/** What one connection may cost, in bytes, counts and seconds. */

const KIB = 1024;
const MIB = 1024 * KIB;

/** Bytes of a chunk's header: message id, offset, total. */
export const HEADER_BYTES = 12;

/** Bounds that the receiving side of a connection keeps. */
export interface ILimits {
  /** One reassembled message, bytes. */
  readonly maxMessageBytes: number;
  /** Unfinished messages at a time. */
  readonly maxPendingMessages: number;
  /** Bytes received of all unfinished messages together. */
  readonly maxPendingBytes: number;
  /** Longest pause between two chunks of a message, seconds. */
  readonly pendingTimeoutS: number;
  /**
   * A message may have `ceil(total / minChunkBytes) + 16` chunks, so that tiny
   * chunks cannot cost more than the bytes they carry.
   */
  readonly minChunkBytes: number;
}

/** What a client accepts from a kernel: results may be large. */
export const CLIENT_LIMITS: ILimits = {
  maxMessageBytes: 512 * MIB,
  maxPendingMessages: 16,
  maxPendingBytes: 512 * MIB,
  pendingTimeoutS: 30,
  minChunkBytes: KIB
};

/** Nesting of a message's values, the envelope's own map included. */
export const MAX_DEPTH = 64;

/**
 * Bytes of an outgoing frame, header included, until the hello tells the
 * server's (npm wslink 2.5.0, `session.js:28`).
 */
export const DEFAULT_FRAME_BYTES = 512 * KIB;
