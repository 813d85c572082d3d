// @vitest-environment node
// The public entry over real sockets, with npm ws on both sides.
import { afterEach, expect, test } from 'vitest';
import type { WebSocket as ServerSocket } from 'ws';
import { WebSocket, WebSocketServer } from 'ws';

import * as client from './client';
import { Peer } from './testing/peer';
import type { SystemRequest } from './wire/envelopes';

const servers: WebSocketServer[] = [];
/** The requests to the wire itself that came, of all servers. */
const requests: SystemRequest[] = [];

afterEach(() => {
  requests.length = 0;
  for (const server of servers.splice(0)) {
    server.clients.forEach(socket => socket.terminate());
    server.close();
  }
});

/**
 * Serve `echo` as our server (`control`) or as a stock one does: all topics, or
 * those that were asked for.
 */
async function serve(control: boolean): Promise<string> {
  const server = new WebSocketServer({
    port: 0,
    handleProtocols: () => (control ? 'v1.wslink-jupyter' : false)
  });
  servers.push(server);
  server.on('connection', (socket: ServerSocket) => {
    const peer = new Peer(frame => socket.send(frame));
    const topics = new Set<unknown>();
    socket.on('message', (data: Buffer, isBinary: boolean) => {
      if (!isBinary) {
        const { id } = JSON.parse(data.toString());
        socket.send(JSON.stringify({ type: 'pong', id }));
        return;
      }
      const before = peer.requests.length;
      peer.send(Uint8Array.from(data));
      for (const request of peer.requests.slice(before)) {
        if (request.type === 'hello') {
          const stock = { clientID: 'c1', maxMsgSize: 65536 };
          peer.acceptHello(control ? { ...stock, protocol: 1 } : stock);
        } else if (request.type === 'call') {
          peer.reply({ type: 'result', id: request.id, value: request.args });
          if (!control || topics.has('echoed')) {
            peer.publish('echoed', request.args, 0, control);
          }
        } else {
          requests.push(request);
          if (request.method === 'wslink_jupyter.subscribe') {
            request.args.forEach(topic => topics.add(topic));
          }
        }
      }
    });
  });
  await new Promise(resolve => server.once('listening', resolve));
  const { port } = server.address() as { port: number };
  const base = `ws://127.0.0.1:${port}/`;
  return control ? client.endpointUrl(base, 'k') : `${base}ws`;
}

function connect(url: string): client.ISession {
  return client.connect(url, { WebSocket: WebSocket });
}

test.each([true, false])(
  'calls, arrays and publications in order (control messages: %o)',
  async control => {
    const session = connect(await serve(control));
    const published: unknown[] = [];
    session.subscribe('echoed', value => published.push(value));
    // Many frames up, more frames down.
    const large = Float32Array.from({ length: 200_000 }, (_, i) => i);
    const calls = [
      session.api.echo(1),
      session.api.echo(large),
      session.api.echo('last')
    ];
    const [one, array, last] = await Promise.all(calls);
    expect(one).toEqual([1]);
    expect(array[0]).toBeInstanceOf(client.NdArray);
    expect(array[0].data).toEqual(large);
    expect(last).toEqual(['last']);
    await expect.poll(() => published.length).toBe(3);
    expect(published).toEqual([one, array, last]);
    const asked = ['subscribe', 'ack', 'ack', 'ack'];
    await expect
      .poll(() => requests.map(({ method }) => method))
      .toEqual(control ? asked.map(name => `wslink_jupyter.${name}`) : []);
    session.close();
    await expect(session.api.echo()).rejects.toBeInstanceOf(
      client.ConnectionClosed
    );
  }
);

test('the connection comes back', async () => {
  const session = connect(await serve(true));
  expect(await session.api.echo(1)).toEqual([1]);
  await expect.poll(() => session.roundTripS).not.toBeNull();
  const states: string[] = [];
  session.onStatus(({ state }) => states.push(state));
  servers[0].clients.forEach(socket => socket.terminate());
  await expect.poll(() => states).toEqual(['waiting', 'connecting', 'open']);
  expect(await session.api.echo(2)).toEqual([2]);
  session.close();
});

test('a server that is not there is waited for', async () => {
  const session = connect('ws://127.0.0.1:9/');
  await expect.poll(() => session.status.state).toBe('waiting');
  const call = session.api.echo();
  session.close();
  await expect(call).rejects.toMatchObject({ maybeExecuted: false });
});
