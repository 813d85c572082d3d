/**
 * Light or dark, as the system is: a plain page has no theme of its own.
 */

import { Signal } from '@lumino/signaling';

import { IViewTheme } from '../services/viewTheme';

/** The theme of the system. */
export class SystemTheme implements IViewTheme {
  constructor() {
    this._dark.addEventListener('change', () =>
      this.changed.emit(this.current)
    );
  }

  get current(): 'light' | 'dark' {
    return this._dark.matches ? 'dark' : 'light';
  }

  readonly changed = new Signal<this, 'light' | 'dark'>(this);

  private readonly _dark = matchMedia('(prefers-color-scheme: dark)');
}
