/**
 * What a kernel tells inspectors, read and checked.
 */

/** Where it tells of topics. */
export const TOPICS_TOPIC = 'jupyter.inspect.topics';
export const PROCEDURES_METHOD = 'jupyter.inspect.procedures';
export const SESSIONS_METHOD = 'jupyter.inspect.sessions';

/** One parameter, as Python's `inspect` has it. */
export interface IParameter {
  readonly name: string;
  /** `POSITIONAL_ONLY`, `VAR_KEYWORD`, ... */
  readonly kind: string;
  /** As Python writes it; null if an argument is needed. */
  readonly default: string | null;
}

/** One procedure that can be called. */
export interface IProcedure {
  readonly uri: string;
  readonly signature: string;
  readonly doc: string;
  readonly run: string;
  /** Null if nobody can tell. */
  readonly parameters: readonly IParameter[] | null;
}

/** One topic, as it went in the last seconds. */
export interface ITopic {
  readonly topic: string;
  readonly listeners: number;
  readonly valuesPerS: number;
  readonly bytesPerS: number;
  /** Of the last value; null if it was not sent, or there is none. */
  readonly lastBytes: number | null;
  /** The last value in a few words; '' if there is none. */
  readonly lastText: string;
}

/** One session of the kernel. */
export interface ISessionReport {
  readonly id: string;
  readonly isOwn: boolean;
  readonly user: string;
  /** '' for stock clients. */
  readonly client: string;
  readonly calls: number;
  /** Null for stock clients, which hear all. */
  readonly subscriptions: number | null;
  readonly roundTripS: number | null;
  readonly sentMessagesPerS: number;
  readonly sentBytesPerS: number;
  readonly queuedMessages: number;
  readonly queuedBytes: number;
  readonly sentMessages: number;
  readonly sentBytes: number;
  readonly coalescedMessages: number;
  readonly droppedMessages: number;
}

/** Read the answer of `jupyter.inspect.procedures`. */
export function readProcedures(value: unknown): IProcedure[] {
  return records(value).map(fields => ({
    uri: text(fields.uri),
    signature: text(fields.signature),
    doc: text(fields.doc),
    run: text(fields.run),
    parameters:
      fields.parameters === null ? null : readParameters(fields.parameters)
  }));
}

function readParameters(value: unknown): IParameter[] {
  return records(value).map(fields => ({
    name: text(fields.name),
    kind: text(fields.kind),
    default: fields.default === null ? null : text(fields.default)
  }));
}

/** Read a value of the topic `jupyter.inspect.topics`. */
export function readTopics(value: unknown): ITopic[] {
  return records(value).map(fields => ({
    topic: text(fields.topic),
    listeners: count(fields.listeners),
    valuesPerS: count(fields.values_per_s),
    bytesPerS: count(fields.bytes_per_s),
    lastBytes: countOrNull(fields.last_bytes),
    lastText: text(fields.last_text)
  }));
}

/** Read the answer of `jupyter.inspect.sessions`, our own session first. */
export function readSessions(value: unknown): ISessionReport[] {
  const { own, sessions } = isRecord(value) ? value : {};
  const reports = records(sessions).map(fields => ({
    id: text(fields.id),
    isOwn: fields.id === own,
    user: text(fields.user),
    client: text(fields.client),
    calls: count(fields.calls),
    subscriptions: countOrNull(fields.subscriptions),
    roundTripS: countOrNull(fields.rtt_s),
    sentMessagesPerS: count(fields.sent_messages_per_s),
    sentBytesPerS: count(fields.sent_bytes_per_s),
    queuedMessages: count(fields.queued_messages),
    queuedBytes: count(fields.queued_bytes),
    sentMessages: count(fields.sent_messages),
    sentBytes: count(fields.sent_bytes),
    coalescedMessages: count(fields.coalesced_messages),
    droppedMessages: count(fields.dropped_messages)
  }));
  return [
    ...reports.filter(({ isOwn }) => isOwn),
    ...reports.filter(({ isOwn }) => !isOwn)
  ];
}

type Fields = Readonly<Record<string, unknown>>;

function isRecord(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function records(value: unknown): Fields[] {
  return Array.isArray(value) ? value.filter(isRecord) : [];
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function count(value: unknown): number {
  return typeof value === 'number' ? value : 0;
}

function countOrNull(value: unknown): number | null {
  return typeof value === 'number' ? value : null;
}
