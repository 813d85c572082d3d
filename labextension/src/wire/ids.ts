/**
 * Ids of messages: `kind:name:number`.
 *
 * `rpc:<client id>:<n>` names a call, `publish:<topic>:<n>` a publication,
 * `system:c0:<n>` a request to the wire itself.
 */

/** Id of the first message of every client (npm wslink 2.5.0, `session.js:104`). */
export const HELLO_ID = 'system:c0:0';

/** The parts of an id. */
export type MessageId = Readonly<{
  kind: 'rpc' | 'publish' | 'system';
  /** Client id or topic. */
  name: string;
  number: number;
}>;

// Wider than stock, which loses topics that are not dotted ASCII words.
const ID = /^(rpc|publish|system):(.+):(\d+)$/s;

/** A topic or client id that our server takes: dotted ASCII words. */
const NAME = /^\w+(?:\.\w+)*$/;

/** The longest, in characters. */
const MAX_NAME_CHARS = 255;

/** Return whether our server takes `text` as a topic. */
export function isName(text: string): boolean {
  return text.length <= MAX_NAME_CHARS && NAME.test(text);
}

/** Return the parts of `id`, or null if it is no id of wslink. */
export function parseId(id: string): MessageId | null {
  const match = ID.exec(id);
  if (!match) {
    return null;
  }
  const [, kind, name, digits] = match as unknown as [
    string,
    MessageId['kind'],
    string,
    string
  ];
  return { kind, name, number: Number(digits) };
}

/** Return the id of a client's call `number`. */
export function rpcId(clientId: string, number: number): string {
  return `rpc:${clientId}:${number}`;
}

/** Return the id of system request `number`; 0 is the hello. */
export function systemId(number: number): string {
  return `system:c0:${number}`;
}

/** Return the id of a publication. */
export function publishId(topic: string, number: number): string {
  return `publish:${topic}:${number}`;
}
