/**
 * Where a view comes from.
 */

import { ISession } from '../session/types';
import { RunningCalls } from './runningCalls';

/** The kernel of a view, as far as the view needs it. */
export interface IViewSource {
  readonly session: ISession;
  /** Where the calls of the view are written down while they last. */
  readonly calls: RunningCalls;
  /** The URL of one of the kernel's web files, of its default endpoint or another. */
  fileUrl(path: string, endpoint?: string): string;
}
