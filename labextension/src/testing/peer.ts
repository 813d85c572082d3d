/** The server's side of a pipe: reads requests, writes replies. */

import type { IFramePipe } from '../session/conversation';
import { splitMessage } from '../wire/chunks';
import { pack, unpack } from '../wire/codec';
import type { Reply, Request } from '../wire/envelopes';
import { dumpReply, parseRequest } from '../wire/envelopes';
import { HELLO_ID } from '../wire/ids';
import { CLIENT_LIMITS } from '../wire/limits';
import { Reassembler } from '../wire/reassembly';

/** What a hello of ours is answered. */
export const HELLO_RESULT = {
  clientID: 'c1',
  maxMsgSize: 4194304,
  protocol: 1,
  version: '0.1.0',
  epoch: 'e1'
};

export class Peer implements IFramePipe {
  readonly requests: Request[] = [];
  readonly frames: Uint8Array[] = [];
  closed: { code: number; reason: string } | null = null;
  /** What the browser still holds, as a test likes it. */
  buffered = 0;
  private readonly reassembler = new Reassembler(CLIENT_LIMITS);
  private messageId = 0;

  /** @param deliver - Takes what this side sends. */
  constructor(
    private readonly deliver: (frame: Uint8Array<ArrayBuffer>) => void
  ) {}

  send(frame: Uint8Array): void {
    this.frames.push(frame);
    const message = this.reassembler.feed(frame, 0);
    if (message) {
      this.requests.push(parseRequest(unpack(message)));
    }
  }

  bufferedBytes(): number {
    return this.buffered;
  }

  close(code: number, reason: string): void {
    this.closed ??= { code, reason };
  }

  /** Send a reply. */
  reply(reply: Reply): void {
    this.sendMessage(pack(dumpReply(reply)));
  }

  /** Send any bytes as a message. */
  sendMessage(message: Uint8Array): void {
    for (const frame of splitMessage(this.messageId++, message, 4096)) {
      this.deliver(frame);
    }
  }

  /** Accept the hello. */
  acceptHello(value: unknown = HELLO_RESULT): void {
    this.reply({ type: 'result', id: HELLO_ID, value });
  }

  /** @param ack - Whether to ask for an acknowledgement. */
  publish(topic: string, value: unknown, number = 0, ack = false): void {
    this.reply({
      type: 'publication',
      topic,
      number,
      value,
      ack,
      retain: false
    });
  }

  /** The requests to the wire itself that came: method, then arguments. */
  get asked(): unknown[][] {
    return this.requests
      .filter(request => request.type === 'system')
      .map(({ method, args }) => [method, ...args]);
  }

  /** The calls that came, without hello and cancels. */
  get calls(): Array<Extract<Request, { type: 'call' }>> {
    return this.requests.filter(request => request.type === 'call');
  }

  get last(): Request {
    return this.requests[this.requests.length - 1];
  }
}
