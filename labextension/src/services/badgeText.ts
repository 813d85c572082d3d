/**
 * What the status bar says of a session. Decisions only.
 */

import { TranslationBundle } from '@jupyterlab/translation';

import { ISessionStatus } from '../session/types';
import { IProgressBar } from './progressBars';
import { reasonText } from './reasonText';
import { IRunningCall } from './runningCalls';

/** How a session stands, as far as people care. */
export type Phase =
  | 'connected'
  | 'connecting'
  | 'reconnecting'
  | 'not-loaded'
  | 'restarted'
  | 'closed'
  | 'gone';

/**
 * Name the phase of a status.
 *
 * @param status - The status of the session now.
 * @param wasOpen - Whether the session has been open before.
 */
export function phaseOf(status: ISessionStatus, wasOpen: boolean): Phase {
  if (status.kernel === 'dead') {
    return 'gone';
  }
  switch (status.state) {
    case 'closed':
      return 'closed';
    case 'open':
      return 'connected';
    default:
      break;
  }
  switch (status.kernel) {
    case 'restarted':
      return 'restarted';
    case 'absent':
      return wasOpen ? 'restarted' : 'not-loaded';
    default:
      return wasOpen ? 'reconnecting' : 'connecting';
  }
}

/** The few words in the status bar. */
export function badgeText(
  phase: Phase,
  roundTripS: number | null,
  trans: TranslationBundle
): string {
  switch (phase) {
    case 'connected':
      return roundTripS === null
        ? trans.__('wslink')
        : trans.__('wslink %1', durationText(roundTripS, trans));
    case 'connecting':
      return trans.__('wslink: connecting');
    case 'reconnecting':
      return trans.__('wslink: reconnecting');
    case 'not-loaded':
      return trans.__('wslink: not loaded');
    case 'restarted':
      return trans.__('wslink: kernel restarted');
    case 'closed':
      return trans.__('wslink: closed');
    case 'gone':
      return trans.__('wslink: kernel gone');
  }
}

/** The same in a sentence, without what changes all the time. */
export function phaseSentence(
  phase: Phase,
  document: string,
  reason: string,
  trans: TranslationBundle
): string {
  const because = reason === '' ? '' : ` (${reasonText(reason, trans)})`;
  switch (phase) {
    case 'connected':
      return trans.__('Views are connected to the kernel of %1.', document);
    case 'connecting':
      return trans.__('Connecting views to the kernel of %1.', document);
    case 'reconnecting':
      return trans.__(
        'The connection to the kernel of %1 is lost, trying again%2.',
        document,
        because
      );
    case 'not-loaded':
      return trans.__(
        'The kernel of %1 has not loaded wslink_jupyter yet: run %load_ext wslink_jupyter.',
        document
      );
    case 'restarted':
      return trans.__(
        'The kernel of %1 has restarted: run the cells again to bring its views back.',
        document
      );
    case 'closed':
      return trans.__(
        'The connection to the kernel of %1 is closed%2.',
        document,
        because
      );
    case 'gone':
      return trans.__('The kernel of %1 is gone%2.', document, because);
  }
}

/** The sentence on the time to the server and back; '' if it is not known. */
export function roundTripSentence(
  phase: Phase,
  roundTripS: number | null,
  trans: TranslationBundle
): string {
  return phase === 'connected' && roundTripS !== null
    ? trans.__('The server answers within %1.', durationText(roundTripS, trans))
    : '';
}

/** How far a loop is: `3/10 in 1.5 s`. */
export function progressText(
  { done, total, elapsedS }: IProgressBar,
  trans: TranslationBundle
): string {
  const count = total === null ? `${done}` : `${done}/${total}`;
  return trans.__('%1 in %2 s', count, elapsedS.toFixed(1));
}

/** What is to be said of a call besides its name. */
export function callText(
  { waitsFor }: IRunningCall,
  trans: TranslationBundle
): string {
  if (waitsFor === null) {
    return trans.__('running');
  }
  return waitsFor === ''
    ? trans.__('waits')
    : trans.__('waits: %1', reasonText(waitsFor, trans));
}

function durationText(seconds: number, trans: TranslationBundle): string {
  const ms = seconds * 1000;
  return ms < 1 ? trans.__('<1 ms') : trans.__('%1 ms', Math.round(ms));
}
