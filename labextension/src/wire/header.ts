/**
 * The 12-byte header of a chunk.
 *
 * Three little-endian uint32: message id, offset of the content in the message,
 * total size of the message (wslink 2.6.0, `chunking.py:8-24`).
 */

import { InvalidChunk } from './errors';
import { HEADER_BYTES } from './limits';

/** First size that the header cannot claim: 4 GiB. */
export const SIZE_END = 2 ** 32;

/** Where a chunk's content belongs. */
export type ChunkHeader = Readonly<{
  /** uint32; unique among the unfinished messages of one direction. */
  messageId: number;
  /** Byte of the message where the content starts. */
  offset: number;
  /** Bytes of the whole message. */
  total: number;
}>;

/** Write `header` to the first 12 bytes of `frame`. */
export function encodeHeader(header: ChunkHeader, frame: Uint8Array): void {
  const view = new DataView(frame.buffer, frame.byteOffset, HEADER_BYTES);
  view.setUint32(0, header.messageId, true);
  view.setUint32(4, header.offset, true);
  view.setUint32(8, header.total, true);
}

/**
 * Read the header of `frame`.
 *
 * @throws {InvalidChunk} If the frame is shorter than 12 bytes.
 */
export function decodeHeader(frame: Uint8Array): ChunkHeader {
  if (frame.byteLength < HEADER_BYTES) {
    throw new InvalidChunk(
      `frame: expected at least ${HEADER_BYTES} bytes, got ${frame.byteLength}`
    );
  }
  const view = new DataView(frame.buffer, frame.byteOffset, HEADER_BYTES);
  return {
    messageId: view.getUint32(0, true),
    offset: view.getUint32(4, true),
    total: view.getUint32(8, true)
  };
}
