/**
 * Figures of the inspector, in words. Decisions only.
 */

import { TranslationBundle } from '@jupyterlab/translation';

import { phaseOf, phaseSentence } from './badgeText';
import { ILogEntry } from './callLog';
import { ICallSplit, SPLIT_PARTS } from './callSplit';
import { Inspection } from './inspection';
import { ISessionReport, ITopic } from './inspectReports';

/** `0.12 ms`, `12.3 ms`, `4.56 s`. */
export function durationText(seconds: number): string {
  const ms = seconds * 1000;
  if (ms < 10) {
    return `${ms.toFixed(2)} ms`;
  }
  return ms < 1000 ? `${ms.toFixed(1)} ms` : `${seconds.toFixed(2)} s`;
}

/** `12 B`, `3.4 KiB`, `56 MiB`. */
export function sizeText(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB'];
  let unit = 0;
  let size = bytes;
  while (size >= 1024 && unit < units.length - 1) {
    size /= 1024;
    unit++;
  }
  const digits = unit > 0 && size < 10 ? 1 : 0;
  return `${size.toFixed(digits)} ${units[unit]}`;
}

/** `0`, `2.5`, `120`: per second. */
export function rateText(perS: number): string {
  return perS === 0 ? '0' : perS.toFixed(perS < 10 ? 1 : 0);
}

/** The time of day, with milliseconds. */
export function timeText(timeS: number): string {
  const time = new Date(timeS * 1000);
  const pad = (value: number, digits = 2): string =>
    String(value).padStart(digits, '0');
  return (
    `${pad(time.getHours())}:${pad(time.getMinutes())}:` +
    `${pad(time.getSeconds())}.${pad(time.getMilliseconds(), 3)}`
  );
}

/** How the kernel that is looked at stands. */
export function headline(
  inspection: Inspection | null,
  document: string,
  trans: TranslationBundle
): string {
  if (inspection === null) {
    return trans.__('Open a notebook or console to look into its kernel.');
  }
  const { status, wasOpen, fault } = inspection;
  const phase = phaseOf(status, wasOpen);
  if (phase !== 'connected') {
    return phaseSentence(phase, document, status.reason, trans);
  }
  return fault === ''
    ? trans.__('Kernel of %1', document)
    : trans.__('The kernel of %1 does not answer: %2', document, fault);
}

/** How far the server and the kernel are; '' if nobody knows. */
export function roundTripsText(
  inspection: Inspection | null,
  trans: TranslationBundle
): string {
  const { serverRoundTripS = null, kernelRoundTripS = null } = inspection ?? {};
  const parts = [
    serverRoundTripS === null
      ? ''
      : trans.__('server %1', durationText(serverRoundTripS)),
    kernelRoundTripS === null
      ? ''
      : trans.__('kernel %1', durationText(kernelRoundTripS))
  ].filter(part => part !== '');
  return parts.length === 0
    ? ''
    : trans.__('There and back: %1', parts.join(', '));
}

/** What is said of a topic beside its name and last value. */
export function topicText(topic: ITopic, trans: TranslationBundle): string {
  const { valuesPerS, bytesPerS, lastBytes, listeners } = topic;
  const parts = [trans.__('%1 Hz', rateText(valuesPerS))];
  if (lastBytes !== null) {
    parts.push(
      trans.__('%1/s', sizeText(bytesPerS)),
      trans.__('last %1', sizeText(lastBytes))
    );
  }
  parts.push(
    listeners === 0
      ? trans.__('nobody listens')
      : trans._n('%1 listener', '%1 listeners', listeners)
  );
  return parts.join(' · ');
}

/** The name of who is connected. */
export function sessionName(
  { isOwn, client, user }: ISessionReport,
  trans: TranslationBundle
): string {
  const name = isOwn
    ? trans.__('This page')
    : client || trans.__('stock client');
  return user === '' ? name : `${name} (${user})`;
}

/** What is said of a session beside its name, line by line. */
export function sessionLines(
  session: ISessionReport,
  trans: TranslationBundle
): string[] {
  const { roundTripS, subscriptions } = session;
  const now = [
    roundTripS === null
      ? trans.__('round trip unknown')
      : trans.__('round trip %1', durationText(roundTripS)),
    trans._n('%1 call', '%1 calls', session.calls),
    subscriptions === null
      ? trans.__('all topics')
      : trans._n('%1 topic', '%1 topics', subscriptions)
  ];
  const sent = trans.__(
    'sent %1 messages, %2; now %3/s, %4/s',
    session.sentMessages,
    sizeText(session.sentBytes),
    rateText(session.sentMessagesPerS),
    sizeText(session.sentBytesPerS)
  );
  const rest = trans.__(
    '%1 queued (%2), %3 replaced by newer, %4 dropped',
    session.queuedMessages,
    sizeText(session.queuedBytes),
    session.coalescedMessages,
    session.droppedMessages
  );
  return [now.join(' · '), sent, rest];
}

/** The name of a part of a call. */
export function partName(
  part: keyof ICallSplit,
  trans: TranslationBundle
): string {
  switch (part) {
    case 'thereS':
      return trans.__('there');
    case 'queueS':
      return trans.__('queue');
    case 'handlerS':
      return trans.__('handler');
    case 'backS':
      return trans.__('back');
  }
}

/** The split of one call in words. */
export function splitText(split: ICallSplit, trans: TranslationBundle): string {
  return SPLIT_PARTS.map(
    part => `${partName(part, trans)} ${durationText(split[part])}`
  ).join(' · ');
}

/** The median of each part; null if no call has them. */
export function medianSplit(entries: readonly ILogEntry[]): ICallSplit | null {
  const splits = entries
    .map(({ split }) => split)
    .filter(split => split !== null);
  if (splits.length === 0) {
    return null;
  }
  const median = (part: keyof ICallSplit): number =>
    splits.map(split => split[part]).sort((a, b) => a - b)[splits.length >> 1];
  return {
    thereS: median('thereS'),
    queueS: median('queueS'),
    handlerS: median('handlerS'),
    backS: median('backS')
  };
}
