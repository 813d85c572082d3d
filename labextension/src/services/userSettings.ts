/**
 * What the user has chosen in the settings editor.
 */

import { Token } from '@lumino/coreutils';
import { ISignal, Signal } from '@lumino/signaling';

/** The choices; their names are those of `schema/settings.json`. */
export interface IChoices {
  /** Whether `wl.show(...)` opens a panel, or only offers one. */
  readonly openPanels: boolean;
  /** Whether the status bar has our badge. */
  readonly showStatus: boolean;
  /** Whether lost connections are told in notifications. */
  readonly notifyOfLoss: boolean;
}

/** What holds where there are no settings, and until they are read. */
const DEFAULTS: IChoices = {
  openPanels: true,
  showStatus: true,
  notifyOfLoss: true
};

/** The choices of now. */
export interface IUserSettings extends IChoices {
  /** Emitted when a choice has changed. */
  readonly changed: ISignal<IUserSettings, void>;
}

export const IUserSettings = new Token<IUserSettings>(
  'wslink-jupyter:IUserSettings',
  'What the user has chosen in the settings of wslink.'
);

/** Holds the choices. */
export class UserSettings implements IUserSettings {
  get openPanels(): boolean {
    return this._choices.openPanels;
  }

  get showStatus(): boolean {
    return this._choices.showStatus;
  }

  get notifyOfLoss(): boolean {
    return this._choices.notifyOfLoss;
  }

  readonly changed = new Signal<this, void>(this);

  /**
   * Take what the settings say.
   *
   * @param composite - Checked against the schema; what is missing has its default.
   */
  take(composite: Readonly<Record<string, unknown>>): void {
    this._choices = { ...DEFAULTS, ...(composite as Partial<IChoices>) };
    this.changed.emit();
  }

  private _choices = DEFAULTS;
}
