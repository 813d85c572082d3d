/** One WebSocket as a pipe of frames, in order, with a heartbeat. */

import type { IClock } from '../session/clock';
import type { IFramePipe } from '../session/conversation';
import { CloseCode } from '../wire/codes';
import type { ControlMessage } from './control';
import { SUBPROTOCOL, parseControl, pingText } from './control';
import { Heartbeat } from './heartbeat';

/** Seconds for the WebSocket handshake. */
const HANDSHAKE_S = 20;
/** The same, from the moment at which the network or the user is back. */
const WOKEN_HANDSHAKE_S = 3;
/** What a close frame can carry, bytes (RFC 6455, 5.5). */
const MAX_REASON_BYTES = 123;
/** `WebSocket.CONNECTING` and `WebSocket.OPEN`. */
const CONNECTING = 0;
const OPEN = 1;

/** The part of `WebSocket` that is used: the browser's, or that of npm `ws`. */
export interface IWebSocket {
  binaryType: string;
  readonly protocol: string;
  readonly readyState: number;
  readonly bufferedAmount: number;
  onopen: ((event: any) => void) | null;
  onmessage: ((event: any) => void) | null;
  onclose: ((event: any) => void) | null;
  onerror: ((event: any) => void) | null;
  send(data: any): void;
  close(code?: number, reason?: string): void;
}

/** Makes one; the browser's `WebSocket` is such a class. */
export type WebSocketClass = new (
  url: string,
  protocols?: string[]
) => IWebSocket;

/** Who is told what happens on a socket. */
export interface ISocketListener {
  opened(): void;
  frame(frame: Uint8Array): void;
  control(message: ControlMessage): void;
  roundTrip(roundTripS: number): void;
  /** Told once, last. */
  closed(code: number, reason: string): void;
}

/** What a socket needs besides its URL. */
export interface ISocketOptions {
  readonly WebSocket: WebSocketClass;
  /** Whether to offer the subprotocol of control messages, and to insist on it. */
  readonly protocols: boolean;
  readonly clock: IClock;
}

/** One connection, from its handshake to its close. */
export class FrameSocket implements IFramePipe {
  private readonly socket: IWebSocket;
  private handshakeTimer: unknown = null;
  private handshakeEndS = Infinity;
  private sentBytes = 0;
  private heartbeat: Heartbeat | null = null;
  private isClosed = false;

  constructor(
    url: string,
    private readonly options: ISocketOptions,
    private readonly listener: ISocketListener
  ) {
    const { WebSocket, protocols } = options;
    this.socket = protocols
      ? new WebSocket(url, [SUBPROTOCOL])
      : new WebSocket(url);
    // Frames arrive in order as buffers; as blobs, which are read one by one
    // and asynchronously, they overtake each other.
    this.socket.binaryType = 'arraybuffer';
    this.socket.onopen = () => this.opened();
    this.socket.onmessage = (event: { data: unknown }) =>
      this.received(event.data);
    this.socket.onclose = (event: { code?: number; reason?: string }) =>
      this.finish(event.code ?? CloseCode.ABNORMAL, event.reason ?? '');
    // A close follows, and says more.
    this.socket.onerror = () => undefined;
    this.awaitHandshake(HANDSHAKE_S);
  }

  send(frame: Uint8Array<ArrayBuffer>): void {
    // A socket that is about to close takes nothing: its calls are rejected soon.
    if (!this.isClosed && this.socket.readyState === OPEN) {
      this.sentBytes += frame.byteLength;
      this.socket.send(frame);
    }
  }

  bufferedBytes(): number {
    return this.socket.bufferedAmount;
  }

  close(code: number, reason: string): void {
    if (this.isClosed) {
      return;
    }
    // The listener is told at once: over a dead network the event of the close
    // comes after minutes.
    this.finish(code, reason);
    const sendable = code === CloseCode.NORMAL || (code >= 3000 && code < 5000);
    try {
      this.socket.close(
        sendable ? code : CloseCode.NORMAL,
        shorten(reason, MAX_REASON_BYTES)
      );
    } catch {
      // Closed already, or never opened: there is nobody to tell.
    }
  }

  /** Whether the server speaks the subprotocol of control messages. */
  get hasControl(): boolean {
    return this.heartbeat !== null;
  }

  /** Find out soon whether the connection lives. */
  probe(): void {
    if (!this.isClosed && this.socket.readyState === CONNECTING) {
      // The first packets may have been lost while the computer slept.
      this.awaitHandshake(WOKEN_HANDSHAKE_S);
    }
    this.heartbeat?.probe();
  }

  /** End the connection if it is not made within `seconds`; never put it off. */
  private awaitHandshake(seconds: number): void {
    const { clock } = this.options;
    const endS = clock.now() + seconds;
    if (endS < this.handshakeEndS) {
      this.handshakeEndS = endS;
      clock.clearTimeout(this.handshakeTimer);
      this.handshakeTimer = clock.setTimeout(
        () =>
          this.close(CloseCode.HEARTBEAT_TIMEOUT, 'the server did not answer'),
        seconds * 1000
      );
    }
  }

  private opened(): void {
    if (this.isClosed) {
      return;
    }
    const { clock } = this.options;
    clock.clearTimeout(this.handshakeTimer);
    if (this.socket.protocol === SUBPROTOCOL) {
      this.heartbeat = new Heartbeat({
        clock,
        ping: id => {
          if (this.socket.readyState === OPEN) {
            const text = pingText(id);
            this.sentBytes += text.length;
            this.socket.send(text);
          }
        },
        sentBytes: () => this.sentBytes,
        bufferedBytes: () => this.bufferedBytes(),
        onRoundTrip: seconds => this.listener.roundTrip(seconds),
        onLost: () =>
          this.close(CloseCode.HEARTBEAT_TIMEOUT, 'the connection went silent')
      });
      this.heartbeat.start();
    }
    this.listener.opened();
  }

  private received(data: unknown): void {
    if (this.isClosed) {
      return;
    }
    this.heartbeat?.heard();
    if (typeof data !== 'string') {
      this.listener.frame(new Uint8Array(data as ArrayBuffer));
      return;
    }
    if (!this.heartbeat) {
      // Our server says no text to who did not ask for it, wslink 2 none at all.
      const sentence = 'text in place of binary messages, as of wslink 1.x';
      this.close(CloseCode.UNSUPPORTED_DATA, sentence);
      return;
    }
    const message = parseControl(data);
    if (message?.type === 'pong') {
      this.heartbeat.pong(message.id);
    } else if (message) {
      this.listener.control(message);
    }
  }

  private finish(code: number, reason: string): void {
    if (this.isClosed) {
      return;
    }
    this.isClosed = true;
    this.options.clock.clearTimeout(this.handshakeTimer);
    this.heartbeat?.stop();
    this.listener.closed(code, reason);
  }
}

/** Cut `text` to at most `maxBytes` of UTF-8, between characters. */
function shorten(text: string, maxBytes: number): string {
  let bytes = 0;
  let end = 0;
  for (const character of text) {
    bytes += new TextEncoder().encode(character).byteLength;
    if (bytes > maxBytes) {
      break;
    }
    end += character.length;
  }
  return text.slice(0, end);
}
