// Runs in a served page, before its own scripts: makes the socket that stock wslink clients ask for.
//
// It is an ordinary WebSocket, and mends faults of those clients:
// - They read each message as a Blob, whose bytes a browser fetches while the next message is
//   already being read: a small one overtakes a large one. Here the bytes are there at once.
// - They leave every call unanswered when the connection ends. Here it gets an error first.
// - trame's page takes its leave of the server when its tab is closed, and not when its frame is
//   taken out of the page around it, which is no reason to ask (`beforeunload`).
// - trame's page fetches what it shows while it loads, and writes it over the application where
//   that was there first (trame-client 4.1.4, `index.html`).
(url => {
  url.protocol = url.protocol.replace('http', 'ws');

  const HEADER_BYTES = 12;

  let hasLeft = false;
  window.addEventListener('beforeunload', () => {
    hasLeft = true;
  });
  window.addEventListener('pagehide', () => {
    if (!hasLeft) {
      window.dispatchEvent(new Event('beforeunload'));
    }
  });

  document.addEventListener('DOMContentLoaded', () => {
    const app = document.querySelector('#app');
    const { get, set } = Object.getOwnPropertyDescriptor(Element.prototype, 'innerHTML');
    const keep = html => {
      // Vue says on its container what it shows there.
      if (!(window.trame && app.__vue_app__)) {
        set.call(app, html);
      }
    };
    if (app !== null) {
      Object.defineProperty(app, 'innerHTML', { get, set: keep });
    }
  });

  /** What clients use of a Blob, of bytes that are already here. */
  class Bytes {
    constructor(buffer) {
      this.buffer = buffer;
      this.size = buffer.byteLength;
    }
    slice(start, end) {
      return new Bytes(this.buffer.slice(start, end));
    }
    async arrayBuffer() {
      return this.buffer;
    }
  }

  class PageSocket extends WebSocket {
    /** Ids of the calls that wait for their result. */
    #calls = new Set();
    /** By message id: the calls whose result has begun to arrive, and what of it is missing. */
    #arriving = new Map();
    #wantsBlobs = true;

    constructor(href) {
      super(href);
      super.binaryType = 'arraybuffer';
      // Before any of the page's: what listens first hears first.
      this.addEventListener('message', event => this.#hear(event));
      this.addEventListener('close', () => this.#answerAll());
    }

    get binaryType() {
      return this.#wantsBlobs ? 'blob' : 'arraybuffer';
    }

    set binaryType(type) {
      this.#wantsBlobs = type !== 'arraybuffer';
    }

    send(data) {
      if (ArrayBuffer.isView(data)) {
        const id = idOf(data);
        if (id.startsWith('rpc:')) {
          this.#calls.add(id);
        }
      }
      super.send(data);
    }

    #hear(event) {
      if (!(event.data instanceof ArrayBuffer)) {
        return;
      }
      this.#note(new Uint8Array(event.data));
      if (this.#wantsBlobs) {
        Object.defineProperty(event, 'data', { value: new Bytes(event.data) });
      }
    }

    /** Forget a call when its result has arrived to the last byte. */
    #note(frame) {
      if (this.#calls.size === 0 || frame.byteLength < HEADER_BYTES) {
        return;
      }
      const header = new DataView(frame.buffer, frame.byteOffset);
      const message = header.getUint32(0, true);
      const content = frame.byteLength - HEADER_BYTES;
      let result = this.#arriving.get(message);
      if (result === undefined) {
        const id = idOf(frame);
        if (!this.#calls.has(id)) {
          return;
        }
        result = { id, missing: header.getUint32(8, true) };
        this.#arriving.set(message, result);
      }
      result.missing -= content;
      if (result.missing <= 0) {
        this.#arriving.delete(message);
        this.#calls.delete(result.id);
      }
    }

    #answerAll() {
      if (hasLeft) {
        return; // nobody is there to hear it
      }
      for (const id of this.#calls) {
        const data = new Bytes(refusal(id));
        this.dispatchEvent(new MessageEvent('message', { data }));
      }
      this.#calls.clear();
    }
  }

  /** The id of the message that a frame begins, or '': it is the second entry, and short. */
  function idOf(frame) {
    const header = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
    if (frame.byteLength < HEADER_BYTES || header.getUint32(4, true) !== 0) {
      return '';
    }
    // A map with "wslink": "1.0" and "id": text (str8 or fixstr).
    const at = HEADER_BYTES + 15;
    const isShort = frame[at] >> 5 === 5;
    const length = isShort ? frame[at] & 31 : frame[at + 1];
    const start = at + (isShort ? 1 : 2);
    return new TextDecoder().decode(frame.subarray(start, start + length));
  }

  /** One whole message, in msgpack, that answers a call with an error. */
  function refusal(id) {
    const text = value => {
      const bytes = new TextEncoder().encode(value);
      return [0xd9, bytes.length, ...bytes];
    };
    const code = [0xd1, 0x82, 0x9d]; // -32099, as stock clients have it for such an end
    const reason = text('the connection ended before the result');
    const error = [0x82, ...text('code'), ...code, ...text('message'), ...reason];
    const entries = [...text('wslink'), ...text('1.0'), ...text('id'), ...text(id)];
    const payload = [0x83, ...entries, ...text('error'), ...error];
    const frame = new Uint8Array(HEADER_BYTES + payload.length);
    const header = new DataView(frame.buffer);
    header.setUint32(0, crypto.getRandomValues(new Uint32Array(1))[0], true);
    header.setUint32(8, payload.length, true);
    frame.set(payload, HEADER_BYTES);
    return frame.buffer;
  }

  // `??=`: who embeds a page elsewhere may have put its own there.
  window.WSLINK ??= { createWebSocket: () => new PageSocket(url.href) };
})(new URL('UP/ws', location.href));
