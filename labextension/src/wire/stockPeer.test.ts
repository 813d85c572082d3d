// @vitest-environment node
// The chunking of npm wslink itself as the other side.
import { Decoder } from '@msgpack/msgpack';
import { expect, test } from 'vitest';
import {
  UnChunker,
  generateChunks
} from 'wslink/src/WebsocketConnection/chunking';

import { splitMessage } from './chunks';
import { pack, unpack } from './codec';
import { CLIENT_LIMITS } from './limits';
import { Reassembler } from './reassembly';

const VALUE = {
  wslink: '1.0',
  id: 'rpc:c1:0',
  result: { data: new Uint8Array(5000).fill(7), text: 'é'.repeat(300) }
};
const SIZES = [0, 24, 512, 4096, 524288];

test.each(SIZES)('stock cuts at %i bytes, we join', size => {
  const reassembler = new Reassembler({ ...CLIENT_LIMITS, minChunkBytes: 1 });
  const frames = [...generateChunks(pack(VALUE), size)];
  const messages = frames
    .reverse()
    .map(frame => reassembler.feed(frame, 0))
    .filter(message => message !== null);
  expect(messages).toHaveLength(1);
  expect(unpack(messages[0])).toEqual(VALUE);
});

test.each(SIZES)('we cut at %i bytes, stock joins', async size => {
  const unchunker = new UnChunker();
  const got: unknown[] = [];
  for (const frame of splitMessage(99, pack(VALUE), size)) {
    got.push(
      await unchunker.processChunk(new Blob([frame]), () => new Decoder())
    );
  }
  expect(got.pop()).toEqual(VALUE);
  expect(got.every(each => each === undefined)).toBe(true);
});
