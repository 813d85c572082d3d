/**
 * Runs a line in a kernel without a trace in the document.
 */

import { Kernel, KernelMessage } from '@jupyterlab/services';

/** The kernel ran the code, and it raised; the message is the kernel's. */
export class SilentCodeError extends Error {
  override readonly name = 'SilentCodeError';
}

/**
 * Run code, and wait for it: behind the cells that are to be run before.
 *
 * @param kernels - Makes the connection, which this owns: no document listens.
 * @param model - The kernel.
 * @param signal - Ends the waiting; what the kernel has got it will run.
 * @returns What it printed.
 * @throws {SilentCodeError} if it raised.
 */
export async function runSilently(
  kernels: Kernel.IManager,
  model: Kernel.IModel,
  code: string,
  signal?: AbortSignal
): Promise<string> {
  // Comms are the business of those who opened them.
  const kernel = kernels.connectTo({ model, handleComms: false });
  const leave = (): void => kernel.dispose();
  signal?.addEventListener('abort', leave);
  try {
    const future = kernel.requestExecute({
      code,
      silent: true,
      store_history: false,
      allow_stdin: false
    });
    let printed = '';
    future.onIOPub = message => {
      if (KernelMessage.isStreamMsg(message)) {
        printed += message.content.text;
      }
    };
    const { content } = await future.done;
    if (content.status === 'error') {
      throw new SilentCodeError(`${content.ename}: ${content.evalue}`);
    }
    return printed;
  } finally {
    signal?.removeEventListener('abort', leave);
    leave();
  }
}
