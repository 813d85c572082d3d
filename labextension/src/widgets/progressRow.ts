/**
 * Rows of the status popup: something that goes on, and a button that ends it.
 */

import { IProgressBar } from '../services/progressBars';

/** Show how far a loop is; a bar without a value if nobody knows. */
export function setProgress(
  node: HTMLProgressElement,
  { done, total }: Pick<IProgressBar, 'done' | 'total'>
): void {
  if (total === null) {
    node.removeAttribute('value');
  } else {
    node.max = total;
    node.value = Math.min(done, total);
  }
}

/** What a row shows. */
export interface IRow {
  readonly label: string;
  readonly details: string;
  /** Null for what has no bar. */
  readonly progress: Pick<IProgressBar, 'done' | 'total'> | null;
  /** What the button does, in a few words. */
  readonly cancelTitle: string;
  readonly cancel: () => void;
}

/** One row. It stays the same element, so that the keyboard keeps its button. */
export class ActivityRow {
  /** @param cancelText - What is on the button. */
  constructor(cancelText: string) {
    this.node.className = 'jp-WslinkStatus-row';
    this._label.className = 'jp-WslinkStatus-label';
    this._details.className = 'jp-WslinkStatus-details';
    this._button.className = 'jp-WslinkView-button jp-mod-styled jp-mod-reject';
    this._button.type = 'button';
    this._button.textContent = cancelText;
    this._button.addEventListener('click', event => {
      // The row may be gone before the click arrives at the document, where the
      // popup would take it for one outside, and close.
      event.stopPropagation();
      this._row?.cancel();
    });
    this.node.append(this._label, this._bar, this._details, this._button);
  }

  readonly node = document.createElement('li');

  /** Show this from now on. */
  set(row: IRow): void {
    this._row = row;
    const { label, details, progress, cancelTitle } = row;
    this._label.textContent = label;
    this._label.title = label;
    this._details.textContent = details;
    this._bar.hidden = progress === null;
    this._bar.setAttribute('aria-label', label);
    if (progress !== null) {
      setProgress(this._bar, progress);
    }
    this._button.title = cancelTitle;
    this._button.setAttribute(
      'aria-label',
      `${this._button.textContent} ${label}`.trim()
    );
  }

  private readonly _label = document.createElement('span');
  private readonly _bar = document.createElement('progress');
  private readonly _details = document.createElement('span');
  private readonly _button = document.createElement('button');
  private _row: IRow | null = null;
}
