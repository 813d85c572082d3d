/**
 * Tells whose kernel it is that the user looks at.
 */

import { IConsoleTracker } from '@jupyterlab/console';
import { INotebookTracker } from '@jupyterlab/notebook';
import { Session } from '@jupyterlab/services';

import { KernelFinder } from '../services/currentKernel';
import { ContextKernel, PathKernel } from '../services/kernelSource';
import { ViewPanel } from '../widgets/viewPanel';

/**
 * Make what finds the kernel of a notebook, a console, or a panel of a view.
 *
 * @param sessions - The application's session manager.
 * @param trackers - Those that the application has.
 */
export function kernelFinder(
  sessions: Session.IManager,
  trackers: readonly (INotebookTracker | IConsoleTracker | null)[]
): KernelFinder {
  return widget => {
    if (widget instanceof ViewPanel) {
      const { path, sessionId } = widget.args;
      return new PathKernel(sessions, path, sessionId);
    }
    for (const tracker of trackers) {
      const document = tracker?.find(each => each === widget);
      if (document) {
        return new ContextKernel(document.sessionContext);
      }
    }
    return null;
  };
}
