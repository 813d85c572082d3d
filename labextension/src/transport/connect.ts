/** A session over WebSockets, one after another for as long as there is a kernel. */

import type { IClock } from '../session/clock';
import { Session } from '../session/session';
import type { IDisposable, IObservableSession } from '../session/types';
import { CloseCode } from '../wire/codes';
import type { ILimits } from '../wire/limits';
import { SYSTEM_CLOCK } from './clock';
import type { ControlMessage } from './control';
import { isEndpointUrl, socketUrl } from './endpoint';
import { ReconnectSchedule, closeSentence, isFinal } from './reconnect';
import type { ISocketListener, WebSocketClass } from './socket';
import { FrameSocket } from './socket';
import { onWake } from './wake';

/** Seconds that an open session must last before the backoff starts anew. */
const LASTING_S = 5;
/** Seconds for a stock server to answer the hello; ours tells how it stands. */
const HELLO_S = 20;
const IS_IT = 'is it a wslink 2 server?';

/** Options of `connect`; all have defaults. */
export interface IConnectOptions {
  /** Secret of a stock wslink server; '' by default, which Jupyter ignores. */
  readonly secret?: string;
  /**
   * Whether to offer the subprotocol of relay messages (heartbeat, state of the
   * kernel); by default, if the URL is one of `endpointUrl`. Not to be offered to
   * a stock server: browsers refuse a connection whose server selects none.
   */
  readonly protocols?: boolean;
  /** The class to use where there is no global one, such as npm `ws`. */
  readonly WebSocket?: WebSocketClass;
  /** Whether to come back when the connection is lost; true by default. */
  readonly reconnect?: boolean;
  /**
   * Asked when a connection could not be made, while the next try goes on: returns
   * the close code that ends the session, such as `CloseCode.KERNEL_DEAD`, or null.
   * Whatever goes wrong in it counts as null.
   */
  readonly verdict?: () => Promise<number | null>;
  /** Told of faults that belong to no call; `console.error` by default. */
  readonly onError?: (error: unknown) => void;
  readonly limits?: ILimits;
  /** Time; the system's by default. */
  readonly clock?: IClock;
  /** Uniform in [0, 1); `Math.random` by default. */
  readonly random?: () => number;
}

/**
 * Connect to an endpoint.
 *
 * Returns at once. Calls made before the session is open wait for it; when a
 * connection is lost another is made, unless the close code says otherwise.
 *
 * @param url - Of the endpoint's WebSocket, see `endpointUrl`; `http` stands for
 *   `ws`, and in a page it may be relative to the page's. A function is asked before
 *   every try, so that a token may change.
 * @throws {TypeError} If there is no WebSocket class.
 */
export function connect(
  url: string | (() => string),
  options: IConnectOptions = {}
): IObservableSession {
  return new Connector(url, options).session;
}

/** Brings sockets to one session. */
class Connector implements ISocketListener {
  readonly session: Session;
  private readonly WebSocket: WebSocketClass;
  private readonly clock: IClock;
  private readonly schedule: ReconnectSchedule;
  private readonly wake: IDisposable;
  private socket: FrameSocket | null = null;
  private timer: unknown = null;
  private helloTimer: unknown = null;
  private openedS: number | null = null;
  /** Before this time the server does not want us back. */
  private notBeforeS = 0;
  private hasEnded = false;
  private isAsking = false;
  /** Counts the sockets that opened: an answer is about the time before. */
  private opens = 0;

  constructor(
    private readonly url: string | (() => string),
    private readonly options: IConnectOptions
  ) {
    this.WebSocket = options.WebSocket ?? globalWebSocket();
    this.clock = options.clock ?? SYSTEM_CLOCK;
    this.schedule = new ReconnectSchedule(options.random ?? Math.random);
    this.session = new Session({
      clock: this.clock,
      randomUint32,
      secret: options.secret,
      limits: options.limits,
      onError: options.onError ?? (error => console.error(error)),
      onReconnect: () => this.woke(),
      onEnd: (code, reason) => this.stop(code, reason)
    });
    this.wake = onWake(() => this.woke());
    this.open();
  }

  opened(): void {
    this.openedS = this.clock.now();
    this.opens++;
    if (this.socket) {
      this.awaitHello(this.socket);
      this.session.attach(this.socket);
    }
  }

  frame(frame: Uint8Array): void {
    this.session.receiveFrame(frame);
  }

  control(message: ControlMessage): void {
    if (message.type === 'kernel') {
      this.session.updateKernel(message.state, message.epoch, message.reason);
    } else if (message.type === 'retry') {
      this.notBeforeS = this.clock.now() + message.afterS;
    }
  }

  roundTrip(roundTripS: number): void {
    this.session.receiveRoundTrip(roundTripS);
  }

  closed(code: number, reason: string): void {
    const { openedS } = this;
    const isOurs = this.socket?.hasControl ?? true;
    this.socket = null;
    this.openedS = null;
    this.clock.clearTimeout(this.helloTimer);
    if (this.hasEnded) {
      return;
    }
    const wasOpen = openedS !== null;
    let sentence = reason || 'the server did not accept the connection';
    if (wasOpen && this.isGreeting && !isOurs) {
      const got = reason || 'the end of the connection';
      sentence = `expected an answer to the hello, got ${got}: ${IS_IT}`;
    } else if (wasOpen) {
      sentence = closeSentence(code, reason);
    }
    if (isFinal(code) || this.options.reconnect === false) {
      this.session.end(code, sentence);
      return;
    }
    // One that opens and closes at once is as good as one that never opened.
    if (wasOpen && this.clock.now() - openedS >= LASTING_S) {
      this.schedule.reset();
    }
    this.session.detach(code, sentence);
    this.retry();
    if (!wasOpen) {
      void this.ask();
    }
  }

  /** Whether the hello waits for its answer. */
  private get isGreeting(): boolean {
    return this.session.status.state === 'connecting';
  }

  /** End a connection over which no answer comes; of ours, the relay tells why. */
  private awaitHello(socket: FrameSocket): void {
    if (!socket.hasControl) {
      this.helloTimer = this.clock.setTimeout(() => {
        if (this.isGreeting) {
          socket.close(CloseCode.HEARTBEAT_TIMEOUT, `none within ${HELLO_S} s`);
        }
      }, HELLO_S * 1000);
    }
  }

  private open(): void {
    this.timer = null;
    this.session.connecting();
    if (this.hasEnded) {
      return; // a listener of the status closed the session
    }
    const { WebSocket, clock } = this;
    try {
      const given = typeof this.url === 'function' ? this.url() : this.url;
      const url = socketUrl(given);
      const protocols = this.options.protocols ?? isEndpointUrl(url);
      this.socket = new FrameSocket(url, { WebSocket, protocols, clock }, this);
    } catch (error) {
      // No URL, or one that no WebSocket takes: it would be the same again.
      this.session.end(CloseCode.ABNORMAL, `cannot connect: ${String(error)}`);
    }
  }

  private retry(): void {
    if (this.hasEnded) {
      return;
    }
    const nowS = this.clock.now();
    const delayS = this.schedule.nextDelayS(nowS, this.notBeforeS - nowS);
    this.timer = this.clock.setTimeout(() => this.open(), delayS * 1000);
  }

  /** Ask whether there is anything to come back to. */
  private async ask(): Promise<void> {
    const { verdict } = this.options;
    if (!verdict || this.isAsking || this.hasEnded) {
      return;
    }
    const { opens } = this;
    let code: number | null = null;
    this.isAsking = true;
    try {
      code = await verdict();
    } catch {
      // Not to know is no reason to give up.
    }
    this.isAsking = false;
    if (typeof code === 'number' && opens === this.opens) {
      this.session.end(code, closeSentence(code, ''));
    }
  }

  /** The network or the user is back. */
  private woke(): void {
    if (this.socket) {
      this.socket.probe();
    } else if (this.timer !== null) {
      this.clock.clearTimeout(this.timer);
      this.schedule.reset();
      this.retry();
    }
  }

  private stop(code: number, reason: string): void {
    this.hasEnded = true;
    this.wake.dispose();
    this.clock.clearTimeout(this.timer);
    this.clock.clearTimeout(this.helloTimer);
    this.timer = null;
    // Also one that is not open yet, of which the session does not know.
    this.socket?.close(code, reason);
  }
}

function globalWebSocket(): WebSocketClass {
  const { WebSocket } = globalThis as { WebSocket?: WebSocketClass };
  if (!WebSocket) {
    throw new TypeError(
      'connect: expected a WebSocket class, got none; pass one, such as that of npm ws, as options.WebSocket'
    );
  }
  return WebSocket;
}

function randomUint32(): number {
  return crypto.getRandomValues(new Uint32Array(1))[0];
}
