/**
 * Opens the wslink session of a kernel through the application's own server.
 */

import { KernelAPI, ServerConnection } from '@jupyterlab/services';

import { IObservableSession } from '../session/types';
import { connect } from '../transport/connect';
import { endpointUrl, fileUrl } from '../transport/endpoint';
import { CloseCode } from '../wire/codes';

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
): IObservableSession {
  const { wsUrl, token, appendToken, WebSocket } = settings;
  return connect(
    endpointUrl(wsUrl, kernelId, ENDPOINT, appendToken ? token : ''),
    {
      WebSocket,
      verdict: () => verdictOn(kernelId, settings)
    }
  );
}

/** Ask the server why a connection could not be made: a socket does not say. */
async function verdictOn(
  kernelId: string,
  settings: ServerConnection.ISettings
): Promise<number | null> {
  try {
    const model = await KernelAPI.getKernelModel(kernelId, settings);
    return model === undefined ? CloseCode.KERNEL_DEAD : null;
  } catch (error) {
    const isRefused =
      error instanceof ServerConnection.ResponseError &&
      [401, 403].includes(error.response.status);
    // Any other failure tells nothing of the kernel.
    return isRefused ? CloseCode.NOT_ALLOWED : null;
  }
}

/**
 * Return the URL of one of the web files of a kernel.
 *
 * @param settings - The server that the application itself talks to.
 */
export function kernelFileUrl(
  kernelId: string,
  path: string,
  settings: ServerConnection.ISettings,
  endpoint = ENDPOINT
): string {
  const { baseUrl, token, appendToken } = settings;
  return fileUrl(baseUrl, kernelId, endpoint, path, appendToken ? token : '');
}
