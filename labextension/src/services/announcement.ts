/**
 * Which kernel messages open a panel.
 *
 * A saved output must not open anything: only a message that a live kernel
 * sends now counts, and only in the page which ran the cell. Outputs read from
 * a file never come by here, because they are not messages.
 */

import { KernelMessage } from '@jupyterlab/services';

import { VIEW_MIME_TYPE } from '../tokens';
import { IViewBundle, readViewBundle } from './viewBundle';

/**
 * Find the view which a message announces to this page.
 *
 * @param message - Any message of the IOPub channel.
 * @param clientId - The id of this page's connection to the kernel.
 * @returns The view to open in a panel, or null: another kind of message,
 * another page's cell, a view meant for the cell, or a bundle we cannot read
 * (its output says why).
 */
export function announcedView(
  message: KernelMessage.IIOPubMessage,
  clientId: string | undefined
): IViewBundle | null {
  if (!showsData(message)) {
    return null;
  }
  const parent = message.parent_header as Partial<KernelMessage.IHeader>;
  if (clientId === undefined || parent.session !== clientId) {
    return null;
  }
  const data = message.content.data[VIEW_MIME_TYPE];
  if (data === undefined) {
    return null;
  }
  try {
    const bundle = readViewBundle(data);
    return bundle.where === 'cell' ? null : bundle;
  } catch {
    return null; // the renderer of the same output shows the sentence
  }
}

function showsData(
  message: KernelMessage.IIOPubMessage
): message is
  | KernelMessage.IDisplayDataMsg
  | KernelMessage.IExecuteResultMsg
  | KernelMessage.IUpdateDisplayDataMsg {
  return (
    KernelMessage.isDisplayDataMsg(message) ||
    KernelMessage.isExecuteResultMsg(message) ||
    KernelMessage.isUpdateDisplayDataMsg(message)
  );
}
