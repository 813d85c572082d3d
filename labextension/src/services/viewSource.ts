/**
 * Where a view comes from.
 */

import { ISession } from '../session/types';

/** The kernel of a view, as far as the view needs it. */
export interface IViewSource {
  readonly session: ISession;
  /** The URL of one of the kernel's web files. */
  fileUrl(path: string): string;
}
