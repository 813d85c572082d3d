/**
 * What a view says while the kernel's main thread has other things to do.
 */

import { TranslationBundle } from '@jupyterlab/translation';

import { reasonText } from '../services/reasonText';

/** Most cells are shorter: no need to speak of them. */
const DELAY_MS = 1000;

/** The text of one element, which the caller owns. */
export class BusyNotice {
  /**
   * @param node - An empty element.
   * @param trans - The language of the messages.
   */
  constructor(node: HTMLElement, trans: TranslationBundle) {
    this._node = node;
    this._trans = trans;
  }

  /** Say that the main thread runs a cell. */
  setBusy(isBusy: boolean): void {
    this._isBusy = isBusy;
    this._update();
  }

  /** Say how many calls of the view wait, and for what. */
  setWaiting(calls: number, reason: string): void {
    this._calls = calls;
    this._reason = reason;
    this._update();
  }

  dispose(): void {
    clearTimeout(this._timer);
  }

  private _update(): void {
    if (!this._isBusy && this._calls === 0) {
      clearTimeout(this._timer);
      this._timer = undefined;
      this._isLong = false;
    } else if (this._timer === undefined) {
      this._timer = setTimeout(() => {
        this._isLong = true;
        this._update();
      }, DELAY_MS);
    }
    const text = this._text();
    // A live region would say the same text once more.
    if (this._node.textContent !== text) {
      this._node.textContent = text;
    }
  }

  private _text(): string {
    // Calls that wait for each other are soon done, one hopes; for a cell, who
    // knows.
    const isTold = this._isLong || (this._isBusy && this._calls > 0);
    if (!isTold) {
      return '';
    }
    if (this._calls === 0) {
      return this._trans.__(
        'Kernel busy: calls to main-thread procedures wait'
      );
    }
    const text = this._trans._n(
      'Kernel busy: %1 call waits',
      'Kernel busy: %1 calls wait',
      this._calls
    );
    const reason = reasonText(this._reason, this._trans);
    return reason === '' ? text : `${text} (${reason})`;
  }

  private readonly _node: HTMLElement;
  private readonly _trans: TranslationBundle;
  private _isBusy = false;
  private _calls = 0;
  private _reason = '';
  /** Runs, or has fired, while there is anything to say. */
  private _timer: ReturnType<typeof setTimeout> | undefined;
  private _isLong = false;
}
