/**
 * What is said over one connection: frames in and out as typed messages.
 *
 * Lives as long as its connection, so nothing of it survives into the next.
 */

import { splitMessage } from '../wire/chunks';
import { joinMessages, pack, peekId, unpack } from '../wire/codec';
import type { HelloResult, Reply, Request } from '../wire/envelopes';
import {
  CANCEL_METHOD,
  dumpCallHead,
  dumpRequest,
  parseReply
} from '../wire/envelopes';
import { InvalidEnvelope, InvalidMessage } from '../wire/errors';
import { HELLO_ID, rpcId, systemId } from '../wire/ids';
import type { ILimits } from '../wire/limits';
import { DEFAULT_FRAME_BYTES } from '../wire/limits';
import { Reassembler } from '../wire/reassembly';
import { CLIENT_NAME, PROTOCOL, VERSION } from '../wire/version';

/** An open connection, as a session sees it. */
export interface IFramePipe {
  /** Send one frame, behind those sent before. */
  send(frame: Uint8Array<ArrayBuffer>): void;
  /** End the connection. */
  close(code: number, reason: string): void;
}

/** A message whose frames were sound and whose content was not. */
export type Unreadable = Readonly<{
  type: 'unreadable';
  /** The id if it could be read. */
  id: string | null;
  error: InvalidMessage | InvalidEnvelope;
}>;

/** One connection of a session. */
export class Conversation {
  /** Result of the hello; null until it is accepted. */
  hello: HelloResult | null = null;
  private readonly reassembler: Reassembler;
  private callCount = 0;
  private requestCount = 0;

  /**
   * @param pipe - The connection.
   * @param limits - What may be received.
   * @param randomUint32 - Makes the ids of outgoing messages.
   */
  constructor(
    readonly pipe: IFramePipe,
    limits: ILimits,
    private readonly randomUint32: () => number
  ) {
    this.reassembler = new Reassembler(limits);
  }

  /** The id of the next call. */
  nextCallId(): string {
    return rpcId(this.hello?.clientId ?? '', this.callCount++);
  }

  sendHello(secret: string): void {
    this.sendRequest({
      type: 'hello',
      id: HELLO_ID,
      secret,
      client: CLIENT_NAME,
      version: VERSION,
      protocol: PROTOCOL
    });
  }

  /** @param payload - Arguments, encoded as `{args, kwargs}`. */
  sendCall(id: string, method: string, payload: Uint8Array): void {
    this.sendMessage(joinMessages(pack(dumpCallHead(id, method)), payload));
  }

  /** Ask the kernel to end the call `id`, if it knows how. */
  sendCancel(id: string): void {
    if (this.hello && this.hello.protocol >= 1) {
      this.sendRequest({
        type: 'system',
        id: systemId(++this.requestCount),
        method: CANCEL_METHOD,
        args: [id],
        kwargs: {}
      });
    }
  }

  /**
   * Take one frame; return what it completes, if anything.
   *
   * @throws {RemoteProtocolError} If the frame is unsound; the connection is lost.
   */
  receiveFrame(frame: Uint8Array, nowS: number): Reply | Unreadable | null {
    const message = this.reassembler.feed(frame, nowS);
    return message && readMessage(message);
  }

  /**
   * Look for messages that stopped.
   *
   * To be called behind `receiveFrame`: on a slow line, the message of a frame
   * that has just come was not idle.
   *
   * @throws {MessageStalled} If one did; the connection is lost.
   */
  expire(nowS: number): void {
    this.reassembler.expire(nowS);
  }

  private sendRequest(request: Request): void {
    this.sendMessage(pack(dumpRequest(request)));
  }

  private sendMessage(message: Uint8Array): void {
    const maxFrameBytes = this.hello?.maxFrameBytes ?? DEFAULT_FRAME_BYTES;
    const messageId = this.randomUint32();
    for (const frame of splitMessage(messageId, message, maxFrameBytes)) {
      this.pipe.send(frame);
    }
  }
}

function readMessage(message: Uint8Array): Reply | Unreadable {
  try {
    return parseReply(unpack(message));
  } catch (error) {
    if (error instanceof InvalidMessage || error instanceof InvalidEnvelope) {
      return { type: 'unreadable', id: peekId(message), error };
    }
    throw error;
  }
}
