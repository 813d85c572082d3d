/**
 * The plugin that shows in the sidebar what a kernel offers, and how it goes.
 */

import {
  ILayoutRestorer,
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { IConsoleTracker } from '@jupyterlab/console';
import { INotebookTracker } from '@jupyterlab/notebook';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { CurrentKernel } from '../services/currentKernel';
import { InspectorModel } from '../services/inspectorModel';
import { IWslinkSessions, PluginIDs } from '../tokens';
import { InspectorPanel } from '../widgets/inspectorPanel';
import { kernelFinder } from './kernelFinder';
import { hasRight } from './panels';
import { TRANSLATION_DOMAIN } from './viewServices';

/** After those of JupyterLab itself. */
const RANK = 900;

export const inspectorPlugin: JupyterFrontEndPlugin<void> = {
  id: PluginIDs.inspector,
  description: 'Shows procedures, topics, sessions and calls of a kernel.',
  autoStart: true,
  requires: [IWslinkSessions],
  optional: [INotebookTracker, IConsoleTracker, ILayoutRestorer, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    sessions: IWslinkSessions,
    notebooks: INotebookTracker | null,
    consoles: IConsoleTracker | null,
    restorer: ILayoutRestorer | null,
    translator: ITranslator | null
  ): void => {
    if (!hasRight(app.shell)) {
      return;
    }
    const find = kernelFinder(app.serviceManager.sessions, [
      notebooks,
      consoles
    ]);
    const model = new InspectorModel(
      () => new CurrentKernel(app.shell, find),
      sessions
    );
    const texts = translator ?? nullTranslator;
    const panel = new InspectorPanel(
      model,
      texts.load(TRANSLATION_DOMAIN),
      texts
    );
    app.shell.add(panel, 'right', { rank: RANK });
    restorer?.add(panel, panel.id);
  }
};
