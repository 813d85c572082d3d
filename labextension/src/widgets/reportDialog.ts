/**
 * Shows a report, to be read or copied.
 */

import { Clipboard, Dialog, showDialog } from '@jupyterlab/apputils';
import { TranslationBundle } from '@jupyterlab/translation';
import { Widget } from '@lumino/widgets';

/** Show a text; its button copies it. */
export async function showReport(
  text: string,
  trans: TranslationBundle
): Promise<void> {
  const node = document.createElement('pre');
  node.className = 'jp-WslinkReport';
  node.tabIndex = 0; // to be scrolled and selected by keyboard
  node.textContent = text;
  const { button } = await showDialog({
    title: trans.__('Connection Report'),
    body: new Widget({ node }),
    buttons: [
      Dialog.cancelButton({ label: trans.__('Close') }),
      Dialog.okButton({ label: trans.__('Copy') })
    ]
  });
  if (button.accept) {
    Clipboard.copyToSystem(text);
  }
}
