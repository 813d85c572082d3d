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
   * A message may have 16 chunks more than `received / minChunkBytes`, so that tiny
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

/** Nesting of a message's values, the envelope's own map included: what npm wslink sends. */
export const MAX_DEPTH = 100;

/** Axes of an array: more than numpy has. */
export const MAX_DIMENSIONS = 64;

/** Values in the lists and maps of an outgoing message, each of these included. */
export const MAX_SENT_VALUES = 1_000_000;

/**
 * Bytes of an outgoing message: the 64 MiB that a kernel takes, less room for
 * the id, which is known only when the message is sent.
 */
export const MAX_SENT_BYTES = 64 * MIB - KIB;

/**
 * Bytes of an outgoing frame, header included, or less if the server's hello
 * says so.
 *
 * Small enough for what is urgent to pass a large message soon, and for a slow line
 * to bring one long before the peer gives the message up (after 120 s without a frame).
 */
export const CHUNK_FRAME_BYTES = 256 * KIB;

/** ... and on a fast line, as each frame costs the server and the kernel time. */
export const MAX_CHUNK_FRAME_BYTES = 2 * MIB;
