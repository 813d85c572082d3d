import { ServerConnection } from '@jupyterlab/services';
import { describe, expect, it, vi } from 'vitest';

import { openKernelSession } from './openKernelSession';

/** Opens nothing, and tells which URL it was made for. */
class SilentSocket extends EventTarget {
  static readonly made: SilentSocket[] = [];
  readonly readyState = 0;
  binaryType = 'blob';
  onclose: ((event: object) => void) | null = null;
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

  it.each([
    [404, 'dead', 'the kernel is gone'],
    [403, 'unknown', 'log in to Jupyter again'],
    [401, 'unknown', 'log in to Jupyter again'],
    [500, 'unknown', null],
    [200, 'unknown', null]
  ])('asks after a refused socket: %i', async (status, kernel, reason) => {
    const asked: string[] = [];
    const session = openKernelSession('k1', {
      ...ServerConnection.makeSettings({
        baseUrl: 'https://hub.example/',
        wsUrl: 'wss://hub.example/'
      }),
      WebSocket: SilentSocket as unknown as typeof WebSocket,
      fetch: async input => {
        asked.push((input as Request).url);
        return new Response(status === 200 ? JSON.stringify(MODEL) : '{}', {
          status
        });
      }
    });
    SilentSocket.made.pop()!.onclose?.({ code: 1006, reason: '' });
    await vi.waitFor(() => expect(asked.length).toBe(1));
    expect(asked[0]).toContain('/api/kernels/k1');
    await new Promise(resolve => setTimeout(resolve, 20));
    const { status: now } = session;
    expect(now.kernel).toBe(kernel);
    expect(now.state === 'closed').toBe(reason !== null);
    expect(now.reason).toContain(reason ?? '');
    session.close();
  });
});

/** A kernel as Jupyter Server describes it. */
const MODEL = {
  id: 'k1',
  name: 'python3',
  last_activity: '2024-01-01T00:00:00Z',
  execution_state: 'idle',
  connections: 1
};
