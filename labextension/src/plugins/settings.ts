/**
 * The plugin that reads the settings, for the others.
 */

import {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ISettingRegistry } from '@jupyterlab/settingregistry';

import { IUserSettings, UserSettings } from '../services/userSettings';
import { PluginIDs } from '../tokens';

export const settingsPlugin: JupyterFrontEndPlugin<IUserSettings> = {
  id: PluginIDs.settings,
  description: 'Reads the settings of wslink.',
  autoStart: true,
  provides: IUserSettings,
  optional: [ISettingRegistry],
  activate: (
    _app: JupyterFrontEnd,
    registry: ISettingRegistry | null
  ): IUserSettings => {
    const settings = new UserSettings();
    const follow = async (from: ISettingRegistry): Promise<void> => {
      const loaded = await from.load(PluginIDs.settings);
      settings.take(loaded.composite);
      loaded.changed.connect(() => settings.take(loaded.composite));
    };
    if (registry !== null) {
      // Nobody waits for it: an application that starts has enough to do.
      follow(registry).catch((error: unknown) =>
        console.warn(
          `wslink-jupyter: settings not read, defaults hold: ${String(error)}`
        )
      );
    }
    return settings;
  }
};
