/**
 * A kernel's views as plain web pages, without JupyterLab: the list of them,
 * or one that fills the page. The server's route says which, in the body.
 */

import '../style/views.css';
import '../style/base.css';

import { nullTranslator } from '@jupyterlab/translation';

import { KernelOfPage } from './page/kernelOfPage';
import { SystemTheme } from './page/systemTheme';
import { showView } from './page/viewDocument';
import { ViewIndex } from './page/viewIndex';

const { baseUrl = '/', kernelId = '', view = '' } = document.body.dataset;
const trans = nullTranslator.load('');
const kernel = new KernelOfPage(new URL(baseUrl, location.href), kernelId);
// It has been used: whoever looks over a shoulder, or copies the address, need not have it.
history.replaceState(null, '', withoutToken(location.href));
if (view === '') {
  new ViewIndex(document.body, kernel, trans);
} else {
  showView(document.body, view, kernel, new SystemTheme(), trans);
}

function withoutToken(href: string): string {
  const url = new URL(href);
  url.searchParams.delete('token');
  return url.href;
}
