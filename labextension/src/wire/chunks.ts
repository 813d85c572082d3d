/** Cut a message into frames. */

import { LocalProtocolError } from './errors';
import { SIZE_END, encodeHeader } from './header';
import { HEADER_BYTES } from './limits';

/**
 * Cut `message` into frames of at most `maxFrameBytes`.
 *
 * @param messageId - uint32, the same in all frames.
 * @param message - At least one byte.
 * @param maxFrameBytes - Header included; 0 makes one frame. At least one byte
 *   of content goes into each (wslink 2.6.0, `chunking.py:48-60`).
 * @returns The frames in order, each with a copy of its content.
 * @throws {LocalProtocolError} If the message is empty or 4 GiB and more, which
 *   no header can tell.
 */
export function* splitMessage(
  messageId: number,
  message: Uint8Array,
  maxFrameBytes: number
): Generator<Uint8Array<ArrayBuffer>, void> {
  const total = message.byteLength;
  if (total === 0 || total >= SIZE_END) {
    throw new LocalProtocolError(
      `message: expected 1 to ${SIZE_END - 1} bytes, got ${total}`
    );
  }
  const step =
    maxFrameBytes === 0 ? total : Math.max(maxFrameBytes - HEADER_BYTES, 1);
  for (let offset = 0; offset < total; offset += step) {
    const content = message.subarray(offset, offset + step);
    const frame = new Uint8Array(HEADER_BYTES + content.byteLength);
    encodeHeader({ messageId, offset, total }, frame);
    frame.set(content, HEADER_BYTES);
    yield frame;
  }
}
