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
import {
  InvalidEnvelope,
  InvalidMessage,
  RemoteProtocolError
} from '../wire/errors';
import { HELLO_ID, rpcId, systemId } from '../wire/ids';
import type { ILimits } from '../wire/limits';
import { CHUNK_FRAME_BYTES } from '../wire/limits';
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
   * @param onError - Told of the rules that the peer broke.
   */
  constructor(
    readonly pipe: IFramePipe,
    limits: ILimits,
    private readonly randomUint32: () => number,
    private readonly onError: (error: unknown) => void
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

  /** @param payload - What `dumpCallTail` gives, encoded. */
  sendCall(id: string, payload: Uint8Array): void {
    this.sendMessage(joinMessages(pack(dumpCallHead(id)), payload));
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
   * Take one frame, and hand over what it completes, if anything.
   *
   * An unsound frame ends the connection.
   */
  receiveFrame(
    frame: Uint8Array,
    nowS: number,
    take: (received: Reply | Unreadable) => void
  ): void {
    this.orClose(() => {
      const message = this.reassembler.feed(frame, nowS);
      if (message) {
        take(readMessage(message));
      }
    });
    // Behind the frame: on a slow line, its message was not idle.
    this.expire(nowS);
  }

  /** End the connection if a message that was begun has stopped. */
  expire(nowS: number): void {
    this.orClose(() => this.reassembler.expire(nowS));
  }

  /** Do `work`; end the connection if the peer broke a rule of the wire. */
  private orClose(work: () => void): void {
    try {
      work();
    } catch (error) {
      if (!(error instanceof RemoteProtocolError)) {
        throw error;
      }
      this.onError(error);
      this.pipe.close(error.closeCode, error.message);
    }
  }

  private sendRequest(request: Request): void {
    this.sendMessage(pack(dumpRequest(request)));
  }

  private sendMessage(message: Uint8Array): void {
    const maxFrameBytes = Math.min(
      CHUNK_FRAME_BYTES,
      this.hello?.maxFrameBytes ?? CHUNK_FRAME_BYTES
    );
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
