/**
 * What the message bar of a view says. Decisions only.
 */

import { TranslationBundle } from '@jupyterlab/translation';

import { ISessionStatus } from '../session/types';
import { reasonText } from './reasonText';

/** One message of the bar. */
export interface IViewNotice {
  readonly text: string;
  /** Offer to open the session anew. */
  readonly canReconnect: boolean;
}

/**
 * The view was never shown since the kernel started, or was closed there; or its
 * output is of an earlier start.
 */
export type ViewAbsence = 'not-shown' | 'closed' | 'outdated';

/** What is known of the view itself. */
export interface IViewStanding {
  readonly title: string;
  /** Why the kernel has no such view, or null if it has. */
  readonly absence: ViewAbsence | null;
  /** A picture of this or of an earlier kernel start is on the screen. */
  readonly hasPicture: boolean;
}

/**
 * Whether the objects behind the picture are gone, for all we know.
 *
 * @param status - The status of the session now.
 */
export function isKernelLost(status: ISessionStatus): boolean {
  return (
    status.state === 'closed' ||
    status.kernel === 'restarted' ||
    status.kernel === 'absent' ||
    status.kernel === 'dead'
  );
}

/**
 * Choose the message for a status.
 *
 * @returns The message, or null while all is well.
 */
export function noticeFor(
  status: ISessionStatus,
  view: IViewStanding,
  trans: TranslationBundle
): IViewNotice | null {
  const say = (text: string, canReconnect = false): IViewNotice => ({
    text,
    canReconnect
  });
  const reason = reasonText(status.reason, trans);
  if (status.kernel === 'dead') {
    const text = withReason(trans.__('The kernel is gone'), reason);
    return say(text, status.state === 'closed');
  }
  if (status.state === 'closed') {
    const text = withReason(trans.__('Connection closed'), reason);
    return say(text, true);
  }
  if (status.kernel === 'restarted' || status.kernel === 'absent') {
    if (view.hasPicture) {
      return say(
        trans.__(
          'Kernel restarted: run the cells again to bring this view back'
        )
      );
    }
    return say(
      reason ||
        trans.__(
          'The kernel has not loaded wslink_jupyter yet: run %load_ext wslink_jupyter'
        )
    );
  }
  if (status.state === 'waiting') {
    const text = trans.__('Connection lost, trying again');
    return say(withReason(text, reason));
  }
  if (status.state === 'connecting') {
    return say(trans.__('Connecting to the kernel …'));
  }
  switch (view.absence) {
    case 'not-shown':
      return say(
        trans.__(
          '"%1" is not shown by this kernel: run the cell with wl.show(...) again',
          view.title
        )
      );
    case 'closed':
      return say(
        trans.__(
          '"%1" was closed by the notebook: run the cell with wl.show(...) again',
          view.title
        )
      );
    case 'outdated':
      return say(
        trans.__(
          '"%1" was shown before the kernel restarted: run the cell again',
          view.title
        )
      );
    case null:
      return null;
  }
}

function withReason(text: string, reason: string): string {
  return reason === '' ? text : `${text}: ${reason}`;
}
