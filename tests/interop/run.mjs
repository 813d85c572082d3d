// Drives the unmodified npm wslink client through a list of steps.
//
//   node run.mjs URL [SECRET] < steps.json
//
// Run where `wslink` and `ws` are installed. Steps are lists: a word and its
// arguments.
//
//   ["call", method, args, kwargs]   waits for the reply
//   ["send", method, args, kwargs]   does not wait
//   ["settle"]                       waits for the replies of what was sent
//   ["subscribe", topic]   ["unsubscribe", topic]
//   ["hear", topic, count]           waits for that many values
//   ["client", name]                 is another one from now on
//   ["destroy", seconds]             leaves as a page does
//
// Binary is {"$bytes": base64} both ways; {"$random": n} becomes n bytes, and
// more than 1 kB come back as {"$sha256", "size"}. {"$js": name} is one of the
// values below. Prints one JSON object: {replies, heard, frames}; topics in
// `heard` are in the first client's own words, those of others begin with the
// client's name; `frames` has the size and the first kilobyte, in hex, of every
// frame that came.

import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const require = createRequire(join(process.cwd(), 'package.json'));
const { WebSocket } = require('ws');
const received = [];
const opened = [];

// What a page has. The bundle touches these on load.
globalThis.self = globalThis;
globalThis.window = { location: new URL('http://localhost/') };
globalThis.document = { baseURI: 'http://localhost/' };
globalThis.WebSocket = class extends WebSocket {
  constructor(url) {
    super(url);
    opened.push(this);
    this.on('message', data => received.push(data));
  }

  // A browser's socket hears nothing after close().
  emit(event, ...rest) {
    if (event === 'message' && this.readyState !== WebSocket.OPEN) return false;
    return super.emit(event, ...rest);
  }
};
const { WebsocketConnection } = require('wslink');

const KIB = 1024;
// xorshift32: the same bytes as in Python.
function randomBytes(size) {
  const bytes = new Uint8Array(size);
  let state = 2463534242;
  for (let index = 0; index < size; index += 1) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    bytes[index] = state & 255;
  }
  return bytes;
}

// What JSON cannot say.
const VALUES = {
  undefined: undefined,
  NaN: NaN,
  '-0': -0,
  '2**53 + 2': 2 ** 53 + 2,
  ArrayBuffer: new Uint8Array([1, 2, 3]).buffer,
  Float32Array: new Float32Array([0, 1]),
  DataView: new DataView(new Uint8Array([0, 1, 2, 3]).buffer, 1, 2),
  Date: new Date('2024-02-29T12:30:00.5Z'),
  Map: new Map([['a', 1]]),
  Set: new Set([1]),
  // With the envelope, as deep as the client encodes.
  '97 lists': JSON.parse('['.repeat(97) + '0' + ']'.repeat(97))
};

function revive(value) {
  if (Array.isArray(value)) return value.map(revive);
  if (value === null || typeof value !== 'object') return value;
  if ('$js' in value) return VALUES[value.$js];
  if ('$bytes' in value)
    return new Uint8Array(Buffer.from(value.$bytes, 'base64'));
  if ('$random' in value) return randomBytes(value.$random);
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [key, revive(each)])
  );
}

function tell(value) {
  if (value instanceof Uint8Array) {
    if (value.length <= KIB)
      return { $bytes: Buffer.from(value).toString('base64') };
    return {
      $sha256: createHash('sha256').update(value).digest('hex'),
      size: value.length
    };
  }
  if (Array.isArray(value)) return value.map(tell);
  if (typeof value === 'number' && !JSON.stringify([value]).includes(value))
    return { $number: String(value) };
  if (value === null || typeof value !== 'object') return value;
  if (value instanceof Date) return { $date: value.toISOString() };
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [key, tell(each)])
  );
}

// The client logs every error reply; the answer is for the caller alone.
console.log = console.error = () => {};

async function readInput() {
  let text = '';
  for await (const piece of process.stdin) text += piece;
  return JSON.parse(text);
}

const heard = {};
const replies = [];
const clients = {};
let client;
let pending = [];

async function be(name) {
  if (!(name in clients)) {
    const connection = WebsocketConnection.newInstance({
      urls: process.argv[2],
      secret: process.argv[3] ?? 'wslink-secret'
    });
    clients[name] = { name, connection, subscriptions: {} };
    const ready = new Promise((resolve, reject) => {
      connection.onConnectionReady(resolve);
      connection.onConnectionError((_, error) =>
        reject(error ?? new Error('connection error'))
      );
      connection.onConnectionClose(() => reject(new Error('closed')));
    });
    connection.connect();
    await ready;
    clients[name].session = connection.getSession();
  }
  client = clients[name];
}

async function call(method, args = [], kwargs = {}) {
  const index = replies.push(null) - 1;
  try {
    replies[index] = {
      result: tell(
        await client.session.call(method, revive(args), revive(kwargs))
      )
    };
  } catch (error) {
    replies[index] = { error: tell({ ...error }) };
  }
}

const acts = {
  call,
  send: (...step) => void pending.push(call(...step)),
  settle: async () => {
    await Promise.all(pending);
    pending = [];
  },
  subscribe: topic => {
    const values = (heard[client.name + topic] = []);
    values.more = () => {};
    client.subscriptions[topic] = client.session.subscribe(
      topic,
      ([value]) => {
        values.push(tell(value));
        values.more();
      }
    );
    return client.subscriptions[topic].promise;
  },
  unsubscribe: topic => client.subscriptions[topic].unsubscribe(),
  hear: async (topic, count) => {
    const values = heard[client.name + topic];
    while (values.length < count)
      await new Promise(resolve => (values.more = resolve));
  },
  client: be,
  destroy: seconds => client.connection.destroy(seconds)
};

await be('');
for (const [word, ...rest] of await readInput()) await acts[word](...rest);

const frames = [];
for (const blob of received) {
  const head = Buffer.from(await blob.slice(0, KIB).arrayBuffer());
  frames.push({ size: blob.size, head: head.toString('hex') });
}
for (const socket of opened) socket.close();
process.stdout.write(JSON.stringify({ replies, heard, frames }));
