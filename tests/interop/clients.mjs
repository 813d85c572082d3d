// The clients that tests drive, with one face: {connect, call, subscribe, lost,
// destroy, close}.

import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

import { lastClosed, PageWebSocket, pretend, require } from './page.mjs';

/** npm wslink, as it was published. */
function wslink() {
  pretend();
  return require('wslink');
}

/** Return what resolves when a stock connection is ready, and what when it ends. */
function watch(connection) {
  let onLost;
  const lost = new Promise(resolve => (onLost = resolve));
  const ready = new Promise((resolve, reject) => {
    connection.onConnectionReady(resolve);
    connection.onConnectionError((_, error) =>
      reject(new Error(error?.message ?? 'connection error'))
    );
    connection.onConnectionClose(() => {
      onLost();
      reject(new Error('closed'));
    });
  });
  ready.catch(() => undefined); // also where nobody waits for it
  return { ready, lost };
}

/** A client around a session of npm wslink. */
function stock({ open, destroy }) {
  let session;
  let lost;
  return {
    connect: async () => {
      const opened = await open();
      session = opened.session;
      lost = opened.lost;
    },
    call: (...args) => session.call(...args),
    subscribe: async (topic, callback) => {
      const subscription = session.subscribe(topic, ([value]) =>
        callback(value)
      );
      await subscription.promise;
      return () => subscription.unsubscribe();
    },
    lost: () => lost,
    destroy,
    close: () => undefined
  };
}

function websocketConnection(url, secret) {
  const client = wslink().WebsocketConnection.newInstance({
    urls: url,
    secret
  });
  return stock({
    open: async () => {
      const { ready, lost } = watch(client);
      client.connect();
      await ready;
      return { session: client.getSession(), lost };
    },
    destroy: seconds => client.destroy(seconds)
  });
}

function smartConnect(config) {
  const client = wslink().SmartConnect.newInstance({ config });
  return stock({
    open: async () => {
      const { ready, lost } = watch(client);
      client.connect();
      await ready;
      return { session: client.getSession(), lost };
    },
    destroy: seconds => client.destroy(seconds)
  });
}

async function wslinkClient(config) {
  const { SmartConnect } = wslink();
  const url = pathToFileURL(
    require.resolve('@kitware/vtk.js/IO/Core/WSLinkClient')
  );
  const { default: vtkWSLinkClient } = await import(url);
  vtkWSLinkClient.setSmartConnectClass(SmartConnect);
  const client = vtkWSLinkClient.newInstance({ createImageStream: false });
  return stock({
    open: async () => {
      client.disconnect(-1);
      const { lost } = watch(client);
      await client.connect({ ...config });
      return { session: client.getConnection().getSession(), lost };
    },
    destroy: seconds => client.disconnect(seconds)
  });
}

/** Our own, as pages get it. */
async function ours(url, secret) {
  // Without a package.json beside it, Node would not take it for a module.
  const source = readFileSync(process.env.CLIENT_JS).toString('base64');
  const { connect } = await import(`data:text/javascript;base64,${source}`);
  const session = connect(url, {
    secret,
    WebSocket: PageWebSocket,
    reconnect: false
  });
  const opened = new Promise((resolve, reject) => {
    session.onStatus(({ state, reason }) => {
      if (state === 'open') resolve();
      else if (state === 'closed') reject(new Error(reason));
    });
  });
  return {
    connect: () => opened,
    call: (...args) => session.call(...args),
    subscribe: (topic, callback) => {
      const subscription = session.subscribe(topic, callback);
      return () => subscription.dispose();
    },
    lost: lastClosed,
    destroy: () => session.close(),
    close: () => session.close()
  };
}

/** Return the client called `kind`. */
export function openClient(kind, url, secret) {
  switch (kind) {
    case 'WebsocketConnection':
      return websocketConnection(url, secret);
    case 'SmartConnect':
      return smartConnect({ sessionURL: url, secret });
    case 'SmartConnect wsProxy':
      globalThis.WSLINK = { createWebSocket: () => new PageWebSocket(url) };
      return smartConnect({ wsProxy: true, secret });
    case 'WSLinkClient':
      return wslinkClient({ sessionURL: url, secret });
    case 'ours':
      return ours(url, secret);
    default:
      throw new Error(`no client ${kind}`);
  }
}
