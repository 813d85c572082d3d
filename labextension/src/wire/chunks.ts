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
 *   of content goes into each (wslink 2.6.0, `chunking.py:48-60`). A function is
 *   asked before each.
 * @returns The frames in order, each with a copy of its content.
 * @throws {LocalProtocolError} If the message is empty or 4 GiB and more, which
 *   no header can tell.
 */
export function* splitMessage(
  messageId: number,
  message: Uint8Array,
  maxFrameBytes: number | (() => number)
): Generator<Uint8Array<ArrayBuffer>, void> {
  const total = message.byteLength;
  if (total === 0 || total >= SIZE_END) {
    throw new LocalProtocolError(
      `message: expected 1 to ${SIZE_END - 1} bytes, got ${total}`
    );
  }
  for (let offset = 0, step = 0; offset < total; offset += step) {
    const frameBytes =
      typeof maxFrameBytes === 'function' ? maxFrameBytes() : maxFrameBytes;
    step = frameBytes === 0 ? total : Math.max(frameBytes - HEADER_BYTES, 1);
    const content = message.subarray(offset, offset + step);
    const frame = new Uint8Array(HEADER_BYTES + content.byteLength);
    encodeHeader({ messageId, offset, total }, frame);
    frame.set(content, HEADER_BYTES);
    yield frame;
  }
}
