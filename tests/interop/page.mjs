// What a page has and Node has not.

import { once } from 'node:events';
import { createRequire } from 'node:module';
import { join } from 'node:path';

export const require = createRequire(join(process.cwd(), 'package.json'));
const { WebSocket } = require('ws');

/** The binary messages that came, over all sockets. */
export const received = [];
/** Code and reason of every socket that closed. */
export const closes = [];
const sockets = [];

export class PageWebSocket extends WebSocket {
  constructor(url, protocols) {
    super(url, protocols);
    sockets.push(this);
    this.on('message', (data, isBinary) => isBinary && received.push(data));
    this.on('close', (code, reason) => closes.push([code, reason.toString()]));
  }

  // A browser's socket hears nothing after close().
  emit(event, ...rest) {
    if (event === 'message' && this.readyState !== WebSocket.OPEN) return false;
    return super.emit(event, ...rest);
  }
}

/** Close every socket. */
export function closeAll() {
  for (const socket of sockets) socket.close();
}

/** Wait for the end of the socket that was opened last. */
export async function lastClosed() {
  const socket = sockets.at(-1);
  if (socket.readyState !== WebSocket.CLOSED) await once(socket, 'close');
}

/** Make the globals that stock clients touch when they are loaded. */
export function pretend() {
  globalThis.self = globalThis;
  globalThis.window = globalThis;
  globalThis.location = new URL('http://localhost/');
  globalThis.document = { baseURI: 'http://localhost/' };
  globalThis.WebSocket = PageWebSocket;
}
