/**
 * The plugin that renders the outputs of `wl.show(...)`.
 *
 * An output must know its document's kernel, so each notebook and console gets
 * a renderer of its own; outputs anywhere else are only looked at.
 */

import {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ISessionContext, IThemeManager } from '@jupyterlab/apputils';
import { ConsolePanel, IConsoleTracker } from '@jupyterlab/console';
import { NotebookPanel } from '@jupyterlab/notebook';
import { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import { IRenderMime } from '@jupyterlab/rendermime-interfaces';
import { ITranslator } from '@jupyterlab/translation';
import { DisposableDelegate } from '@lumino/disposable';

import {
  CommandIDs,
  IWslinkSessions,
  PluginIDs,
  VIEW_MIME_TYPE
} from '../tokens';
import { IOutputDocument, ViewOutput } from '../widgets/viewOutput';
import { viewServices } from './viewServices';

/** Before every type that a fallback of ours is in. */
const RANK = 0;

export const rendererPlugin: JupyterFrontEndPlugin<void> = {
  id: PluginIDs.renderer,
  description: 'Renders the outputs of wl.show(...).',
  autoStart: true,
  requires: [IRenderMimeRegistry, IWslinkSessions],
  optional: [IConsoleTracker, IThemeManager, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    rendermime: IRenderMimeRegistry,
    sessions: IWslinkSessions,
    consoles: IConsoleTracker | null,
    themes: IThemeManager | null,
    translator: ITranslator | null
  ): void => {
    const services = viewServices(sessions, themes, translator);

    const register = (
      registry: IRenderMimeRegistry,
      document: IOutputDocument | null
    ): void => {
      const factory: IRenderMime.IRendererFactory = {
        // Nothing happens before a click where the output isn't trusted.
        safe: true,
        mimeTypes: [VIEW_MIME_TYPE],
        createRenderer: () => new ViewOutput(document, services.trans)
      };
      registry.addFactory(factory, RANK);
    };
    const documentOf = (
      sessionContext: ISessionContext,
      ref: () => string
    ): IOutputDocument => ({
      sessionContext,
      services,
      panelOpener: () =>
        app.commands.hasCommand(CommandIDs.openView)
          ? (args, where) => {
              void app.commands.execute(CommandIDs.openView, {
                ...args,
                where,
                ref: ref(),
                activate: true
              });
            }
          : null
    });

    register(rendermime, null);
    app.docRegistry.addWidgetExtension('Notebook', {
      createNew: (panel: NotebookPanel) => {
        const document = documentOf(panel.sessionContext, () => panel.id);
        register(panel.content.rendermime, document);
        // The registry is the notebook's own, and goes with it.
        return new DisposableDelegate(() => undefined);
      }
    });
    const addConsole = (panel: ConsolePanel): void => {
      const document = documentOf(panel.sessionContext, () => panel.id);
      register(panel.console.rendermime, document);
    };
    consoles?.forEach(addConsole);
    consoles?.widgetAdded.connect((_, panel) => addConsole(panel));
  }
};
