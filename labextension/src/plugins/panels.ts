/**
 * The plugin that opens views in panels beside their notebook.
 */

import {
  ILabShell,
  ILayoutRestorer,
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { IThemeManager } from '@jupyterlab/apputils';
import { IConsoleTracker } from '@jupyterlab/console';
import { INotebookTracker } from '@jupyterlab/notebook';
import { ITranslator } from '@jupyterlab/translation';

import { AnnouncementWatch } from '../services/announcementWatch';
import { sessionPath } from '../services/kernelSource';
import { IUserSettings } from '../services/userSettings';
import { asPlacement } from '../services/viewBundle';
import { CommandIDs, IWslinkSessions, PluginIDs } from '../tokens';
import { readPanelArgs } from '../widgets/viewPanel';
import { PanelFocus, ViewPanels } from '../widgets/viewPanels';
import { viewServices } from './viewServices';

export const panelsPlugin: JupyterFrontEndPlugin<void> = {
  id: PluginIDs.panels,
  description: 'Opens the views of wl.show(...) in panels beside the notebook.',
  autoStart: true,
  requires: [IWslinkSessions, IUserSettings],
  optional: [
    INotebookTracker,
    IConsoleTracker,
    ILabShell,
    ILayoutRestorer,
    IThemeManager,
    ITranslator
  ],
  activate: (
    app: JupyterFrontEnd,
    sessions: IWslinkSessions,
    settings: IUserSettings,
    notebooks: INotebookTracker | null,
    consoles: IConsoleTracker | null,
    labShell: ILabShell | null,
    restorer: ILayoutRestorer | null,
    themes: IThemeManager | null,
    translator: ITranslator | null
  ): void => {
    const abilities = { splits: labShell !== null, right: hasRight(app.shell) };
    if (!abilities.splits && !abilities.right) {
      return; // outputs find no command, and show their views in the cell
    }
    const services = viewServices(sessions, themes, translator);
    const panels = new ViewPanels(
      services,
      app.serviceManager.sessions,
      app.shell,
      abilities
    );

    app.commands.addCommand(CommandIDs.openView, {
      label: services.trans.__('Open wslink View'),
      describedBy: { args: OPEN_VIEW_SCHEMA },
      execute: args =>
        panels.open(readPanelArgs(args), {
          where: asPlacement(args.where),
          ref: typeof args.ref === 'string' ? args.ref : undefined,
          focus: focusOf(args.activate)
        })
    });
    void restorer?.restore(panels.tracker, {
      command: CommandIDs.openView,
      // The saved layout says which tab is in front.
      args: panel => ({ ...panel.args, activate: false }),
      name: panel => panel.key
    });

    const watch = new AnnouncementWatch((view, context, ref) => {
      if (!settings.openPanels) {
        return; // the output has a button
      }
      panels.open(
        {
          path: sessionPath(context),
          name: view.name,
          title: view.title,
          sessionId: context.session?.id ?? null
        },
        { where: view.where, ref, focus: 'if-hidden' }
      );
    });
    for (const tracker of [notebooks, consoles]) {
      tracker?.forEach(document => watch.add(document));
      tracker?.widgetAdded.connect((_: unknown, document) =>
        watch.add(document)
      );
    }
  }
};

const OPEN_VIEW_SCHEMA = {
  type: 'object',
  required: ['path', 'name'],
  properties: {
    path: { type: 'string', description: 'The path of the notebook' },
    name: { type: 'string', description: 'The name given to wl.show' },
    title: { type: 'string', description: 'The title of the tab' },
    sessionId: {
      type: 'string',
      description: 'The session of the notebook, if known'
    },
    where: {
      type: 'string',
      enum: ['split-right', 'split-bottom', 'tab-after']
    },
    ref: { type: 'string', description: 'The widget to place it beside' },
    activate: {
      type: 'boolean',
      description: 'Give it the keyboard; only if it is hidden by default'
    }
  }
} as const;

function focusOf(activate: unknown): PanelFocus {
  if (typeof activate !== 'boolean') {
    return 'if-hidden';
  }
  return activate ? 'always' : 'never';
}

/** Whether a shell has an area at its right side. */
export function hasRight(shell: JupyterFrontEnd.IShell): boolean {
  try {
    return shell.widgets('right') !== undefined;
  } catch {
    return false; // shells throw for an area they do not have
  }
}
