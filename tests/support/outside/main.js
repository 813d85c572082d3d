// Visits a server with one stock client after the other, without knowing of Jupyter.
import vtkWSLinkClient from '@kitware/vtk.js/IO/Core/WSLinkClient';
import SmartConnect from 'wslink/src/SmartConnect';
import WebsocketConnection from 'wslink/src/WebsocketConnection';

vtkWSLinkClient.setSmartConnectClass(SmartConnect);

/** Connect, and wait until the client is ready. */
function ready(client) {
  return new Promise((resolve, reject) => {
    client.onConnectionReady(resolve);
    client.onConnectionError(() => reject(new Error('refused')));
    client.connect();
  });
}

const openers = {
  WebsocketConnection: async url => {
    const client = WebsocketConnection.newInstance({ urls: url });
    await ready(client);
    return {
      session: client.getSession(),
      leave: n => client.destroy(n)
    };
  },
  SmartConnect: async (url, config = { sessionURL: url }) => {
    const client = SmartConnect.newInstance({ config });
    await ready(client);
    return {
      session: client.getSession(),
      leave: n => client.destroy(n)
    };
  },
  'SmartConnect wsProxy': url => {
    window.WSLINK = { createWebSocket: () => new WebSocket(url) };
    return openers.SmartConnect(url, { wsProxy: true });
  },
  WSLinkClient: async url => {
    const client = vtkWSLinkClient.newInstance({ createImageStream: false });
    try {
      await client.connect({ sessionURL: url });
    } catch {
      throw new Error('refused');
    }
    const session = client.getConnection().getSession();
    return { session, leave: n => client.disconnect(n) };
  }
};

/** Connect, call, listen and leave; return what came of it. */
window.visit = async (kind, url) => {
  let client;
  try {
    client = await openers[kind](url);
  } catch (error) {
    return error.message;
  }
  const { session } = client;
  const heard = [];
  const subscription = session.subscribe('outside.news', ([value]) =>
    heard.push(value)
  );
  await subscription.promise;
  const sum = await session.call('outside.add', [20], { b: 22 });
  const size = await session.call('outside.size', [new Uint8Array(6_000_000)]);
  const made = await session.call('outside.make', [6_000_000]);
  const fault = await session.call('outside.add', []).catch(({ code }) => code);
  await session.call('outside.announce', [3]);
  await session.call('outside.add', [0]);
  subscription.unsubscribe();
  await session.call('outside.announce', [2]);
  await session.call('outside.add', [0]);
  client.leave(10);
  return { sum, size, made: made.length, fault, heard };
};
