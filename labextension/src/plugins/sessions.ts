/**
 * The plugin that gives other plugins the wslink session of a kernel.
 */

import {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';

import { KernelSessions } from '../services/kernelSessions';
import {
  kernelFileUrl,
  openKernelSession
} from '../services/openKernelSession';
import { IWslinkSessions, PluginIDs } from '../tokens';

export const sessionsPlugin: JupyterFrontEndPlugin<IWslinkSessions> = {
  id: PluginIDs.sessions,
  description: 'Gives the wslink session of a kernel.',
  autoStart: true,
  provides: IWslinkSessions,
  activate: (app: JupyterFrontEnd): IWslinkSessions => {
    const { serverSettings } = app.serviceManager;
    return new KernelSessions(
      kernelId => openKernelSession(kernelId, serverSettings),
      (kernelId, path, endpoint) =>
        kernelFileUrl(kernelId, path, serverSettings, endpoint)
    );
  }
};
