/**
 * What the plugins with views hand to every view widget.
 */

import { IThemeManager } from '@jupyterlab/apputils';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { importModule } from '../services/viewModule';
import { ViewTheme } from '../services/viewTheme';
import { IWslinkSessions } from '../tokens';
import { IViewServices } from '../widgets/viewWidget';

/** The domain of our texts in JupyterLab's translations. */
export const TRANSLATION_DOMAIN = 'wslink_jupyter';

/** Gather the services; a view imports modules as the browser's own. */
export function viewServices(
  sessions: IWslinkSessions,
  themes: IThemeManager | null,
  translator: ITranslator | null
): IViewServices {
  return {
    sessions,
    theme: new ViewTheme(themes),
    importModule,
    trans: (translator ?? nullTranslator).load(TRANSLATION_DOMAIN)
  };
}
