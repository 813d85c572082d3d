/**
 * One view that fills the page.
 */

import { TranslationBundle } from '@jupyterlab/translation';

import { LiveView } from '../services/liveView';
import { importModule } from '../services/viewModule';
import { IViewSource } from '../services/viewSource';
import { IViewTheme } from '../services/viewTheme';
import { ViewStage } from '../widgets/viewStage';

/**
 * Show a view for as long as the page is there.
 *
 * @param host - An empty element.
 */
export function showView(
  host: HTMLElement,
  name: string,
  source: IViewSource,
  theme: IViewTheme,
  trans: TranslationBundle
): LiveView {
  // To connect anew is to load the page anew: it may have to log in.
  const stage = new ViewStage(host, trans, () => location.reload());
  const live = new LiveView({
    name,
    title: name,
    stage,
    theme,
    importModule,
    trans
  });
  live.titleChanged.connect((_, title) => {
    document.title = title;
  });
  live.bind(source, '');
  return live;
}
