/**
 * The plugin with the commands of the palette, the context menu and the launcher.
 */

import {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { IConsoleTracker } from '@jupyterlab/console';
import { ILauncher } from '@jupyterlab/launcher';
import { INotebookTracker } from '@jupyterlab/notebook';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { CommandRegistry } from '@lumino/commands';

import { CommandIDs, IWslinkSessions, PluginIDs } from '../tokens';
import { CommandTargets, ICommandTarget } from '../widgets/commandTarget';
import { createExample } from '../widgets/exampleCommand';
import { viewIcon } from '../widgets/icons';
import { KernelCommands } from '../widgets/kernelCommands';
import { TRANSLATION_DOMAIN } from './viewServices';

/** The name of a command in the palette says what the place says elsewhere. */
const IS_PALETTE = {
  type: 'boolean',
  description: 'Whether the label is for the command palette'
} as const;

/** Commands about the current document take nothing else. */
const NO_ARGS = {
  type: 'object',
  properties: { isPalette: IS_PALETTE }
} as const;

const EXAMPLE_ARGS = {
  type: 'object',
  properties: {
    cwd: { type: 'string', description: 'The folder of the new notebook' },
    isPalette: IS_PALETTE
  }
} as const;

export const commandsPlugin: JupyterFrontEndPlugin<void> = {
  id: PluginIDs.commands,
  description: 'Adds the commands of wslink.',
  autoStart: true,
  requires: [IWslinkSessions],
  optional: [
    INotebookTracker,
    IConsoleTracker,
    ICommandPalette,
    ILauncher,
    ITranslator
  ],
  activate: (
    app: JupyterFrontEnd,
    sessions: IWslinkSessions,
    notebooks: INotebookTracker | null,
    consoles: IConsoleTracker | null,
    palette: ICommandPalette | null,
    launcher: ILauncher | null,
    translator: ITranslator | null
  ): void => {
    const words = translator ?? nullTranslator;
    const trans = words.load(TRANSLATION_DOMAIN);
    const { commands, serviceManager } = app;
    const targets = new CommandTargets(
      app.shell,
      serviceManager.sessions,
      [notebooks, consoles].filter(tracker => tracker !== null)
    );
    const on = new KernelCommands(app, sessions, trans);

    const category = trans.__('wslink');
    const add = (
      id: string,
      options: CommandRegistry.ICommandOptions
    ): void => {
      commands.addCommand(id, options);
      palette?.addItem({ command: id, category, args: { isPalette: true } });
    };
    /** A command about the current document; null stands for a disabled one. */
    const addFor = (
      id: string,
      label: string,
      caption: string,
      isPossible: (target: ICommandTarget) => boolean,
      execute: (target: ICommandTarget) => unknown
    ): void =>
      add(id, {
        label: args =>
          args.isPalette === true ? trans.__('wslink: %1', label) : label,
        caption,
        describedBy: { args: NO_ARGS },
        isEnabled: () => {
          const target = targets.current;
          return target !== null && isPossible(target);
        },
        execute: () => {
          const target = targets.current;
          return target === null ? undefined : execute(target);
        }
      });

    addFor(
      CommandIDs.load,
      trans.__('Load wslink into Kernel'),
      trans.__('Run %load_ext wslink_jupyter in the kernel, without a cell'),
      target => on.isPython(target),
      target => on.load(target)
    );
    addFor(
      CommandIDs.chooseView,
      trans.__('Open View…'),
      trans.__('Choose one of the views that the kernel shows'),
      () => commands.hasCommand(CommandIDs.openView),
      target => on.chooseView(target)
    );
    addFor(
      CommandIDs.closeViews,
      trans.__('Close All Views'),
      trans.__('Close the panels of this document'),
      target => targets.panelsOf(target).length > 0,
      target => targets.panelsOf(target).forEach(panel => panel.close())
    );
    addFor(
      CommandIDs.reconnect,
      trans.__('Reconnect Now'),
      trans.__('Connect the views to the kernel, without waiting any longer'),
      target => on.canReconnect(target),
      target => on.reconnect(target)
    );
    addFor(
      CommandIDs.report,
      trans.__('Connection Report…'),
      trans.__('Show versions and state of the connection, to be copied'),
      () => true,
      target => on.report(target)
    );

    add(CommandIDs.createExample, {
      label: args =>
        args.isPalette === true
          ? trans.__('New wslink Example')
          : trans.__('wslink Example'),
      caption: trans.__('Create a notebook with a first live view'),
      icon: viewIcon,
      describedBy: { args: EXAMPLE_ARGS },
      execute: ({ cwd }) =>
        createExample(app, typeof cwd === 'string' ? cwd : '', trans)
    });
    launcher?.add({
      command: CommandIDs.createExample,
      // The application's own section, whatever it is called.
      category: words.load('jupyterlab').__('Other'),
      rank: 90
    });
  }
};
