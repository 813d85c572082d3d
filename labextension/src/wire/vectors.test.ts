// @vitest-environment node
import { describe, expect, test } from 'vitest';

import type { IRejectedVector, IVector } from '../testing/vectorFiles';
import {
  fromHex,
  isBeyondJavaScript,
  readVectors,
  toHex,
  untag
} from '../testing/vectorFiles';
import { splitMessage } from './chunks';
import { pack, unpack } from './codec';
import { dumpReply, dumpRequest, parseReply, parseRequest } from './envelopes';
import type { ILimits } from './limits';
import { CLIENT_LIMITS } from './limits';
import { Reassembler } from './reassembly';

const CLIENT_TO_SERVER = readVectors<IVector>('client_to_server.json');
const SERVER_TO_CLIENT = readVectors<IVector>('server_to_client.json');
const REJECTED = readVectors<IRejectedVector>('rejected.json');

function reassemble(frames: string[], limits = CLIENT_LIMITS): Uint8Array {
  const reassembler = new Reassembler(limits);
  let message: Uint8Array | null = null;
  for (const frame of frames) {
    expect(message).toBeNull();
    message = reassembler.feed(fromHex(frame), 0);
  }
  expect(reassembler.pendingMessages).toBe(0);
  return message!;
}

function cut(vector: IVector, message: Uint8Array): string[] {
  const { message_id: id, max_frame_bytes: most } = vector;
  return [...splitMessage(id, message, most)].map(toHex);
}

describe('client to server', () => {
  test.each(CLIENT_TO_SERVER)('$name', vector => {
    const message = reassemble(vector.frames);
    const expected = untag(vector.message);
    expect(unpack(message)).toEqual(expected);
    const request = parseRequest(unpack(message));
    expect(dumpRequest(request)).toEqual(expected);
    expect(cut(vector, message)).toEqual(vector.frames);
    expect(cut(vector, pack(dumpRequest(request)))).toEqual(vector.frames);
  });
});

describe('server to client', () => {
  test.each(SERVER_TO_CLIENT)('$name', vector => {
    const message = reassemble(vector.frames);
    const expected = untag(vector.message);
    expect(unpack(message)).toEqual(expected);
    const reply = parseReply(unpack(message));
    expect(dumpReply(reply)).toEqual(expected);
    expect(cut(vector, message)).toEqual(vector.frames);
    if (!isBeyondJavaScript(vector.message)) {
      expect(cut(vector, pack(dumpReply(reply)))).toEqual(vector.frames);
    }
  });
});

describe('rejected', () => {
  const NAMES: Record<string, keyof ILimits> = {
    max_message_bytes: 'maxMessageBytes',
    max_pending_messages: 'maxPendingMessages',
    max_pending_bytes: 'maxPendingBytes',
    min_chunk_bytes: 'minChunkBytes'
  };

  test.each(REJECTED)('$name', ({ frames, limits, error, path }) => {
    const own = Object.fromEntries(
      Object.entries(limits).map(([name, value]) => [NAMES[name], value])
    );
    expect(own).not.toHaveProperty('undefined');
    const reassembler = new Reassembler({ ...CLIENT_LIMITS, ...own });
    const work = (): void => {
      for (const frame of frames) {
        const message = reassembler.feed(fromHex(frame), 0);
        if (message) {
          parseRequest(unpack(message));
        }
      }
    };
    expect(work).toThrow(
      expect.objectContaining(
        path === undefined ? { name: error } : { name: error, path }
      )
    );
    expect(reassembler.pendingBytes).toBe(
      error === 'TooManyPending' ? (limits.max_pending_messages ?? 16) : 0
    );
  });
});
