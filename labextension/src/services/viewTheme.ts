/**
 * Whether the page is light or dark, for views which draw their own pixels.
 */

import { IThemeManager } from '@jupyterlab/apputils';
import { ISignal, Signal } from '@lumino/signaling';

/** The theme as views see it. */
export interface IViewTheme {
  readonly current: 'light' | 'dark';
  /** Emitted when `current` has become another. */
  readonly changed: ISignal<IViewTheme, 'light' | 'dark'>;
}

/** The theme of the application. */
export class ViewTheme implements IViewTheme {
  /** @param manager - The theme manager, or null where there is none: light. */
  constructor(manager: IThemeManager | null) {
    this._manager = manager;
    this._last = this.current;
    manager?.themeChanged.connect(this._onThemeChanged, this);
  }

  get current(): 'light' | 'dark' {
    const theme = this._manager?.theme ?? null;
    // No theme is set while the first one still loads.
    return theme === null || this._manager!.isLight(theme) ? 'light' : 'dark';
  }

  readonly changed = new Signal<this, 'light' | 'dark'>(this);

  private readonly _onThemeChanged = (): void => {
    const current = this.current;
    if (current !== this._last) {
      this._last = current;
      this.changed.emit(current);
    }
  };

  private readonly _manager: IThemeManager | null;
  private _last: 'light' | 'dark';
}
