/**
 * Check the shape of msgpack before anything is built from it.
 *
 * The decoder allocates a list of the length that its header claims; five bytes
 * can claim four billion items. Here nothing is allocated: after this check, no
 * container claims more items than bytes are left for them, nothing is nested
 * too deep, strings are UTF-8, and the message ends where its value does.
 */

import { InvalidMessage } from './errors';
import { MAX_DEPTH } from './limits';
import { isUtf8 } from './utf8';

const EXT_TIMESTAMP = -1;
const TIMESTAMP_BYTES: readonly number[] = [4, 8, 12];

/**
 * @throws {InvalidMessage} If `message` is not one well-formed msgpack value
 *   nested at most 100 deep, or has an extension type other than timestamp.
 */
export function checkStructure(message: Uint8Array): void {
  const end = message.byteLength;
  const view = new DataView(message.buffer, message.byteOffset, end);
  /** Values still to come in each open container, outermost first. */
  const open: number[] = [];
  /** The sum of `open`, and of what is to come at the root. */
  let expected = 1;
  let at = 0;

  const need = (bytes: number): void => {
    if (at + bytes > end) {
      throw new InvalidMessage(
        `msgpack: expected ${at + bytes} bytes or more, got ${end}`
      );
    }
  };
  /** Read the unsigned number of `bytes` bytes that follows. */
  const size = (bytes: number): number => {
    need(bytes);
    const value =
      bytes === 1
        ? view.getUint8(at)
        : bytes === 2
          ? view.getUint16(at)
          : view.getUint32(at);
    at += bytes;
    return value;
  };
  const skip = (bytes: number): void => {
    need(bytes);
    at += bytes;
  };
  const text = (bytes: number): void => {
    need(bytes);
    if (!isUtf8(message, at, at + bytes)) {
      throw new InvalidMessage(
        `msgpack: expected UTF-8 in the string at byte ${at}, got other bytes`
      );
    }
    at += bytes;
  };
  const extension = (bytes: number): void => {
    need(1);
    const type = view.getInt8(at);
    if (type !== EXT_TIMESTAMP || !TIMESTAMP_BYTES.includes(bytes)) {
      throw new InvalidMessage(
        'msgpack: expected no extension but timestamps (-1) of 4, 8 or 12 bytes, ' +
          `got type ${type} of ${bytes}`
      );
    }
    skip(1 + bytes);
  };
  const enter = (values: number): void => {
    expected += values;
    if (expected > end - at) {
      throw new InvalidMessage(
        `msgpack: expected ${expected} more values, got ${end - at} bytes for them`
      );
    }
    open.push(values);
    if (open.length > MAX_DEPTH) {
      throw new InvalidMessage(
        `msgpack: expected values nested at most ${MAX_DEPTH} deep, got deeper`
      );
    }
  };

  while (expected > 0) {
    expected--;
    if (open.length) {
      open[open.length - 1]!--;
    }
    need(1);
    const head = message[at++]!;
    if (head < 0x80 || head >= 0xe0) {
      // A small integer: the byte is the value.
    } else if (head < 0x90) {
      enter(2 * (head & 0x0f));
    } else if (head < 0xa0) {
      enter(head & 0x0f);
    } else if (head < 0xc0) {
      text(head & 0x1f);
    } else {
      switch (head) {
        case 0xc0: // nil
        case 0xc2: // false
        case 0xc3: // true
          break;
        case 0xc4: // bin 8
          skip(size(1));
          break;
        case 0xc5: // bin 16
          skip(size(2));
          break;
        case 0xc6: // bin 32
          skip(size(4));
          break;
        case 0xd9: // str 8
          text(size(1));
          break;
        case 0xda: // str 16
          text(size(2));
          break;
        case 0xdb: // str 32
          text(size(4));
          break;
        case 0xc7: // ext 8
          extension(size(1));
          break;
        case 0xcc: // uint 8
        case 0xd0: // int 8
          skip(1);
          break;
        case 0xcd: // uint 16
        case 0xd1: // int 16
          skip(2);
          break;
        case 0xca: // float 32
        case 0xce: // uint 32
        case 0xd2: // int 32
          skip(4);
          break;
        case 0xcb: // float 64
        case 0xcf: // uint 64
        case 0xd3: // int 64
          skip(8);
          break;
        case 0xd4: // fixext 1, 2, 4, 8, 16
        case 0xd5:
        case 0xd6:
        case 0xd7:
        case 0xd8:
          extension(1 << (head - 0xd4));
          break;
        case 0xdc: // array 16
          enter(size(2));
          break;
        case 0xdd: // array 32
          enter(size(4));
          break;
        case 0xde: // map 16
          enter(2 * size(2));
          break;
        case 0xdf: // map 32
          enter(2 * size(4));
          break;
        default: // 0xc1 is unused; ext 16 and 32 hold no timestamp
          throw new InvalidMessage(
            `msgpack: expected a value, got byte 0x${head.toString(16)} at ${at - 1}`
          );
      }
    }
    while (open.length && open[open.length - 1] === 0) {
      open.pop();
    }
  }
  if (at !== end) {
    throw new InvalidMessage(
      `msgpack: expected one value of ${at} bytes, got ${end} bytes`
    );
  }
}
