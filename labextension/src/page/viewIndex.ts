/**
 * The list of a kernel's views, kept equal to what the kernel shows.
 */

import { TranslationBundle } from '@jupyterlab/translation';

import { VIEWS_CHANGED } from '../services/viewAnswer';
import { IListedView, listViews } from '../services/viewList';
import { noticeFor } from '../services/viewNotice';
import { IViewSource } from '../services/viewSource';
import { ISessionStatus } from '../session/types';
import { element, setText } from '../widgets/elements';

/** Links to the pages of views, which are beside this page. */
export class ViewIndex {
  /** @param host - An empty element. */
  constructor(
    host: HTMLElement,
    private readonly _source: IViewSource,
    private readonly _trans: TranslationBundle
  ) {
    const { session } = _source;
    host.classList.add('jp-WslinkIndex');
    this._notice.setAttribute('role', 'status');
    host.append(
      element('h1', 'jp-WslinkIndex-title', document.title),
      this._notice,
      this._list
    );
    session.subscribe(VIEWS_CHANGED, () => this._refresh());
    session.onStatus(status => this._onStatus(status));
    this._onStatus(session.status);
  }

  private _onStatus(status: ISessionStatus): void {
    const standing = { title: '', absence: null, hasPicture: false };
    const notice = noticeFor(status, standing, this._trans);
    setText(this._notice, notice?.text ?? '');
    const isOpen = status.state === 'open';
    if (isOpen && !this._wasOpen) {
      void this._refresh();
    }
    this._wasOpen = isOpen;
  }

  private async _refresh(): Promise<void> {
    const turn = ++this._turn;
    let views: readonly IListedView[] | ISessionStatus;
    try {
      views = await listViews(
        this._source.session,
        new AbortController().signal
      );
    } catch {
      return; // the connection was lost: it comes back, or the notice says so
    }
    if (turn === this._turn && 'length' in views) {
      this._show(views);
    }
  }

  private _show(views: readonly IListedView[]): void {
    this._list.replaceChildren(
      ...views.map(({ name, title }) => {
        const link = element('a', 'jp-WslinkIndex-link', title);
        link.href = encodeURIComponent(name);
        const row = element('li', 'jp-WslinkIndex-row');
        row.append(link);
        return row;
      })
    );
    if (views.length === 0) {
      const text = this._trans.__(
        'The notebook shows no view: call wl.show(...)'
      );
      this._list.append(element('li', 'jp-WslinkIndex-row', text));
    }
  }

  private readonly _notice = element('div', 'jp-WslinkView-notice');
  private readonly _list = element('ul', 'jp-WslinkIndex-list');
  private _wasOpen = false;
  /** Counts the refreshes: only the latest may touch the screen. */
  private _turn = 0;
}
