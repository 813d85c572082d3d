/**
 * The parts of a view on the screen: messages, error, picture. No decisions.
 */

import { TranslationBundle } from '@jupyterlab/translation';

import { IViewStage } from '../services/stage';
import { IErrorReport } from '../services/viewErrors';
import { IViewNotice } from '../services/viewNotice';
import { BusyNotice } from './busyNotice';
import { Refuge } from './refuge';

/** The DOM of one view, filled into an element which the caller owns. */
export class ViewStage implements IViewStage {
  /**
   * @param host - An empty element.
   * @param trans - The language of the messages.
   * @param onReconnect - Called when the user asks for a new connection.
   */
  constructor(
    host: HTMLElement,
    trans: TranslationBundle,
    onReconnect: () => void
  ) {
    this._trans = trans;
    this._onReconnect = onReconnect;
    host.classList.add('jp-WslinkView');
    this._notice = part('jp-WslinkView-notice');
    // A live region must be in the page before its text changes.
    this._notice.setAttribute('role', 'status');
    this._notice.setAttribute('aria-live', 'polite');
    this._error = part('jp-WslinkView-error');
    this._error.setAttribute('role', 'alert');
    this._picture = part('jp-WslinkView-picture');
    this._refuge = new Refuge(this._picture);
    const busy = part('jp-WslinkView-busy');
    busy.setAttribute('role', 'status');
    this._busy = new BusyNotice(busy, trans);
    host.append(this._notice, this._error, this._picture, busy);
  }

  createRoot(): HTMLElement {
    this.showStill(null);
    const root = part('jp-WslinkView-content');
    this._picture.append(root);
    return root;
  }

  setStale(isStale: boolean): void {
    this._picture.classList.toggle('jp-mod-stale', isStale);
    // Clicks into a picture whose objects are gone would come to nothing.
    this._picture.inert = isStale;
  }

  /** Show the saved picture until there is a live one; null takes it away. */
  showStill(still: HTMLElement | null): void {
    this._still?.remove();
    this._still = still;
    if (still !== null) {
      this._picture.append(still);
    }
  }

  setBusy(isBusy: boolean): void {
    this._busy.setBusy(isBusy);
  }

  setWaiting(calls: number, reason: string): void {
    this._busy.setWaiting(calls, reason);
  }

  showNotice(notice: IViewNotice | null): void {
    const text = notice?.text ?? '';
    if (this._notice.textContent === text && notice?.canReconnect !== true) {
      return; // a live region would say it once more
    }
    this._notice.replaceChildren(...(text === '' ? [] : [text]));
    if (notice?.canReconnect === true) {
      const label = this._trans.__('Reconnect');
      this._notice.append(button(label, this._onReconnect));
    }
  }

  showError(report: IErrorReport | null): void {
    this._error.replaceChildren();
    if (report === null) {
      return;
    }
    const dismiss = button('×', () => this.showError(null));
    dismiss.setAttribute('aria-label', this._trans.__('Dismiss'));
    dismiss.classList.add('jp-WslinkView-dismiss');
    this._error.append(dismiss);
    const summary = part('jp-WslinkView-errorSummary');
    summary.textContent = report.summary;
    this._error.append(summary);
    if (report.place !== '') {
      const place = part('jp-WslinkView-errorPlace');
      place.textContent = report.place;
      this._error.append(place);
    }
    if (report.details !== '') {
      const details = document.createElement('details');
      const title = document.createElement('summary');
      title.textContent = this._trans.__('Stack trace');
      const stack = document.createElement('pre');
      stack.textContent = report.details;
      details.append(title, stack);
      this._error.append(details);
    }
  }

  /** The host leaves the page, maybe for another place in it. */
  beforeDetach(): void {
    this._refuge.enter();
  }

  /** The host is in the page. */
  afterAttach(): void {
    this._refuge.leave();
  }

  dispose(): void {
    this._refuge.dispose();
    this._busy.dispose();
  }

  private readonly _trans: TranslationBundle;
  private readonly _onReconnect: () => void;
  private readonly _notice: HTMLElement;
  private readonly _error: HTMLElement;
  private readonly _picture: HTMLElement;
  private readonly _refuge: Refuge;
  private readonly _busy: BusyNotice;
  private _still: HTMLElement | null = null;
}

/** A button in the application's style. */
export function button(label: string, onClick: () => void): HTMLElement {
  const node = document.createElement('button');
  node.className = 'jp-WslinkView-button jp-mod-styled jp-mod-minimal';
  node.type = 'button';
  node.textContent = label;
  node.addEventListener('click', onClick);
  return node;
}

/**
 * The picture which the saved notebook keeps of a view.
 *
 * @param data - The MIME bundle of the output.
 * @returns The picture, else the text, else null.
 */
export function stillOf(
  data: Readonly<Record<string, unknown>>
): HTMLElement | null {
  const png = joined(data['image/png']);
  const text = joined(data['text/plain']);
  if (png !== null) {
    const image = document.createElement('img');
    image.className = 'jp-WslinkView-still';
    image.src = `data:image/png;base64,${png.replace(/\s/g, '')}`;
    image.alt = text ?? '';
    return image;
  }
  if (text !== null) {
    const pre = document.createElement('pre');
    pre.className = 'jp-WslinkView-still';
    pre.textContent = text;
    return pre;
  }
  return null;
}

/** Notebook files keep long strings as a list of lines. */
function joined(value: unknown): string | null {
  if (Array.isArray(value)) {
    return value.map(String).join('');
  }
  return typeof value === 'string' && value !== '' ? value : null;
}

function part(className: string): HTMLElement {
  const node = document.createElement('div');
  node.className = className;
  return node;
}
