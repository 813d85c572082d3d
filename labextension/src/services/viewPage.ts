/**
 * Shows a web page of the kernel's, as if it were a module that renders it.
 */

import { IAppAnswer } from './viewAnswer';
import { IRenderContext } from './viewModule';
import { IViewSource } from './viewSource';

/**
 * Show the page of a view in a frame, which goes away with its element.
 *
 * The page is not confined: it is code of the kernel and needs the user's
 * login for its socket, as a module does. Who calls this has made sure that
 * the user trusts it, as for a module.
 */
export function renderPage({ el, view }: IRenderContext): void {
  el.append(frameOf(view.title, pageUrl(view.url('index.html'))));
}

/**
 * Show the page of an application's server, which is trusted as `renderPage` says.
 *
 * It comes back by itself after a lost connection, as its authors have it do.
 */
export function renderApp(
  { el, view }: IRenderContext,
  { endpoint, query, width, height }: IAppAnswer,
  source: IViewSource
): void {
  const url = pageUrl(source.fileUrl('index.html', endpoint));
  const frame = frameOf(view.title, `${url}&reconnect=auto&${query}`);
  // Where there is a size to choose: a panel has its own.
  el.style.setProperty('--jp-wslink-width', width);
  el.style.setProperty('--jp-wslink-height', height);
  el.append(frame);
}

function frameOf(title: string, url: string): HTMLIFrameElement {
  const frame = document.createElement('iframe');
  frame.className = 'jp-WslinkView-page';
  frame.title = title;
  frame.src = url;
  return frame;
}

/**
 * Tell stock wslink clients to ask their page for its socket.
 *
 * The server has put `window.WSLINK` into the page; applications built with
 * stock clients turn to it when they find this parameter.
 *
 * @param url - Of the page; may carry a token.
 */
export function pageUrl(url: string): string {
  return `${url}${url.includes('?') ? '&' : '?'}wsProxy`;
}
