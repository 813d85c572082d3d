/**
 * One client in conversation with one endpoint, over one connection after another.
 *
 * The owner brings connections and takes them away; the session owns what
 * outlives them: calls, subscriptions, status.
 *
 * | state | becomes |
 * |---|---|
 * | connecting, waiting | `attach` -> connecting, the hello goes out |
 * | connecting | hello accepted -> open, topics, then waiting calls go out in order; refused -> closed |
 * | connecting, open | `detach` -> waiting, sent calls are rejected |
 * | any but closed | `end`, `close` -> closed for good, every call is rejected |
 */

import { CloseCode, RpcCode } from '../wire/codes';
import type { Failure, Publication, Result } from '../wire/envelopes';
import { parseHelloResult } from '../wire/envelopes';
import { ConnectionClosed, InvalidEnvelope, RpcError } from '../wire/errors';
import { HELLO_ID } from '../wire/ids';
import { makeApi } from './api';
import { encodeCall } from './callPayload';
import { CALL_TOPIC, readCallState } from './callState';
import type { IFramePipe, Unreadable } from './conversation';
import { Conversation } from './conversation';
import { PendingCalls } from './pendingCalls';
import type { ISessionOptions } from './sessionOptions';
import { StatusBoard } from './statusBoard';
import { Subscriptions } from './subscriptions';
import type {
  ICallOptions,
  IDisposable,
  IObservableSession,
  IObservedCall,
  IPublicationInfo,
  ISessionStatus,
  ISubscribeOptions,
  KernelState
} from './types';

/** A session over frame pipes. */
export class Session implements IObservableSession {
  readonly api = makeApi((name, args) => this.call(name, args));
  roundTripS: number | null = null;

  private readonly onError: (error: unknown) => void;
  private readonly board: StatusBoard;
  private readonly calls: PendingCalls;
  private readonly subscriptions: Subscriptions;
  private conversation: Conversation | null = null;
  /** Of the last hello; null before the first, and of stock servers. */
  private epoch: string | null = null;
  /** Makes the error of every call, once the session is over. */
  private closed: (() => ConnectionClosed) | null = null;

  constructor(private readonly options: ISessionOptions) {
    this.onError = options.onError ?? (() => undefined);
    this.board = new StatusBoard(this.onError);
    this.subscriptions = new Subscriptions(this.onError, (topic, isHeard) =>
      this.conversation?.sendInterest(topic, isHeard)
    );
    this.calls = new PendingCalls(
      options.clock,
      id => this.conversation?.sendCancel(id),
      this.onError
    );
  }

  get status(): ISessionStatus {
    return this.board.status;
  }

  // Async, so that what is wrong with a call is a rejection and never a throw.
  async call<T = any>(
    name: string,
    args: readonly unknown[] = [],
    kwargs: Readonly<Record<string, unknown>> = {},
    options: ICallOptions = {}
  ): Promise<T> {
    if (this.closed) {
      throw this.closed();
    }
    // Encoded now, not when it is sent: faults show at once, and what the
    // caller changes afterwards stays out of the call.
    const payload = encodeCall(name, args, kwargs);
    const call = this.calls.add(name, payload, options);
    this.sendCalls();
    return call.promise as Promise<T>;
  }

  subscribe(
    topic: string,
    callback: (value: any, publication: IPublicationInfo) => unknown,
    options?: ISubscribeOptions
  ): IDisposable {
    return this.subscriptions.add(topic, callback, options);
  }

  onStatus(callback: (status: ISessionStatus) => unknown): IDisposable {
    return this.board.listen(callback);
  }

  onCall(callback: (call: IObservedCall) => unknown): IDisposable {
    return this.calls.observe(callback);
  }

  reconnect(): void {
    this.options.onReconnect?.();
  }

  close(): void {
    this.end(CloseCode.NORMAL, 'closed by this page');
  }

  // The owner's side.

  /** Speak over `pipe` from now on. */
  attach(pipe: IFramePipe): void {
    if (this.closed) {
      pipe.close(CloseCode.NORMAL, '');
      return;
    }
    this.leave();
    this.conversation = new Conversation(pipe, this.options, this.onError);
    this.board.forgetTold();
    // The hello first: a listener of the status may close the session.
    this.conversation.sendHello();
    this.connecting();
  }

  /** Take one frame from the pipe. */
  receiveFrame(frame: Uint8Array): void {
    this.conversation?.receiveFrame(frame, received => {
      switch (received.type) {
        case 'publication':
          this.receivePublication(received);
          break;
        case 'unreadable':
          this.receiveUnreadable(received);
          break;
        default:
          this.receiveReply(received);
      }
    });
  }

  /** Note that the server answered a ping: the line lives. */
  receiveRoundTrip(roundTripS: number): void {
    this.roundTripS = roundTripS;
    // A message that has stopped all the same will not go on.
    this.conversation?.expire();
  }

  /** Note what the server tells of the kernel. */
  updateKernel(
    kernel: KernelState,
    epoch: string | null,
    reason: string
  ): void {
    if (!this.closed) {
      this.board.tell(kernel, epoch, reason);
    }
  }

  /** Note that a connection is being made. */
  connecting(): void {
    if (!this.closed) {
      this.board.update({ state: 'connecting' });
    }
  }

  /** The connection is gone or could not be made, another will come. */
  detach(code: number, reason: string): void {
    if (this.closed) {
      return;
    }
    this.leave();
    // The status first: who handles a rejected call should find it changed.
    const full = this.board.fullReason(code, reason);
    this.board.lose('waiting', code, full);
    this.calls.rejectSent(() => new ConnectionClosed(code, full, true));
  }

  /** It is over; `reason` says why. */
  end(code: number, reason: string): void {
    if (this.closed) {
      return;
    }
    const { conversation } = this;
    const full = this.board.fullReason(code, reason);
    this.closed = () => new ConnectionClosed(code, full);
    this.leave();
    this.board.lose('closed', code, full);
    this.calls.rejectSent(() => new ConnectionClosed(code, full, true));
    this.calls.rejectUnsent(this.closed);
    this.subscriptions.clear();
    this.board.clear();
    // The owner first: it must know, when the connection ends, that this is all.
    this.options.onEnd?.(code, reason);
    // Harmless if the connection itself was the first to end.
    conversation?.pipe.close(code, reason);
  }

  /** The connection is no longer the session's. */
  private leave(): void {
    this.conversation?.end();
    this.conversation = null;
    this.roundTripS = null;
  }

  private receivePublication(publication: Publication): void {
    const done = this.conversation?.expectAck(publication);
    if (publication.topic === CALL_TOPIC) {
      this.calls.tell(readCallState(publication.value));
    }
    this.subscriptions.deliver(publication, done);
  }

  private receiveReply(reply: Result | Failure): void {
    const { id } = reply;
    if (id === HELLO_ID) {
      this.receiveHello(reply);
    } else if (reply.type === 'result') {
      // An unknown id replies to a system request, or to a call that was given up.
      this.calls.resolve(id, reply.value);
    } else {
      const error = RpcError.fromWire(reply.code, reply.message, reply.data);
      // Of a publication, or of subscriptions; nobody waits for it.
      if (!this.calls.reject(id, error) && !id.startsWith('rpc:')) {
        this.onError(error);
      }
    }
  }

  private receiveHello(reply: Result | Failure): void {
    const { conversation } = this;
    if (!conversation) {
      return;
    }
    if (reply.type === 'failure') {
      this.refuse(reply.code, reply.message);
      return;
    }
    try {
      conversation.accept(parseHelloResult(reply.value));
    } catch (error) {
      if (!(error instanceof InvalidEnvelope)) {
        throw error;
      }
      this.refuse(RpcCode.INVALID_REQUEST, error.message);
      return;
    }
    const epoch = conversation.hello?.epoch ?? null;
    if (this.epoch !== null && epoch !== this.epoch) {
      this.calls.rejectUnsent(ConnectionClosed.byRestart); // made for objects that are gone
    }
    this.epoch = epoch;
    // Topics, then calls that waited, then those that listeners may add.
    conversation.sendSubscribe(this.subscriptions.topics);
    this.sendCalls();
    // Who was told of a topic that cannot be may have closed the session.
    if (conversation === this.conversation) {
      this.board.open(epoch);
    }
  }

  private receiveUnreadable({ id, error }: Unreadable): void {
    // Frames are sound: only the call that this should have answered ends.
    if (id === HELLO_ID) {
      this.refuse(RpcCode.INVALID_REQUEST, error.message);
    } else if (id === null || !this.calls.reject(id, error)) {
      this.onError(error);
    }
  }

  /** The hello failed in a way that a second try would not mend. */
  private refuse(code: number, message: string): void {
    const isLogin = code === RpcCode.AUTHENTICATION;
    const closeCode = isLogin ? CloseCode.NOT_ALLOWED : CloseCode.BAD_FRAME;
    const secret = 'expected the secret of this server, got another: ';
    this.end(closeCode, `hello: ${isLogin ? secret : ''}${message}`);
  }

  /** Send the calls that wait, oldest first, if the session is open. */
  private sendCalls(): void {
    const { conversation } = this;
    while (conversation?.hello && conversation === this.conversation) {
      const call = this.calls.nextUnsent();
      if (!call) {
        return;
      }
      const id = conversation.nextCallId();
      const payload = this.calls.markSent(call, id);
      conversation.sendCall(id, payload);
    }
  }
}
