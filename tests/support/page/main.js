// What an application does that was written for stock wslink, without knowing of Jupyter.
import SmartConnect from 'wslink/src/SmartConnect';

function show(id, text) {
  document.getElementById(id).textContent = text;
}

function connect(config) {
  return new Promise((resolve, reject) => {
    const client = SmartConnect.newInstance({ config });
    client.onConnectionReady(connection => resolve(connection.getSession()));
    client.onConnectionError((_, error) => reject(error));
    client.connect();
  });
}

// As trame and vtk.js read their configuration from the URL.
const wsProxy = new URLSearchParams(location.search).has('wsProxy');
const session = await connect({ wsProxy });
session.subscribe('page.value', ([value]) => show('heard', String(value)));
document.querySelector('button').onclick = async () => {
  show('called', String(await session.call('page.add', [20, 22])));
};
show('called', 'ready');

// As older ones do: the socket beside the page.
const beside = location.href.replace(/^http/, 'ws').replace(/\/[^/]*$/, '/ws');
const other = await connect({ sessionURL: beside });
show('beside', String(await other.call('page.add', [1, 2])));

// And without any configuration: a launcher is asked, which is not there.
const last = await connect({});
show('default', String(await last.call('page.add', [3, 4])));

// A part that is fetched when it is needed.
const { title } = await import('./late.js');
document.title = title;
