/**
 * Opens the wslink session of a kernel through the application's own server.
 */

import { KernelAPI, ServerConnection } from '@jupyterlab/services';

import { ISession } from '../session/types';
import { connect } from '../transport/connect';
import { endpointUrl, fileUrl } from '../transport/endpoint';

/** The endpoint which every kernel has. */
const ENDPOINT = 'default';

/**
 * Open a session to the default endpoint of a kernel.
 *
 * It comes back after every lost connection, until the kernel is gone.
 *
 * @param kernelId - The kernel, as Jupyter Server names it.
 * @param settings - The server that the application itself talks to.
 */
export function openKernelSession(
  kernelId: string,
  settings: ServerConnection.ISettings
): ISession {
  const { wsUrl, token, appendToken, WebSocket } = settings;
  return connect(
    endpointUrl(wsUrl, kernelId, ENDPOINT, appendToken ? token : ''),
    {
      WebSocket,
      // A failed request tells nothing of the kernel: `connect` then goes on.
      shouldRetry: async () =>
        (await KernelAPI.getKernelModel(kernelId, settings)) !== undefined
    }
  );
}

/**
 * Return the URL of one of the web files of a kernel's default endpoint.
 *
 * @param settings - The server that the application itself talks to.
 */
export function kernelFileUrl(
  kernelId: string,
  path: string,
  settings: ServerConnection.ISettings
): string {
  const { baseUrl, token, appendToken } = settings;
  return fileUrl(baseUrl, kernelId, ENDPOINT, path, appendToken ? token : '');
}
