import { ServerConnection } from '@jupyterlab/services';
import { describe, expect, it } from 'vitest';

import { openKernelSession } from './openKernelSession';

/** Opens nothing, and tells which URL it was made for. */
class SilentSocket extends EventTarget {
  static readonly made: SilentSocket[] = [];
  readonly readyState = 0;
  binaryType = 'blob';
  constructor(readonly url: string) {
    super();
    SilentSocket.made.push(this);
  }
  send(): void {}
  close(): void {}
}

function urlFor(options: Partial<ServerConnection.ISettings>): string {
  const session = openKernelSession('k 1', {
    ...ServerConnection.makeSettings({
      wsUrl: 'wss://hub.example/user/a%20b/',
      ...options
    }),
    WebSocket: SilentSocket as unknown as typeof WebSocket
  });
  session.close();
  return SilentSocket.made.pop()!.url;
}

describe('openKernelSession', () => {
  it('keeps the base URL and appends no token that nobody asked for', () => {
    expect(urlFor({ token: 'secret', appendToken: false })).toBe(
      'wss://hub.example/user/a%20b/wslink-jupyter/kernels/k%201/default/ws'
    );
  });

  it('appends the token where the application does', () => {
    expect(urlFor({ token: 'secret', appendToken: true })).toMatch(
      /\/default\/ws\?token=secret$/
    );
  });
});
