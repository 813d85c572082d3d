/**
 * The plugin that tells in the status bar, and in notifications, how the sessions
 * of the page stand.
 */

import {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ISessionContext, Notification } from '@jupyterlab/apputils';
import { IConsoleTracker } from '@jupyterlab/console';
import { INotebookTracker } from '@jupyterlab/notebook';
import { KernelAPI } from '@jupyterlab/services';
import { IStatusBar } from '@jupyterlab/statusbar';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { SessionDocument } from '../services/announcementWatch';
import { CurrentKernel } from '../services/currentKernel';
import { LossPolicy } from '../services/lossPolicy';
import { LossToasts } from '../services/lossToasts';
import { SessionWatches } from '../services/sessionWatch';
import { StatusModel } from '../services/statusModel';
import { IUserSettings } from '../services/userSettings';
import { IWslinkSessions, PluginIDs } from '../tokens';
import { SYSTEM_CLOCK } from '../transport/clock';
import { StatusBadge } from '../widgets/statusBadge';
import { kernelFinder } from './kernelFinder';
import { TRANSLATION_DOMAIN } from './viewServices';

export const statusPlugin: JupyterFrontEndPlugin<void> = {
  id: PluginIDs.status,
  description: 'Tells how the connections of views to their kernels stand.',
  autoStart: true,
  requires: [IWslinkSessions, IUserSettings],
  optional: [INotebookTracker, IConsoleTracker, IStatusBar, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    sessions: IWslinkSessions,
    settings: IUserSettings,
    notebooks: INotebookTracker | null,
    consoles: IConsoleTracker | null,
    statusBar: IStatusBar | null,
    translator: ITranslator | null
  ): void => {
    const trans = (translator ?? nullTranslator).load(TRANSLATION_DOMAIN);
    const { serviceManager } = app;
    const toasts = new LossToasts(
      kernelId => documentsOf(kernelId, app) || trans.__('a closed document'),
      trans
    );
    const watches = new SessionWatches(
      sessions,
      new LossPolicy(SYSTEM_CLOCK, {
        lost: kernelId => settings.notifyOfLoss && toasts.lost(kernelId),
        ended: (kernelId, how) => toasts.ended(kernelId, how)
      })
    );
    if (statusBar === null) {
      return; // an application without one has notifications all the same
    }

    const findContext = (
      isIt: (document: SessionDocument) => boolean
    ): ISessionContext | undefined =>
      (notebooks?.find(isIt) ?? consoles?.find(isIt))?.sessionContext;

    const current = new CurrentKernel(
      app.shell,
      kernelFinder(serviceManager.sessions, [notebooks, consoles])
    );

    const interrupt = async (kernelId: string): Promise<void> => {
      const context = findContext(
        document => kernelOf(document)?.id === kernelId
      );
      try {
        // The document of a view need not be open in this page.
        await (context?.session?.kernel?.interrupt() ??
          KernelAPI.interruptKernel(kernelId, serviceManager.serverSettings));
      } catch (error) {
        Notification.error(
          trans.__('The kernel could not be interrupted: %1', String(error))
        );
      }
    };

    const model = new StatusModel(current, watches);
    settings.changed.connect(() => model.activeChanged.emit());
    statusBar.registerStatusItem(PluginIDs.status, {
      item: new StatusBadge(model, id => void interrupt(id), trans),
      align: 'left',
      rank: 4, // after the kernel's own
      isActive: () => settings.showStatus && model.shown !== null,
      activeStateChanged: model.activeChanged
    });
  }
};

function kernelOf({ sessionContext }: SessionDocument) {
  return sessionContext.session?.kernel;
}

/** The names of what is connected to a kernel; '' if nothing is. */
function documentsOf(kernelId: string, app: JupyterFrontEnd): string {
  const running = [...app.serviceManager.sessions.running()];
  return running
    .filter(({ kernel }) => kernel?.id === kernelId)
    .map(({ name, path }) => name || path)
    .join(', ');
}
