/**
 * The kernel that a page is about, through the server that the page is from.
 */

import { RunningCalls } from '../services/runningCalls';
import { IViewSource } from '../services/viewSource';
import { IObservableSession } from '../session/types';
import { connect } from '../transport/connect';
import { endpointUrl, fileUrl } from '../transport/endpoint';
import { CloseCode } from '../wire/codes';

/** The endpoint which every kernel has. */
const ENDPOINT = 'default';

/** One session for all that the page shows. */
export class KernelOfPage implements IViewSource {
  /**
   * @param baseUrl - Of the server.
   * @param kernelId - As the server names it.
   */
  constructor(
    private readonly _baseUrl: URL,
    private readonly _kernelId: string
  ) {
    this.session = connect(endpointUrl(_baseUrl.href, _kernelId, ENDPOINT), {
      verdict: () => this._verdict()
    });
  }

  readonly session: IObservableSession;
  readonly calls = new RunningCalls();

  fileUrl(path: string, endpoint = ENDPOINT): string {
    return fileUrl(this._baseUrl.href, this._kernelId, endpoint, path);
  }

  /** Ask the server why a connection could not be made: a socket does not say. */
  private async _verdict(): Promise<number | null> {
    const url = new URL(`api/kernels/${this._kernelId}`, this._baseUrl);
    const { status } = await fetch(url);
    switch (status) {
      case 404:
        return CloseCode.KERNEL_DEAD;
      case 401:
      case 403:
        return CloseCode.NOT_ALLOWED;
      default:
        return null; // tells nothing of the kernel
    }
  }
}
