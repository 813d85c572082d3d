/**
 * What is said over one connection: frames in and out as typed messages.
 *
 * Lives as long as its connection, so nothing of it survives into the next.
 */

import { splitMessage } from '../wire/chunks';
import { joinMessages, pack, peekId, unpack } from '../wire/codec';
import type {
  HelloResult,
  Publication,
  Reply,
  Request
} from '../wire/envelopes';
import { dumpCallHead, dumpRequest, parseReply } from '../wire/envelopes';
import {
  InvalidEnvelope,
  InvalidMessage,
  InvalidParams,
  RemoteProtocolError
} from '../wire/errors';
import { HELLO_ID, isName, rpcId, systemId } from '../wire/ids';
import { CHUNK_FRAME_BYTES, CLIENT_LIMITS } from '../wire/limits';
import {
  ACK_METHOD,
  CANCEL_METHOD,
  RECEIVED_METHOD,
  SUBSCRIBE_METHOD,
  UNSUBSCRIBE_METHOD
} from '../wire/methods';
import { Reassembler } from '../wire/reassembly';
import { CLIENT_NAME, PROTOCOL, VERSION } from '../wire/version';
import { Acknowledgements } from './acknowledgements';
import { MessageWriter } from './messageWriter';
import { Receipts } from './receipts';
import type { ISessionOptions } from './sessionOptions';

/** Topics in one request: of the longest names, these are 16 KiB. */
const TOPICS_PER_REQUEST = 64;

/** An open connection, as a session sees it. */
export interface IFramePipe {
  /** Send one frame, behind those sent before. */
  send(frame: Uint8Array<ArrayBuffer>): void;
  /** What was sent and has not left the browser. */
  bufferedBytes(): number;
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
  private accepted: HelloResult | null = null;
  private readonly reassembler: Reassembler;
  private readonly acknowledgements = new Acknowledgements((topic, number) =>
    this.tell(ACK_METHOD, [topic, number])
  );
  private readonly receipts: Receipts;
  private readonly writer: MessageWriter;
  private callCount = 0;
  private requestCount = 0;
  private isOver = false;

  /**
   * @param pipe - The connection.
   * @param options - Those of the session: time, what may be received, the ids of
   *   outgoing messages.
   * @param onError - Told of the rules that the peer broke, and of topics that
   *   it cannot have.
   */
  constructor(
    readonly pipe: IFramePipe,
    private readonly options: ISessionOptions,
    private readonly onError: (error: unknown) => void
  ) {
    this.reassembler = new Reassembler(options.limits ?? CLIENT_LIMITS);
    this.receipts = new Receipts(options.clock, bytes =>
      this.tell(RECEIVED_METHOD, [bytes])
    );
    this.writer = new MessageWriter(pipe, options.clock);
  }

  /** Result of the hello; null until it is accepted. */
  get hello(): HelloResult | null {
    return this.accepted;
  }

  /** Note that the server accepted the hello. */
  accept(hello: HelloResult): void {
    this.accepted = hello;
    if (hello.receipts) {
      this.receipts.start();
    }
  }

  /** The id of the next call. */
  nextCallId(): string {
    return rpcId(this.hello?.clientId ?? '', this.callCount++);
  }

  sendHello(): void {
    this.sendRequest({
      type: 'hello',
      id: HELLO_ID,
      secret: this.options.secret ?? '',
      client: CLIENT_NAME,
      version: VERSION,
      protocol: PROTOCOL,
      receipts: true
    });
  }

  /** @param payload - What `dumpCallTail` gives, encoded. */
  sendCall(id: string, payload: Uint8Array): void {
    this.sendMessage(joinMessages(pack(dumpCallHead(id)), payload));
  }

  /** Ask the kernel to end the call `id`. */
  sendCancel(id: string): void {
    this.ask(CANCEL_METHOD, [id]);
  }

  /** Ask for the values of `topics`: our server sends no others. */
  sendSubscribe(topics: readonly string[]): void {
    if (!this.isWithOurs) {
      return; // a stock server sends all, under any name
    }
    // One that is refused must not take the others with it.
    topics.filter(topic => !isName(topic)).forEach(this.refuseTopic);
    const sent = topics.filter(isName);
    for (let at = 0; at < sent.length; at += TOPICS_PER_REQUEST) {
      this.ask(SUBSCRIBE_METHOD, sent.slice(at, at + TOPICS_PER_REQUEST));
    }
  }

  /** Ask for the values of `topic` from now on, or for no more. */
  sendInterest(topic: string, isHeard: boolean): void {
    if (isHeard) {
      this.sendSubscribe([topic]);
    } else if (isName(topic)) {
      this.ask(UNSUBSCRIBE_METHOD, [topic]);
    }
  }

  /**
   * Note that a publication came.
   *
   * @returns What to call when it is dealt with, if the server waits for that.
   */
  expectAck({ topic, number, ack }: Publication): (() => void) | undefined {
    return ack ? this.acknowledgements.expect(topic, number) : undefined;
  }

  /** Note that the connection is gone: what is dealt with later is not told. */
  end(): void {
    this.isOver = true;
    this.receipts.end();
    this.writer.end();
  }

  /**
   * Take one frame, and hand over what it completes, if anything.
   *
   * An unsound frame ends the connection.
   */
  receiveFrame(
    frame: Uint8Array,
    take: (received: Reply | Unreadable) => void
  ): void {
    // Before what the frame completes: the line is free again, whatever that costs.
    this.receipts.received(frame.byteLength);
    const nowS = this.options.clock.now();
    this.orClose(() => {
      const message = this.reassembler.feed(frame, nowS);
      if (message) {
        take(readMessage(message));
      }
    });
    // Behind the frame: on a slow line, its message was not idle.
    this.orClose(() => this.reassembler.expire(nowS));
  }

  /** End the connection if a message that was begun has stopped. */
  expire(): void {
    this.orClose(() => this.reassembler.expire(this.options.clock.now()));
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

  /** Whether the other side is a server of ours, and still there. */
  private get isWithOurs(): boolean {
    return !this.isOver && this.hello !== null && this.hello.protocol >= 1;
  }

  /** Send a request that only our own server understands, and to no other. */
  private ask(method: string, args: readonly unknown[]): void {
    if (this.isWithOurs) {
      this.sendRequest(this.systemRequest(method, args));
    }
  }

  /** Say what the server may be waiting for: it does not wait behind calls. */
  private tell(method: string, args: readonly unknown[]): void {
    if (this.isWithOurs) {
      const message = pack(dumpRequest(this.systemRequest(method, args)));
      this.writer.writeUrgent(this.framesOf(message));
    }
  }

  private systemRequest(method: string, args: readonly unknown[]): Request {
    const id = systemId(++this.requestCount);
    return { type: 'system', id, method, args, kwargs: {} };
  }

  private readonly refuseTopic = (topic: string): void => {
    this.onError(
      new InvalidParams(
        'subscribe: expected a topic of words of ASCII letters, digits and _ ' +
          `joined by dots, at most 255 characters, got '${topic.slice(0, 60)}'`
      )
    );
  };

  private sendRequest(request: Request): void {
    this.sendMessage(pack(dumpRequest(request)));
  }

  private sendMessage(message: Uint8Array): void {
    this.writer.write(this.framesOf(message));
  }

  private framesOf(message: Uint8Array): ReturnType<typeof splitMessage> {
    const maxFrameBytes = this.hello?.maxFrameBytes ?? CHUNK_FRAME_BYTES;
    return splitMessage(this.options.randomUint32(), message, () =>
      Math.min(this.writer.frameBytes, maxFrameBytes)
    );
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
