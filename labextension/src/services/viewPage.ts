/**
 * Shows a built web page, as if it were a module that renders it.
 */

import { IRenderContext } from './viewModule';

/**
 * Show the page of a view in a frame, which goes away with its element.
 *
 * The page is not confined: it is code of the kernel and needs the user's
 * login for its socket, as a module does. Who calls this has made sure that
 * the user trusts it, as for a module.
 */
export function renderPage({ el, view }: IRenderContext): void {
  const frame = document.createElement('iframe');
  frame.className = 'jp-WslinkView-page';
  frame.title = view.title;
  frame.src = pageUrl(view.url('index.html'));
  el.append(frame);
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
