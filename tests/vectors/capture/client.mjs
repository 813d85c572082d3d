// Drives the npm wslink client and records the frames of every step.
//
//   node client.mjs URL default|small|unlimited
//
// Run where `wslink` and `ws` are installed. Prints a JSON array of
// {name, keep, sent: [hex], received: [hex]}.

import { createRequire } from 'node:module';
import { join } from 'node:path';

const require = createRequire(join(process.cwd(), 'package.json'));
const { WebSocket } = require('ws');
// The bundle is made for pages and touches these three on load.
globalThis.self = globalThis;
globalThis.window = { location: new URL('http://localhost/') };
globalThis.document = { baseURI: 'http://localhost/' };
const { WebsocketConnection } = require('wslink');
const { encode } = createRequire(require.resolve('wslink'))('@msgpack/msgpack');

const [url, phase] = process.argv.slice(2);
const hex = bytes => Buffer.from(bytes).toString('hex');

/** A WebSocket as the npm client expects it, which keeps every frame. */
class RecordingSocket {
  sent = [];
  received = [];
  #missing = new Map();
  #waiter = null;
  #complete = 0;

  constructor(address) {
    this.socket = new WebSocket(address);
    this.socket.on('open', () => this.onopen({}));
    this.socket.on('close', code => this.onclose?.({ code }));
    this.socket.on('error', error => this.onerror(error));
    this.socket.on('message', data => this.#receive(data));
  }

  get readyState() {
    return this.socket.readyState;
  }

  send(frame) {
    this.sent.push(hex(frame));
    this.socket.send(frame);
  }

  close() {
    // A destroyed client still has its handler and throws in it.
    this.onmessage = () => {};
    this.socket.close();
  }

  #receive(data) {
    this.received.push(hex(data));
    const id = data.readUInt32LE(0);
    const missing = this.#missing.get(id) ?? data.readUInt32LE(8);
    this.#missing.set(id, missing - (data.length - 12));
    if (this.#missing.get(id) === 0) {
      this.#missing.delete(id);
      this.#complete += 1;
    }
    this.onmessage({ data: new Blob([data]) });
    this.#waiter?.();
  }

  /** Forgets what was recorded, runs `act`, waits for `replies` messages. */
  async record(act, replies) {
    this.sent = [];
    this.received = [];
    this.#complete = 0;
    const done = new Promise(resolve => {
      this.#waiter = () => this.#complete >= replies && resolve();
    });
    act();
    if (replies > 0) await done;
    return { sent: this.sent, received: this.received };
  }
}

const steps = [];

async function connect(secret, name, keep) {
  let socket;
  globalThis.WSLINK = {
    createWebSocket: address => (socket = new RecordingSocket(address))
  };
  const client = WebsocketConnection.newInstance({
    urls: url,
    secret,
    wsProxy: true
  });
  const settled = new Promise(resolve => {
    client.onConnectionReady(resolve);
    client.onConnectionError(resolve);
  });
  client.connect();
  steps.push({ name, keep, ...(await socket.record(() => {}, 1)) });
  await settled;
  return { client, socket };
}

// The client logs the errors that we provoke, and its own end.
console.log = console.error = () => {};

const { client, socket } = await connect(undefined, 'hello', 'both');
const session = client.getSession();

async function call(name, keep, method, args, kwargs, replies = 1) {
  const act = () => session.call(method, args, kwargs).catch(() => {});
  const step = { name, keep, ...(await socket.record(act, replies)) };
  steps.push(step);
  return step;
}
const sends = (name, ...args) => call(name, 'sent', 'vectors.take', args);
const gives = value =>
  call(`result_${value}`, 'received', 'vectors.value', [value]);

async function publishes(topic, value, name = `publish_${value}`) {
  const args = [topic, value];
  await call(name, 'publication', 'vectors.publish', args, {}, 2);
}

if (phase === 'default') {
  await call('call_without_arguments', 'sent', 'vectors.take');
  await call('call_with_args', 'sent', 'vectors.take', [1, 'two', true]);
  const keywords = { x: 0.5, y: 1.5, label: 'poke' };
  await call('call_with_kwargs', 'sent', 'vectors.take', [], keywords);
  await call('call_with_both', 'sent', 'vectors.take', [7], keywords);
  const unusual = 'scene_2.camera9.set_view_up_v2';
  await call('call_unusual_name', 'both', unusual, [0, 0, 1]);
  await sends('unicode', 'Größe μ Слон 漢字 🥁 e\u0301 \0 \u2028', {
    größe: '漢'
  });
  await sends('string_widths', ...[31, 32, 255, 256].map(n => 'a'.repeat(n)));
  const bytes = Uint8Array.from({ length: 256 }, (_, n) => n);
  await sends('uint8_array', bytes);
  await sends('uint8_array_view', bytes.subarray(3, 9), bytes.subarray(0, 0));
  await sends('nested_binaries', {
    frames: [
      { data: new Uint8Array([0xde, 0xad]) },
      { data: new Uint8Array() }
    ],
    head: new Uint8Array([0x89, 0x50])
  });
  await sends('array_buffer', bytes.slice(0, 5).buffer, new ArrayBuffer(0));
  await sends('data_view', new DataView(bytes.buffer, 2, 4));
  await sends('float32_array', new Float32Array([1, -2.5]));
  await sends('bytes_widths', bytes.subarray(0, 255), bytes);
  await sends('floats', 0.1, -1.5, 1e300, 5e-324, 1e21, Number.MAX_VALUE);
  await sends('integer_valued_floats', 1.0, -0.0, 2 ** 53, -(2 ** 53), 2 ** 63);
  await sends('non_finite_floats', NaN, Infinity, -Infinity);
  await sends(
    'integer_widths',
    ...[0, 127, 128, 255, 256, 65535, 65536, 2 ** 31, 2 ** 32 - 1, 2 ** 32],
    ...[2 ** 53 - 1, -1, -32, -33, -128, -129, -32768, -32769],
    ...[-(2 ** 31), -(2 ** 31) - 1, -(2 ** 53) + 1]
  );
  const dates = [
    '1970-01-01',
    '2023-11-14T22:13:20.123Z',
    '1969-12-31T23:59:59.999Z'
  ];
  await sends(
    'dates',
    ...dates.map(d => new Date(d)),
    new Date(2 ** 34 * 1000 + 1)
  );
  await sends('null_and_undefined', null, undefined, { a: undefined });
  await sends('booleans', true, false);
  await sends('empty_containers', [], {}, [[], {}], '', { '': {} });
  await sends('container_widths', Array(15).fill(0), Array(16).fill(0));
  await sends('nested', { a: [{ b: [{ c: [1, [2, [3, { d: null }]]] }] }] });

  const stored = [
    ...['null', 'true', 'false', 'integer', 'negative_integer', 'float'],
    ...['integer_valued_float', 'string', 'empty_string', 'unicode', 'bytes'],
    ...['empty_bytes', 'bytearray', 'memoryview', 'list', 'tuple', 'map'],
    ...['empty_containers', 'nested_bytes', 'integer_widths', 'floats'],
    ...['non_finite_floats', 'string_widths', 'bytes_widths'],
    ...['container_widths', 'timestamps']
  ];
  for (const value of stored) await gives(value);

  await call(
    'error_method_not_found',
    'both',
    'Vectors.no-such/prozedur-ä',
    [1]
  );
  await call('error_procedure_raised', 'received', 'vectors.fail');
  await call('error_not_serializable', 'received', 'vectors.value', ['set']);
  await publishes('vectors.changed', 'map');
  await publishes('vectors.images', 'nested_bytes');
  await publishes('vectors.empty', 'null');
  await publishes('vectors.unusual', 'set', 'publish_not_serializable');

  // What a client may ask before and after it is let in. The npm client never
  // sends these, so only the answers are kept.
  const probe = encode({
    wslink: '1.0',
    id: 'system:c0:1',
    method: 'no.such',
    args: [],
    kwargs: {}
  });
  const header = Buffer.alloc(12);
  header.writeUInt32LE(1, 0);
  header.writeUInt32LE(probe.length, 8);
  const frame = Buffer.concat([header, probe]);
  const answer = await socket.record(() => socket.send(frame), 1);
  steps.push({
    name: 'error_unknown_system_method',
    keep: 'received',
    ...answer
  });

  const stranger = await connect('wrong', 'hello_refused', 'both');
  const early = steps.find(step => step.name === 'call_without_arguments')
    .sent[0];
  const replay = () => stranger.socket.send(Buffer.from(early, 'hex'));
  const refused = await stranger.socket.record(replay, 1);
  steps.push({ name: 'error_not_authenticated', keep: 'received', ...refused });
  stranger.socket.close();

  const leaving = await socket.record(() => client.destroy(60), 0);
  steps.push({ name: 'exit_later_on_destroy', keep: 'sent', ...leaving });
} else if (phase === 'small') {
  await call('chunked_short', 'both', 'vectors.echo', [1]);
  await sends(
    'chunked_bytes',
    Uint8Array.from({ length: 500 }, (_, n) => n % 250)
  );
  await sends(
    'chunked_text',
    Array.from({ length: 36 }, (_, n) => `node ${n}`).join(' 🥁')
  );
  // Both directions once more with a payload that fills its last chunk.
  const slice = 64 - 12;
  const sizes = frames => Buffer.from(frames[0], 'hex').readUInt32LE(8) % slice;
  const text = 'x'.repeat(100);
  const trial = await socket.record(
    () => session.call('vectors.echo', [text]),
    1
  );
  const fill = (frames, name) =>
    call(name, 'both', 'vectors.echo', [
      text + 'y'.repeat(slice - sizes(frames))
    ]);
  await fill(trial.sent, 'chunked_call_fills_last_chunk');
  await fill(trial.received, 'chunked_result_fills_last_chunk');
  await gives('long_text');
  await gives('long_bytes');
  await publishes('vectors.images', 'long_bytes');
} else {
  await call('one_frame', 'both', 'vectors.echo', [new Uint8Array(300)]);
}

socket.close();
process.stdout.write(JSON.stringify(steps));
