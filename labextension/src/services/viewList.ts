/**
 * Asks a kernel for the views that it shows.
 */

import { ISession, ISessionStatus } from '../session/types';
import { asPlacement, ViewPlacement } from './viewBundle';
import { isKernelLost } from './viewNotice';

/** The procedure which lists them. */
export const LIST_VIEWS = 'jupyter.views.list';

/** One view, as lists show it. */
export interface IListedView {
  readonly name: string;
  readonly title: string;
  readonly where: ViewPlacement;
}

/**
 * Ask for the views.
 *
 * @param session - To the kernel; may still be connecting.
 * @param signal - Ends the waiting.
 * @returns The views, oldest first; or, where the kernel cannot be asked, the
 * status that says why.
 */
export async function listViews(
  session: ISession,
  signal: AbortSignal
): Promise<readonly IListedView[] | ISessionStatus> {
  const status = await settled(session, signal);
  if (status.state !== 'open') {
    return status;
  }
  const answer = await session.call<unknown>(LIST_VIEWS, [], {}, { signal });
  return Array.isArray(answer) ? answer.map(readListedView) : [];
}

function readListedView(value: unknown): IListedView {
  const { name, title, where } = value as Record<string, unknown>;
  return {
    name: String(name),
    title: String(title),
    where: asPlacement(where)
  };
}

/** Wait until the session is open, or is known not to be open soon enough. */
function settled(
  session: ISession,
  signal: AbortSignal
): Promise<ISessionStatus> {
  return new Promise(resolve => {
    const look = (status: ISessionStatus): void => {
      if (status.state === 'open' || isKernelLost(status) || signal.aborted) {
        heard.dispose();
        resolve(status);
      }
    };
    const heard = session.onStatus(look);
    signal.addEventListener('abort', () => look(session.status));
    look(session.status);
  });
}
