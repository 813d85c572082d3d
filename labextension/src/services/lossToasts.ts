/**
 * Tells of lost connections in the application's notifications.
 */

import { Notification } from '@jupyterlab/apputils';
import { TranslationBundle } from '@jupyterlab/translation';

import { ILossTeller, LossEnd } from './lossPolicy';

/** How long good news stays on the screen. */
const GOOD_NEWS_MS = 5000;

/** One notification for each kernel, from the loss to its end. */
export class LossToasts implements ILossTeller {
  /**
   * @param nameOf - Names the documents of a kernel.
   * @param trans - The language of the messages.
   */
  constructor(nameOf: (kernelId: string) => string, trans: TranslationBundle) {
    this._nameOf = nameOf;
    this._trans = trans;
  }

  lost(kernelId: string): void {
    const name = this._nameOf(kernelId);
    const message = this._trans.__(
      'Connection to the kernel of %1 lost; reconnecting',
      name
    );
    const id = Notification.warning(message, { autoClose: false });
    this._toasts.set(kernelId, { id, name });
  }

  ended(kernelId: string, how: LossEnd): void {
    const toast = this._toasts.get(kernelId);
    if (toast === undefined) {
      return;
    }
    this._toasts.delete(kernelId);
    const { id, name } = toast;
    // One that the user closed meanwhile is not there to be updated: so be it.
    switch (how) {
      case 'recovered':
        Notification.update({
          id,
          type: 'success',
          message: this._trans.__('Connected to the kernel of %1 again', name),
          autoClose: GOOD_NEWS_MS
        });
        break;
      case 'restarted':
        Notification.update({
          id,
          type: 'warning',
          message: this._trans.__(
            'The kernel of %1 has restarted: run the cells again',
            name
          ),
          autoClose: false
        });
        break;
      case 'over':
        Notification.dismiss(id);
    }
  }

  private readonly _nameOf: (kernelId: string) => string;
  private readonly _trans: TranslationBundle;
  private readonly _toasts = new Map<string, { id: string; name: string }>();
}
