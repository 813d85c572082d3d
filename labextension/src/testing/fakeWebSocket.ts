/** WebSockets whose other end is the test. */

import type { IWebSocket, WebSocketClass } from '../transport/socket';
import { SUBPROTOCOL } from '../transport/control';
import { Peer } from './peer';

export class FakeWebSocket implements IWebSocket {
  binaryType = 'blob';
  protocol = '';
  readyState = 0;
  bufferedAmount = 0;
  onopen: ((event: any) => void) | null = null;
  onmessage: ((event: any) => void) | null = null;
  onclose: ((event: any) => void) | null = null;
  onerror: ((event: any) => void) | null = null;
  readonly texts: any[] = [];
  readonly peer = new Peer(frame => this.receive(frame.buffer));
  closedWith: { code?: number; reason?: string } | null = null;

  constructor(
    readonly url: string,
    readonly protocols?: string[]
  ) {}

  send(data: unknown): void {
    if (typeof data === 'string') {
      this.texts.push(JSON.parse(data));
    } else {
      this.peer.send(data as Uint8Array);
    }
  }

  close(code?: number, reason?: string): void {
    this.closedWith = { code, reason };
    this.readyState = 2;
  }

  /** The server accepts. */
  accept(protocol = SUBPROTOCOL): void {
    this.protocol = protocol;
    this.readyState = 1;
    this.onopen?.({});
  }

  receive(data: unknown): void {
    this.onmessage?.({ data });
  }

  receiveText(message: unknown): void {
    this.receive(JSON.stringify(message));
  }

  /** The server, or the network, ends it. */
  drop(code = 1006, reason = ''): void {
    this.readyState = 3;
    this.onerror?.({});
    this.onclose?.({ code, reason });
  }
}

/** Return a class of such sockets, and those that were made. */
export function fakeWebSockets(): {
  WebSocket: WebSocketClass;
  sockets: FakeWebSocket[];
} {
  const sockets: FakeWebSocket[] = [];
  class Recorded extends FakeWebSocket {
    constructor(url: string, protocols?: string[]) {
      super(url, protocols);
      sockets.push(this);
    }
  }
  return { WebSocket: Recorded, sockets };
}
